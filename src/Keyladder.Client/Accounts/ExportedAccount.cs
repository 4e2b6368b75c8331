using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// An export, verified from the secret up (docs/spec/export.md section 2): it is the account as its newest head signs for it, complete, and
/// every key opens.
/// </summary>
internal sealed class ExportedAccount : IDisposable
{
    /// <summary>Keys that an export may hold, the identity keypair included. More than a service lists in one answer is no account of this client.</summary>
    public const long MaxKeys = 500_000;

    private const int LongestKey = 4 * 1024;

    private bool _handedOver;

    private ExportedAccount(KeystoreTrust trust, SlotMessage slot, long head, StoredKey identity, IReadOnlyList<StoredKey> keys) =>
        (Trust, Slot, Head, Identity, Keys) = (trust, slot, head, identity, keys);

    public KeystoreTrust Trust { get; }

    public AccountId Account => Trust.Account;

    public KeyEncryptionKeyId Kek => Identity.Kek;

    /// <summary>The one whose secret opened the export.</summary>
    public SlotMessage Slot { get; }

    /// <summary>Number of the head that signs for all of it, at the service that it comes from.</summary>
    public long Head { get; }

    /// <summary>In revision 1, as every key is that comes new to a service.</summary>
    public StoredKey Identity { get; }

    /// <summary>The others, in revision 1 too.</summary>
    public IReadOnlyList<StoredKey> Keys { get; }

    /// <exception cref="KeyladderException">It is no export, was cut or altered, or the secret does not open it.</exception>
    public static async Task<ExportedAccount> OpenAsync(Stream input, UnlockSecret secret, CancellationToken cancellationToken)
    {
        using var derived = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        using var login = derived.DeriveLoginKeypair();
        using var mek = derived.DeriveMasterEncryptionKey();
        return await ReadAsync(input, mek, secret.SlotKind, login.PublicKey, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="input">From its beginning to its end.</param>
    /// <param name="mek">From the unlock secret.</param>
    /// <param name="kind">Of the slot, as the unlock secret has it.</param>
    /// <param name="login">Of the slot, as derived from the unlock secret.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">As for <see cref="OpenAsync"/>.</exception>
    public static async Task<ExportedAccount> ReadAsync(
        Stream input, MasterEncryptionKey mek, string kind, Ed25519PublicKey login, CancellationToken cancellationToken) =>
        await TryReadAsync(input, mek, kind, login, cancellationToken).ConfigureAwait(false) ?? throw Failures.ExportOfOtherSecret();

    /// <returns>Null where it is of another secret.</returns>
    /// <inheritdoc cref="ReadAsync(Stream, MasterEncryptionKey, string, Ed25519PublicKey, CancellationToken)"/>
    public static async Task<ExportedAccount?> TryReadAsync(
        Stream input, MasterEncryptionKey mek, string kind, Ed25519PublicKey login, CancellationToken cancellationToken)
    {
        var lines = new BoundedLines(input, Failures.NotAnExport);
        var start = await ReadAsync(lines, BoundedLines.Longest, ProtocolJson.Default.AccountExportMessage, cancellationToken).ConfigureAwait(false);
        if (start is not { Format: AccountExportMessage.Version1, Slot.Locator: null })
            throw Failures.NotAnExport();
        if (!start.Slot.Login.AsSpan().SequenceEqual(login.Bytes))
            return null;
        KeystoreTrust? trust = null;
        try
        {
            trust = KeystoreTrust.Open(
                new AccountId(start.Account), mek, kind, login, new AccountResponse(start.Slot, start.Identity, start.Head, [], [], []));
            return await ReadKeysAsync(lines, start, trust, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException e)
        {
            trust?.Dispose();
            throw Failures.ExportAltered($"{e.Object} is not what belongs there", e);
        }
        catch
        {
            trust?.Dispose();
            throw;
        }
    }

    /// <summary>What opened is the caller's to dispose of from here on.</summary>
    public KeystoreTrust HandOver()
    {
        _handedOver = true;
        return Trust;
    }

    public void Dispose()
    {
        if (!_handedOver)
            Trust.Dispose();
    }

    // Nothing is sent or shown before the last line: only then the root says that nothing was dropped, or is older than the head.
    private static async Task<ExportedAccount> ReadKeysAsync(
        BoundedLines lines, AccountExportMessage start, KeystoreTrust trust, CancellationToken cancellationToken)
    {
        var head = trust.Read(start.Head).Head;
        if (start.Slot.Kind != trust.OwnSlot.Kind || !head.Slots.Contains(trust.OwnSlot))
            throw Failures.ExportAltered("the slot is not among those of its head");
        if (head.Count > MaxKeys)
            throw Failures.NotAllowed($"The export holds more than {MaxKeys} keys.", "Delete keys that nothing needs any more, and export the account again.");

        using var inUse = new KeysInUse();
        var wrapping = new KeyWrapping(trust, inUse);
        var identity = StoredKey.Read(start.Identity);
        var leaves = new Dictionary<Hash256, Hash256> { [KeyLeaf.Path(identity.Id)] = identity.Leaf };
        var keys = new List<StoredKey>();
        var last = "";
        while (await lines.ReadAsync(LongestKey, cancellationToken).ConfigureAwait(false) is { } line)
        {
            var key = StoredKey.Read(Parse(line.Span, ProtocolJson.Default.KeyMessage));
            var id = key.Id.ToString();
            if (leaves.Count == head.Count)
                throw Failures.ExportAltered($"it holds more keys than the {Number(head.Count)} that were signed for");
            if (string.CompareOrdinal(last, id) >= 0 || key.Id == identity.Id)
                throw Failures.ExportAltered($"key {id} is there twice, or out of its order");
            if (key.Kek != trust.Kek.Id)
                throw Failures.ExportAltered($"key {id} is of another KEK");
            wrapping.Unwrap(wrapping.Describe(key)).Dispose();
            leaves.Add(KeyLeaf.Path(key.Id), key.Leaf);
            keys.Add(wrapping.Renumber(key, 1));
            last = id;
        }

        if (leaves.Count != head.Count)
            throw Failures.ExportAltered($"it holds {Number(leaves.Count)} keys, and {Number(head.Count)} were signed for");
        if (SparseMerkleTree.ComputeRoot(leaves) != head.Root)
            throw Failures.ExportAltered($"a key is not the one that was signed for at change {Number(head.Number)}, but an older or a deleted one");
        return new ExportedAccount(trust, start.Slot, head.Number, wrapping.Renumber(identity, 1), keys);
    }

    private static async Task<T> ReadAsync<T>(BoundedLines lines, int longest, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await lines.ReadAsync(longest, cancellationToken).ConfigureAwait(false) is { } line ? Parse(line.Span, type) : throw Failures.NotAnExport();

    private static T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class => StrictJson.TryRead(line, type, out var value) ? value : throw Failures.NotAnExport();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
