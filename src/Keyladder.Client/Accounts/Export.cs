using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>Writes the account's export (docs/spec/export.md), from one state of it that is verified as a whole.</summary>
internal sealed class Export(KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch watch, KeyCopy copy, KeyWrapping wrapping)
{
    private const int Tries = 8;

    /// <returns>How many keys it holds, the identity keypair not counted.</returns>
    public async Task<int> WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        if (trust.OwnSlot.Kind == SlotKind.Device)
            throw Failures.NotAllowed(
                "A device's own secret unlocked the account here, and nothing else would open the export.",
                "Unlock the account with words or a passphrase, and export it from there.");
        return await WriteForThisDeviceAsync(output, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for a device that is to open it itself.</summary>
    public async Task<int> WriteForThisDeviceAsync(Stream output, CancellationToken cancellationToken)
    {
        var (shown, keys) = await ReadAsync(cancellationToken).ConfigureAwait(false);

        // What does not open here would open nowhere: better found while the account is at hand.
        foreach (var key in keys)
            wrapping.Unwrap(wrapping.Describe(key)).Dispose();

        var identity = keys.Single(key => key.Id == trust.Identity.Id);
        var start = new AccountExportMessage(
            AccountExportMessage.Version1, trust.Account.Value, OwnSlot(shown), identity.ToMessage(), shown.Head);
        await WriteLineAsync(output, StrictJson.Write(start, ProtocolJson.Default.AccountExportMessage), cancellationToken).ConfigureAwait(false);
        foreach (var key in keys.Where(key => key != identity).OrderBy(key => key.Id.ToString(), StringComparer.Ordinal))
            await WriteLineAsync(output, StrictJson.Write(key.ToMessage(), ProtocolJson.Default.KeyMessage), cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return keys.Count - 1;
    }

    /// <summary>Every key, and the own slot at the same head.</summary>
    private async Task<(AccountResponse Shown, IReadOnlyList<StoredKey> Keys)> ReadAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            await copy.SyncAsync(cancellationToken).ConfigureAwait(false);
            var held = copy.Held;
            var (shown, pin) = await watch.ReadAsync(
                since => calls.GetAccountAsync(since, cancellationToken),
                answer => (answer.Head, answer.Chain),
                (answer, head, pin) => IsOwnSlot(answer.Slot, head.Head.Number) ? (answer, pin) : throw Alarms.DoesNotOpen("the wrapped KEK", inner: null),
                cancellationToken).ConfigureAwait(false);
            if (pin.Hash == held.At.Hash)
                return (shown, [.. held.Objects.Values]);
        }

        throw Failures.Conflict();
    }

    private bool IsOwnSlot(SlotMessage shown, long head)
    {
        var own = trust.OwnSlotAt(head);
        return new SlotId(shown.Id) == own.Id && Hash256.Of(shown.Wrapped) == own.Wrapped;
    }

    // Kind and login key are not the service's to say.
    private SlotMessage OwnSlot(AccountResponse shown) =>
        new(trust.OwnSlot.Id.Value, trust.OwnSlot.Kind, trust.OwnSlot.Login.Bytes.ToArray(), shown.Slot.Wrapped);

    private static ValueTask WriteLineAsync(Stream output, byte[] json, CancellationToken cancellationToken) =>
        output.WriteAsync((byte[])[.. json, (byte)'\n'], cancellationToken);
}
