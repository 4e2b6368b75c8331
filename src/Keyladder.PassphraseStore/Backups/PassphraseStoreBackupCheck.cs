using Keyladder.Hosting.Backups;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore.Backups;

/// <summary>A record has no head that says what belongs to it: its parts are looked at for their lengths, and each device and event for its record.</summary>
internal sealed class PassphraseStoreBackupCheck : BackupCheck
{
    public override async Task<BackupSummary> RunAsync(Backup backup, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(backup);
        var (records, devices, wrong) = await backup.Database.ReadAsync(
            new Statement("""
                SELECT count(*) FROM records;
                SELECT count(*) FROM devices;
                SELECT count(*) FROM records WHERE length(username_index) <> @index OR length(password_slot) <> @slot OR length(reset_slot) <> @slot OR length(kit) <> @kit OR revision < 1;
                SELECT (SELECT count(*) FROM devices WHERE record_id NOT IN (SELECT record_id FROM records)) + (SELECT count(*) FROM events WHERE record_id NOT IN (SELECT record_id FROM records));
                """)
            {
                { "index", RecoveryLimits.ElementBytes },
                { "slot", RecoveryLimits.SlotBytes },
                { "kit", RecoveryLimits.SealedKitBytes },
            },
            async rows => (await NumberAsync(rows), await NumberAsync(rows), await NumberAsync(rows) + await NumberAsync(rows)),
            cancellation);
        return wrong == 0
            ? new BackupSummary(backup.Schema, (int)records, 0, devices, "devices")
            : throw Backup.Damaged(what: "holds records that are not whole");

        async Task<long> NumberAsync(Rows rows) => (await rows.ListAsync(row => row.GetInt64(0), cancellation)).Single();
    }
}
