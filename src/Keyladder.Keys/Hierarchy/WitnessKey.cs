using System.Buffers.Binary;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// Seals what one service keeps of another's heads (docs/spec/witness.md section 1), and nothing else. It follows from the KEK, so that every
/// state of the account that has the KEK has it too.
/// </summary>
public sealed class WitnessKey : IDisposable
{
    /// <summary>Heads that one witness names at most.</summary>
    public const int MaxHeads = 8;

    internal const int KeySize = 32;

    private const int UuidSize = 16;
    private const int EntrySize = UuidSize + sizeof(ulong) + Hash256.Size;
    private const long Limit = 1L << 53;

    private static readonly Padding Padded = Padding.Fixed(512);

    private readonly AccountId account;
    private readonly KeyEncryptionKeyId kek;
    private readonly SecretBytes key;

    internal WitnessKey(AccountId account, KeyEncryptionKeyId kek, SecretBytes key) => (this.account, this.kek, this.key) = (account, kek, key);

    /// <param name="keeper">The person's account id at the service that is to keep it.</param>
    /// <param name="heads">One to <see cref="MaxHeads"/>, of one account each; the one witnessed last first.</param>
    /// <returns>The envelope, of one length whatever it names.</returns>
    /// <exception cref="ArgumentException">There are none or too many, an account is named twice, or a number is none.</exception>
    public byte[] Seal(AccountId keeper, IReadOnlyList<WitnessedHead> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        if (!AreWellFormed(heads))
            throw new ArgumentException("A witness names one to eight heads, of one account each.", nameof(heads));
        var content = new byte[heads.Count * EntrySize];
        foreach (var (index, head) in heads.Index())
        {
            var entry = content.AsSpan(index * EntrySize, EntrySize);
            head.Account.Value.TryWriteBytes(entry, bigEndian: true, out _);
            BinaryPrimitives.WriteInt64BigEndian(entry[UuidSize..], head.Number);
            head.Hash.ToArray().CopyTo(entry[(UuidSize + sizeof(ulong))..]);
        }

        return Envelope.Seal(key, Contexts.Witness(account, kek, keeper), content, Padded);
    }

    /// <exception cref="OpenFailedException">This key did not seal it for that keeper, or it was altered.</exception>
    public IReadOnlyList<WitnessedHead> Open(AccountId keeper, ReadOnlySpan<byte> envelope)
    {
        var content = Envelope.Open(key, Contexts.Witness(account, kek, keeper), envelope, Padded);
        var heads = content.Chunk(EntrySize).Where(entry => entry.Length == EntrySize).Select(Read).ToList();
        return content.Length == heads.Count * EntrySize && AreWellFormed(heads) ? heads : throw new OpenFailedException();
    }

    public void Dispose() => key.Dispose();

    public override string ToString() => nameof(WitnessKey);

    internal SecretBytes CopyKeyBytes() => SecretBytes.CopyOf(key.DangerousSpan);

    private static WitnessedHead Read(byte[] entry) => new(
        new AccountId(new Guid(entry.AsSpan(0, UuidSize), bigEndian: true)),
        BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(UuidSize)),
        new Hash256(entry.AsSpan(UuidSize + sizeof(ulong))));

    private static bool AreWellFormed(IReadOnlyList<WitnessedHead> heads) =>
        heads.Count is >= 1 and <= MaxHeads
        && heads.All(head => head.Number is >= 1 and < Limit && AccountId.TryParse(head.Account.ToString(), out _))
        && heads.DistinctBy(head => head.Account).Count() == heads.Count;
}

/// <summary>A head, as a witness names it.</summary>
/// <param name="Account">Whose it is, by the id at the service that has it.</param>
/// <param name="Number">From 1, below 2^53.</param>
/// <param name="Hash">Its hash.</param>
public sealed record WitnessedHead(AccountId Account, long Number, Hash256 Hash);
