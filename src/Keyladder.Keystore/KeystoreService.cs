using Keyladder.Cryptography.Heads;
using Keyladder.Hosting;
using Keyladder.Hosting.Accounts;
using Keyladder.Hosting.Backups;
using Keyladder.Hosting.Recovery;
using Keyladder.Keystore.Accounts;
using Keyladder.Keystore.Backups;
using Keyladder.Keystore.Changes;
using Keyladder.Keystore.Guardian;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keyladder.Keystore;

/// <summary>
/// The Keystore as a web application: keeps a person's wrapped keys and the heads that say which of them count (docs/spec/keystore-api.md); and is a Guardian for whoever asks
/// (docs/spec/passphrase-store.md).
/// </summary>
public static class KeystoreService
{
    /// <summary>What the operator does about backups.</summary>
    public static ServiceBackups Backups { get; } = new(typeof(KeystoreService).Assembly, new KeystoreBackupCheck());

    private static readonly AccountTables Tables = new(new AccountTable("keys", "key_id"), new AccountTable("tombstones", "key_id"), new AccountTable("changes", "number, key_id"));

    /// <summary>Built, not started. It migrates its database when it starts; <see cref="WebApplication.Urls"/> then holds the address that it listens on.</summary>
    /// <exception cref="StartupException">The options or the service secret are not good; starting throws it where the database is not.</exception>
    public static WebApplication Build(KeystoreOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ValidateKeystore();
        var builder = ServiceApplication.CreateBuilder(options, KeystoreRoutes.MaxBodyBytes, time ?? TimeProvider.System);
        logging?.Invoke(builder.Logging);
        builder.Services
            .AddAccounts<KeystoreHead, KeyMessage, KeysTable>(options, Tables)
            .AddRecovery(options)
            .AddSingleton(options)
            .AddSingleton<AccountsStore>()
            .AddSingleton<SlotsStore>()
            .AddSingleton<GuardianRecords>()
            .AddSingleton<GuardianGuests>()
            .AddSingleton<CreateGuardianRecord>()
            .AddSingleton<AttemptAtGuardian>()
            .AddSingleton<AttemptByGuardianDevice>()
            .AddSingleton<SucceedAtGuardian>()
            .AddSingleton<ReleaseGuardianShare>()
            .AddSingleton<PutGuardianDevice>()
            .AddSingleton<DeleteGuardianDevice>()
            .AddSingleton<DeleteGuardianRecord>();

        var app = ServiceApplication.Build(builder);
        app.MapAccounts<KeystoreHead, KeyMessage>();
        SignUp.Map(app);
        GetAccount.Map(app);
        ChangeSlots.Map(app);
        GetKey.Map(app);
        FetchKeys.Map(app);
        GetChanges.Map(app);
        PutChanges.Map(app);
        CreateGuardianRecord.Map(app);
        AttemptAtGuardian.Map(app);
        AttemptByGuardianDevice.Map(app);
        SucceedAtGuardian.Map(app);
        ReleaseGuardianShare.Map(app);
        PutGuardianDevice.Map(app);
        DeleteGuardianDevice.Map(app);
        DeleteGuardianRecord.Map(app);
        return app;
    }
}
