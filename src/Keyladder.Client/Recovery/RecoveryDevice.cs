using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Recovery;

namespace Keyladder.Client;

/// <summary>
/// What a known device has: the recovery code, a key for each of the two services, and which record, Guardian and account must be there
/// (docs/spec/passphrase-store.md section 1). Whoever reads it can reset the password together with the person's mailbox.
/// </summary>
public sealed class RecoveryDevice : IDisposable
{
    /// <summary>In bytes; what <see cref="DangerousExport"/> gives is no longer.</summary>
    public const int MaxSize = 2048;

    private static readonly RecoveryDeviceJson Json = new(StrictJson.CreateOptions());

    private readonly RecoveryCode _code;

    private RecoveryDevice(
        Username username, RecoveryPlace place, GuardianPlace guardian, AccountId account, Hash256 identity, RecoveryCode code, (RecoveryDeviceId Id, Ed25519PrivateKey Key) store,
        (RecoveryDeviceId Id, Ed25519PrivateKey Key) atGuardian)
    {
        (Username, Place, GuardianPlace, Account, Identity, _code) = (username, place, guardian, account, identity, code);
        (StoreId, StoreKey) = store;
        (GuardianId, GuardianKey) = atGuardian;
    }

    /// <summary>Of the person.</summary>
    public Username Username { get; }

    /// <summary>The Passphrase Store.</summary>
    public Uri Store => Place.Store.Address;

    /// <summary>The Guardian.</summary>
    public Uri Guardian => GuardianPlace.Guardian.Address;

    /// <summary>That must open.</summary>
    public AccountId Account { get; }

    /// <summary>Of that account.</summary>
    public Hash256 Identity { get; }

    /// <summary>The person's share; it belongs to this.</summary>
    public RecoveryCode RecoveryCode => _code;

    internal RecoveryPlace Place { get; }

    internal GuardianPlace GuardianPlace { get; }

    internal RecoveryDeviceId StoreId { get; }

    internal Ed25519PrivateKey StoreKey { get; }

    internal RecoveryDeviceId GuardianId { get; }

    internal Ed25519PrivateKey GuardianKey { get; }

    internal RecoverySigner AtStore => new(StoreId.Value, StoreKey);

    internal RecoverySigner AtGuardian => new(GuardianId.Value, GuardianKey);

    /// <summary>Reads what <see cref="DangerousExport"/> wrote; the caller clears it.</summary>
    public static bool TryImport(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RecoveryDevice? device)
    {
        device = null;
        if (bytes.Length > MaxSize
            || !StrictJson.TryRead(bytes, Json.Members, out var members)
            || members.Version != 1
            || !Username.TryParse(members.Username, out var username) || username.Text != members.Username
            || !members.Store.IsSecure || !members.Guardian.IsSecure
            || members.Identity.Length != Hash256.Size
            || members.StoreSeed.Length != Ed25519PrivateKey.SeedSize || members.GuardianSeed.Length != Ed25519PrivateKey.SeedSize
            || !RecoveryCode.TryParse(members.Code, out var code, out _))
            return false;
        device = new RecoveryDevice(
            username,
            new RecoveryPlace(members.Store, members.Record),
            new GuardianPlace(members.Guardian, members.Handle),
            members.Account,
            new Hash256(members.Identity),
            code,
            (members.StoreDevice, Ed25519PrivateKey.FromSeed(members.StoreSeed)),
            (members.GuardianDevice, Ed25519PrivateKey.FromSeed(members.GuardianSeed)));
        CryptographicOperations.ZeroMemory(members.StoreSeed);
        CryptographicOperations.ZeroMemory(members.GuardianSeed);
        return true;
    }

    /// <summary>JSON for a file that only its owner can read, or the system's keyring; the caller clears it.</summary>
    public byte[] DangerousExport()
    {
        Span<char> code = stackalloc char[RecoveryCode.TextLength];
        _code.DangerousWriteTo(code);
        using var storeSeed = StoreKey.DangerousExportSeed();
        using var guardianSeed = GuardianKey.DangerousExportSeed();
        var (storeBytes, guardianBytes) = (storeSeed.DangerousSpan.ToArray(), guardianSeed.DangerousSpan.ToArray());
        try
        {
            return StrictJson.Write(
                new Members
                {
                    Version = 1,
                    Username = Username.Text,
                    Store = Place.Store,
                    Record = Place.Record,
                    Guardian = GuardianPlace.Guardian,
                    Handle = GuardianPlace.Handle,
                    Account = Account,
                    Identity = Identity.ToArray(),
                    Code = new string(code),
                    StoreDevice = StoreId,
                    StoreSeed = storeBytes,
                    GuardianDevice = GuardianId,
                    GuardianSeed = guardianBytes,
                },
                Json.Members);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(code));
            CryptographicOperations.ZeroMemory(storeBytes);
            CryptographicOperations.ZeroMemory(guardianBytes);
        }
    }

    public void Dispose()
    {
        _code.Dispose();
        StoreKey.Dispose();
        GuardianKey.Dispose();
    }

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryDevice);

    internal static RecoveryDevice Generate(Username username, RecoveryPlace place, GuardianPlace guardian, AccountId account, Hash256 identity, RecoveryCode code) =>
        new(
            username,
            place,
            guardian,
            account,
            identity,
            code.Copy(),
            (RecoveryDeviceId.Generate(), Ed25519PrivateKey.Generate()),
            (RecoveryDeviceId.Generate(), Ed25519PrivateKey.Generate()));

    internal sealed class Members
    {
        public required long Version { get; init; }

        public required string Username { get; init; }

        public required Origin Store { get; init; }

        public required RecoveryRecordId Record { get; init; }

        public required Origin Guardian { get; init; }

        public required GuardianHandle Handle { get; init; }

        public required AccountId Account { get; init; }

        public required byte[] Identity { get; init; }

        public required string Code { get; init; }

        public required RecoveryDeviceId StoreDevice { get; init; }

        public required byte[] StoreSeed { get; init; }

        public required RecoveryDeviceId GuardianDevice { get; init; }

        public required byte[] GuardianSeed { get; init; }
    }
}

[JsonSerializable(typeof(RecoveryDevice.Members))]
internal sealed partial class RecoveryDeviceJson : JsonSerializerContext;
