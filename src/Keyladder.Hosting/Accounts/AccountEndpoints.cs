using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Admissions;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Witnesses;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keyladder.Hosting.Accounts;

/// <summary>What every service that keeps accounts has: sign-up, sessions, audit, objects under heads, a witness of another service, a person's data, and the account's end.</summary>
public static class AccountEndpoints
{
    /// <param name="tables">Those of the service's own.</param>
    /// <exception cref="StartupException">The options are not good.</exception>
    public static IServiceCollection AddAccounts<THead, TObject, TTable>(this IServiceCollection services, ServiceOptions options, AccountTables tables)
        where THead : Head, IHead<THead>
        where TObject : class
        where TTable : ObjectTable<THead, TObject>
    {
        ArgumentNullException.ThrowIfNull(options);
        return services
            .AddSingleton(options)
            .AddSingleton(options.ValidateAccounts())
            .AddSingleton(tables)
            .AddSingleton(new SweptTable("sessions"))
            .AddSingleton(new SweptTable("spent_nonces"))
            .AddSingleton(new SweptTable("invitations"))
            .AddSingleton(new SweptTable("spent_admissions"))
            .AddSingleton(THead.Events)
            .AddSingleton<AuditLog>()
            .AddSingleton<Admittance>()
            .AddSingleton<SignInChecks>()
            .AddSingleton<FailedSignIns>()
            .AddSingleton<SessionsStore>()
            .AddSingleton<SignUps>()
            .AddSingleton<ObjectTable<THead, TObject>, TTable>()
            .AddSingleton<ObjectReads<THead, TObject>>()
            .AddSingleton<ObjectChanges<THead, TObject>>()
            .AddSingleton<ObjectWrites<THead, TObject>>()
            .AddSingleton<Deletions<THead, TObject>>();
    }

    /// <summary>The endpoints that are the same at every service.</summary>
    public static void MapAccounts<THead, TObject>(this IEndpointRouteBuilder routes)
        where THead : Head, IHead<THead>
        where TObject : class
    {
        IssueNonce.Map(routes);
        SignIn.Map(routes);
        ListSessions.Map(routes);
        RevokeSession.Map(routes);
        GetAudit.Map(routes);
        GetAccountData.Map(routes);
        WitnessEndpoints.Map(routes);
        DeleteAccount.Map<THead, TObject>(routes);
    }
}
