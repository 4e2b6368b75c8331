using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Backups;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Sessions;
using Keyladder.PassphraseStore.Attempts;
using Keyladder.PassphraseStore.Backups;
using Keyladder.PassphraseStore.Codes;
using Keyladder.PassphraseStore.Devices;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Mail;
using Keyladder.PassphraseStore.Records;
using Keyladder.PassphraseStore.Releases;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keyladder.PassphraseStore;

/// <summary>A Passphrase Store as a web application: with a Guardian, and not without, it gives a person the words of her account back for a password (docs/spec/passphrase-store.md).</summary>
public static class PassphraseStoreService
{
    /// <summary>What the operator does about backups.</summary>
    public static ServiceBackups Backups { get; } = new(typeof(PassphraseStoreService).Assembly, new PassphraseStoreBackupCheck());

    /// <summary>Built, not started. It migrates its database when it starts; <see cref="WebApplication.Urls"/> then holds the address that it listens on.</summary>
    /// <exception cref="StartupException">The options or the service secret are not good; starting throws it where the database or the at-rest secret is not.</exception>
    public static WebApplication Build(PassphraseStoreOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = time ?? TimeProvider.System;
        var builder = ServiceApplication.CreateBuilder(options, PassphraseStoreRoutes.MaxGuestBodyBytes, clock);
        var guardian = options.ValidatePassphraseStore();
        logging?.Invoke(builder.Logging);
        builder.Services
            .AddRecovery(options)
            .AddSingleton(options)
            .AddSingleton<ServiceOptions>(options)
            .AddSingleton(new SweptTable("codes"))
            .AddSingleton<FailedSignIns>()
            .AddSingleton(new RecordGuardian(guardian))
            .AddSingleton<IMailOutlet>(options.Mail.Folder is { } folder ? new FolderOutlet(folder, clock) : new SmtpOutlet(options.Mail))
            .AddSingleton<Mails>()
            .AddSingleton<DeferredWork>()
            .AddHostedService(provider => provider.GetRequiredService<DeferredWork>())
            .AddSingleton<UsernameIndex>()
            .AddSingleton<CodesStore>()
            .AddSingleton<SendCode>()
            .AddSingleton<RecordSealing>()
            .AddSingleton<FreshKeys>()
            .AddSingleton<Decoys>()
            .AddSingleton<Signers>()
            .AddSingleton<RecordGuesses>()
            .AddSingleton<Notices>()
            .AddSingleton<CreateRecord>()
            .AddSingleton<ReplaceRecord>()
            .AddSingleton<DeleteRecord>()
            .AddSingleton<Evaluate>()
            .AddSingleton<Attempt>()
            .AddSingleton<DeviceAttempt>()
            .AddSingleton<ReportSuccess>()
            .AddSingleton<Release>()
            .AddSingleton<PutDevice>()
            .AddSingleton<DeleteDevice>()
            .AddSingleton<ListEvents>();

        var app = ServiceApplication.Build(builder);
        SendCode.Map(app);
        Evaluate.Map(app);
        CreateRecord.Map(app);
        Attempt.Map(app);
        DeviceAttempt.Map(app);
        ListEvents.Map(app);
        ReportSuccess.Map(app);
        ReplaceRecord.Map(app);
        Release.Map(app);
        PutDevice.Map(app);
        DeleteDevice.Map(app);
        DeleteRecord.Map(app);
        return app;
    }
}
