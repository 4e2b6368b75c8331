using System.Text;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore.Records;

/// <summary>What stands sealed in a record's row, each under a label of its own and the record's id: neither another column's value nor another row's opens in its place.</summary>
internal sealed class RecordSealing(AtRestSecret secret)
{
    private const string KeyLabel = "recovery/v1/at-rest-oprf-key";
    private const string ShareLabel = "recovery/v1/at-rest-share";
    private const string HandleLabel = "recovery/v1/at-rest-handle";
    private const string UsernameLabel = "recovery/v1/at-rest-username";

    public byte[] SealKey(Guid record, SecretBytes scalar) => Seal(scalar.DangerousSpan, KeyLabel, record);

    public OprfKey OpenKey(StoredRecord record)
    {
        using var scalar = secret.Open(record.Key, KeyLabel, IdOf(record.Id));
        return OprfKey.FromScalar(scalar.DangerousSpan);
    }

    public byte[] SealShare(Guid record, ReadOnlySpan<byte> share) => Seal(share, ShareLabel, record);

    public byte[] OpenShare(StoredRecord record) => Open(record.Share, ShareLabel, record);

    // The Guardian has it in clear: two databases must not have it in common.
    public byte[] SealHandle(Guid record, Guid handle) => Seal(IdOf(handle), HandleLabel, record);

    public Guid OpenHandle(StoredRecord record) => new(Open(record.Handle, HandleLabel, record), bigEndian: true);

    // Filled up, so that its length says nothing; a username has no control character.
    public byte[] SealUsername(Guid record, Username username)
    {
        var filled = new byte[RecoveryLimits.MaxUsernameBytes];
        username.Bytes.CopyTo(filled, 0);
        return Seal(filled, UsernameLabel, record);
    }

    public Username OpenUsername(StoredRecord record) =>
        Username.TryParse(Encoding.UTF8.GetString(Open(record.Username, UsernameLabel, record).AsSpan().TrimEnd((byte)0)), out var username)
            ? username
            : throw new InvalidDataException();

    private static byte[] IdOf(Guid id) => id.ToByteArray(bigEndian: true);

    private byte[] Seal(ReadOnlySpan<byte> content, string label, Guid record) => secret.Seal(content, label, IdOf(record));

    private byte[] Open(byte[] content, string label, StoredRecord record)
    {
        using var opened = secret.Open(content, label, IdOf(record.Id));
        return opened.DangerousSpan.ToArray();
    }
}
