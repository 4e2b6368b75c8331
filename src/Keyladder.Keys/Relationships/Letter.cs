using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// What one party of a relationship leaves for the other, opened (docs/spec/relationships.md section 5): signed statements, and for a share the
/// DEK and the copy that it seals.
/// </summary>
public sealed class Letter : IDisposable
{
    /// <summary>Statements that a letter holds at most: one about a share, and an event for each of its attributes.</summary>
    public const int MaxStatements = ShareStatement.MaxAttributes + 1;

    // In place of a label, which all letters would have in common.
    private const byte Version = 1;
    private const int HeaderSize = 1 + KeyBundle.NameSize + sizeof(int);

    private readonly SecretBytes? dek;

    private Letter(Guid id, ReadOnlyMemory<byte> keyName, SecretBytes? dek, IReadOnlyList<string> statements, ReadOnlyMemory<byte> copy) =>
        (Id, KeyName, this.dek, Statements, Copy) = (id, keyName, dek, statements, copy);

    /// <summary>As the service names it.</summary>
    public Guid Id { get; }

    /// <summary>As JWS; each still to be verified.</summary>
    public IReadOnlyList<string> Statements { get; }

    /// <summary>Whether there is a DEK.</summary>
    public bool HasDek => dek is not null;

    /// <summary>Sealed by the DEK; empty for none.</summary>
    public ReadOnlyMemory<byte> Copy { get; }

    internal ReadOnlyMemory<byte> KeyName { get; }

    internal Hash256? CopyHash => Copy.IsEmpty ? null : HashOf(Copy.Span);

    /// <summary>What a statement says of the copy.</summary>
    public static Hash256 HashOf(ReadOnlySpan<byte> copy) => new(SHA256.HashData(copy));

    /// <summary>Seals a letter.</summary>
    /// <param name="to">The other party's pinned keys.</param>
    /// <param name="from">Own DID.</param>
    /// <param name="id">Names the letter; that of the share for what is about one.</param>
    /// <param name="statements">1 to <see cref="MaxStatements"/>, as JWS.</param>
    /// <param name="dek">Of a share that is given; else null.</param>
    /// <param name="copy">What it seals; empty for none.</param>
    /// <exception cref="ArgumentException">There are no statements or too many.</exception>
    public static byte[] Seal(
        KeyBundle to, Did from, Guid id, IReadOnlyList<string> statements, SharingDataEncryptionKey? dek = null, ReadOnlyMemory<byte> copy = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(statements);
        if (statements.Count is 0 or > MaxStatements)
            throw new ArgumentException("A letter holds statements, and not more than a share has attributes.", nameof(statements));
        using var key = dek?.CopyKeyBytes();
        var keyBytes = key is null ? [] : key.DangerousSpan.ToArray();
        var content = Fields.Encode(statements[0], [keyBytes, .. statements.Skip(1).Select(statement => (Field)statement)]);
        var padded = new byte[Padding.Shortest.PaddedLength(content.Length)];
        try
        {
            Padding.Compose(content, 0, padded);
            var box = Hpke.Seal(to.SealingKey, Info(to.Relationship, id, from, to.Subject, to.SealingKey), padded);
            var letter = new byte[HeaderSize + box.Length + copy.Length];
            letter[0] = Version;
            KeyBundle.NameOf(to.SealingKey).CopyTo(letter, 1);
            BinaryPrimitives.WriteInt32BigEndian(letter.AsSpan(HeaderSize - sizeof(int)), box.Length);
            box.CopyTo(letter, HeaderSize);
            copy.CopyTo(letter.AsMemory(HeaderSize + box.Length));
            return letter;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keyBytes);
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <summary>The DEK that came with a share, as this account's own from now on, under an id of its own.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public SharingDataEncryptionKey TakeDek(AccountId account) =>
        SharingDataEncryptionKey.Receive(account, dek ?? throw new InvalidOperationException("No key came with this letter."));

    public void Dispose() => dek?.Dispose();

    /// <summary>Shows the id: the rest is between two people.</summary>
    public override string ToString() => $"letter {Id}";

    internal static bool TryReadKeyName(ReadOnlyMemory<byte> letter, out ReadOnlyMemory<byte> name)
    {
        name = letter.Length >= HeaderSize && letter.Span[0] == Version ? letter.Slice(1, KeyBundle.NameSize) : default;
        return !name.IsEmpty;
    }

    /// <exception cref="OpenFailedException">As for <see cref="RelationshipKey.Open"/>.</exception>
    internal static Letter Open(XWingPrivateKey key, Did to, KeyBundle from, Guid id, ReadOnlyMemory<byte> letter)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (!TryReadKeyName(letter, out var name) || !name.Span.SequenceEqual(KeyBundle.NameOf(key.PublicKey)))
            throw new OpenFailedException();
        var (length, rest) = (BinaryPrimitives.ReadInt32BigEndian(letter.Span[(HeaderSize - sizeof(int))..]), letter[HeaderSize..]);
        if (length < 0 || length > rest.Length)
            throw new OpenFailedException();
        var (box, copy) = (rest[..length], rest[length..]);

        using var padded = Hpke.Open(key, Info(from.Relationship, id, from.Subject, to, key.PublicKey), box.Span);
        if (!Padding.Shortest.TryRemove(padded.DangerousSpan, padded.Length, out var contentLength))
            throw new OpenFailedException();
        return Read(id, name, padded.DangerousSpan[..contentLength], copy) ?? throw new OpenFailedException();
    }

    private static Letter? Read(Guid id, ReadOnlyMemory<byte> name, ReadOnlySpan<byte> content, ReadOnlyMemory<byte> copy)
    {
        var own = content.ToArray();
        try
        {
            ReadOnlyMemory<byte> rest = own;
            if (!Fields.TryRead(ref rest, out var first) || !Fields.TryRead(ref rest, out var dek)
                || (dek.Length != 0 && dek.Length != DataEncryptionKey.KeySize) || dek.IsEmpty != copy.IsEmpty)
                return null;
            List<ReadOnlyMemory<byte>> statements = [first];
            while (!rest.IsEmpty)
            {
                if (statements.Count == MaxStatements || !Fields.TryRead(ref rest, out var next))
                    return null;
                statements.Add(next);
            }

            return statements.TrueForAll(statement => Ascii.IsValid(statement.Span))
                ? new Letter(id, name, dek.IsEmpty ? null : SecretBytes.CopyOf(dek.Span), statements.ConvertAll(statement => Encoding.ASCII.GetString(statement.Span)), copy)
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(own);
        }
    }

    private static byte[] Info(RelationshipId relationship, Guid letter, Did from, Did to, ReadOnlySpan<byte> sealingKey) =>
        Fields.Encode(Labels.Letter, relationship, letter.ToByteArray(bigEndian: true), from.ToString(), to.ToString(), SHA256.HashData(sealingKey));
}
