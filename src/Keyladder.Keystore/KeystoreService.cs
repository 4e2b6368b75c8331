using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
using Keyladder.Keystore.Accounts;
using Keyladder.Keystore.Admissions;
using Keyladder.Keystore.Audit;
using Keyladder.Keystore.Changes;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Sessions;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keyladder.Keystore;

/// <summary>The Keystore as a web application: keeps a person's wrapped keys and the heads that say which of them count (docs/spec/keystore-api.md).</summary>
public static class KeystoreService
{
    /// <summary>Built, not started. It migrates its database when it starts; <see cref="WebApplication.Urls"/> then holds the address that it listens on.</summary>
    /// <exception cref="StartupException">The options or the service secret are not good; starting throws it where the database is not.</exception>
    public static WebApplication Build(KeystoreOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var registered = options.ValidateKeystore();
        var builder = ServiceApplication.CreateBuilder(options, typeof(KeystoreService).Assembly, KeystoreRoutes.MaxBodyBytes, time ?? TimeProvider.System);
        logging?.Invoke(builder.Logging);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(registered)
            .AddSingleton<Admittance>()
            .AddSingleton(new SweptTable("invitations"))
            .AddSingleton(new SweptTable("spent_admissions"))
            .AddSingleton<AuditLog>()
            .AddSingleton<AccountsStore>()
            .AddSingleton<SignInChecks>()
            .AddSingleton<FailedSignIns>()
            .AddSingleton<SessionsStore>()
            .AddSingleton<SlotsStore>()
            .AddSingleton<ChangesStore>();

        var app = ServiceApplication.Build(builder);
        IssueNonce.Map(app);
        SignUp.Map(app);
        GetAccount.Map(app);
        GetAccountData.Map(app);
        DeleteAccount.Map(app);
        SignIn.Map(app);
        ListSessions.Map(app);
        RevokeSession.Map(app);
        ChangeSlots.Map(app);
        GetKey.Map(app);
        FetchKeys.Map(app);
        GetChanges.Map(app);
        PutChanges.Map(app);
        GetAudit.Map(app);
        return app;
    }
}
