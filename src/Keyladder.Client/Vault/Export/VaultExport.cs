using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>Writes a Vault's export (docs/spec/vault-export.md), from one state of the Vault and one of the account, each verified as a whole.</summary>
internal sealed class VaultExport(Export account, AccountKeys keys, Vault vault)
{
    /// <returns>How many items it holds.</returns>
    public async Task<int> WriteAsync(Stream output, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // The account after the Vault: what the Vault was sealed with is among its keys then.
        var snapshot = await vault.TakeSnapshotAsync(cancellationToken).ConfigureAwait(false);
        using var accountPart = new MemoryStream();
        await account.WriteAsync(accountPart, cancellationToken).ConfigureAwait(false);
        await RequireKeysAsync(snapshot, cancellationToken).ConfigureAwait(false);

        var counted = new CountedOutput(output, progress);
        await WriteMemberAsync(
            counted, ExportMember.Account, accountPart.Length, () => counted.WriteAsync(accountPart.GetBuffer().AsMemory(0, (int)accountPart.Length), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        await WriteMemberAsync(counted, ExportMember.Vault, Lines(snapshot).Sum(line => (long)line.Length), () => WriteLinesAsync(snapshot, counted, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var attachment in snapshot.Attachments)
        {
            await WriteMemberAsync(counted, ExportMember.Of(attachment.Id), attachment.SealedLength, async () =>
            {
                try
                {
                    await attachment.CopySealedAsync(vault.Id, vault.Fetch(attachment), counted, cancellationToken).ConfigureAwait(false);
                }
                catch (OpenFailedException e)
                {
                    throw Alarms.DoesNotOpen($"attachment {attachment.Id}", e);
                }
            }, cancellationToken).ConfigureAwait(false);
        }

        await counted.WriteAsync(new byte[2 * TarHeader.Size], cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return snapshot.Objects.Count(stored => stored.Name.Kind == ObjectKind.Item);
    }

    /// <summary>A key that was deleted never returns: what was there before the account was written, and is there now, was written.</summary>
    private async Task RequireKeysAsync(VaultSnapshot snapshot, CancellationToken cancellationToken)
    {
        var own = (await keys.ListAsync(cancellationToken).ConfigureAwait(false)).Where(key => key.Overview.Service?.Account == vault.Id).ToList();
        if (own.TrueForAll(key => key.Purpose != KeyPurpose.VaultHead))
            throw Failures.NotAllowed("The Vault is not one of this account's.", "Export it with the account that opened it.");
        var names = own.Where(key => key.Purpose == KeyPurpose.PersonalDek).Select(key =>
        {
            using var dek = keys.UnwrapPersonal(key);
            return dek.VaultName!.Value;
        }).ToHashSet();
        if (own.TrueForAll(key => key.Purpose != KeyPurpose.VaultSignIn) || snapshot.Objects.FirstOrDefault(stored => !names.Contains(stored.Dek)) is { })
            throw Failures.Conflict();
    }

    private static IEnumerable<byte[]> Lines(VaultSnapshot snapshot)
    {
        var start = new VaultExportMessage(VaultExportMessage.Version1, snapshot.Head.Head.Account.Value, snapshot.Head.Jws);
        yield return [.. StrictJson.Write(start, ProtocolJson.Default.VaultExportMessage), (byte)'\n'];
        foreach (var stored in snapshot.Objects)
            yield return [.. StrictJson.Write(stored.ToMessage(), ProtocolJson.Default.ObjectMessage), (byte)'\n'];
    }

    private static async Task WriteLinesAsync(VaultSnapshot snapshot, Stream output, CancellationToken cancellationToken)
    {
        foreach (var line in Lines(snapshot))
            await output.WriteAsync(line, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteMemberAsync(Stream output, string name, long length, Func<Task> write, CancellationToken cancellationToken)
    {
        await output.WriteAsync(TarHeader.Create(name, length), cancellationToken).ConfigureAwait(false);
        await write().ConfigureAwait(false);
        await output.WriteAsync(new byte[TarHeader.Gap(length)], cancellationToken).ConfigureAwait(false);
    }
}
