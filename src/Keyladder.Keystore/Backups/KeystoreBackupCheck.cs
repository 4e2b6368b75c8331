using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Backups;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Backups;

/// <summary>At the Keystore the newest head names the ways to unlock.</summary>
internal sealed class KeystoreBackupCheck() : BackupCheck<KeystoreHead, KeyMessage>(new KeysTable(new KeystoreOptions()))
{
    protected override string SelectOwn => "SELECT slot_id, kind, login, wrapped, locator FROM slots WHERE account_id = @account;";

    protected override async Task RequireOwnAsync(Rows rows, KeystoreHead newest, CancellationToken cancellation)
    {
        var slots = await rows.ListAsync(SlotsStore.Read, cancellation);
        Require(SlotsStore.AreOf(newest, slots.Select(SlotsStore.Describe)), "holds other ways to unlock than the newest head names");
    }
}
