using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;

namespace Services.Tests.Client;

/// <summary>A way to unlock. For the service, envelopes are bytes with a length and a first byte.</summary>
internal sealed record Slot(SlotId Id, byte[] Locator, Ed25519PrivateKey Login, byte[] Wrapped, string Kind = SlotKind.Words)
{
    public static Slot Generate() => new(SlotId.Generate(), RandomNumberGenerator.GetBytes(32), Ed25519PrivateKey.Generate(), Envelope(201));

    public SlotMessage Message => new(Id.Value, Kind, Login.PublicKey.Bytes.ToArray(), Wrapped, Locator);

    public HeadSlot InHead => new(Id, Kind, Login.PublicKey, Hash256.Of(Wrapped));

    public static byte[] Envelope(int size) => [1, .. RandomNumberGenerator.GetBytes(size - 1)];
}
