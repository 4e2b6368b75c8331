using System.Buffers.Binary;
using System.Numerics;
using Keyladder.Cryptography.Oprf;
using Keyladder.Hosting.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore.Records;

/// <summary>
/// What is answered about a username that is not registered: what a record of it would look like, the same each time, made from the at-rest secret and the index alone. It is made for each
/// username that is asked about, so that this work tells nothing.
/// </summary>
internal sealed class Decoys(AtRestSecret secret, RecordSealing sealing, RecordGuardian guardian)
{
    private const byte EnvelopeVersion = 0x01;

    public StoredRecord Of(byte[] index)
    {
        var id = Id("recovery/v1/decoy-id", index);
        using var key = OprfKey.Derive(secret.Derive("recovery/v1/decoy-oprf-key", index, OprfKey.SeedSize), []);
        using var scalar = key.DangerousExport();
        return new StoredRecord(
            id,
            index,
            Username: [],
            sealing.SealKey(id, scalar),
            Envelope("recovery/v1/decoy-password-slot", index, RecoveryLimits.SlotBytes),
            ResetSlot: [],
            Envelope("recovery/v1/decoy-kit", index, RecoveryLimits.SealedKitBytes),
            Share: [],
            guardian.Origin.ToString(),
            sealing.SealHandle(id, Id("recovery/v1/decoy-handle", index)),
            Revision(index),
            Signer: []);
    }

    private Guid Id(string label, byte[] index)
    {
        var bytes = secret.Derive(label, index, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40); // version 4, RFC 9562 section 5.4
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private byte[] Envelope(string label, byte[] index, int length) => [EnvelopeVersion, .. secret.Derive(label, index, length - 1)];

    // People change their passwords: if only records had a revision above one, it would tell them. One of four has been changed, one of those four again.
    private long Revision(byte[] index) =>
        1 + (BitOperations.LeadingZeroCount(BinaryPrimitives.ReadUInt32BigEndian(secret.Derive("recovery/v1/decoy-revision", index, sizeof(uint))) | 1) / 2);
}
