using System.Net;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Admissions;

/// <summary>Somebody at the door of a service, with or without something that lets them in.</summary>
internal static class Newcomer
{
    public static Task<Answer> KnockAsync(RunningService service, byte[]? invitation = null, string? admission = null, Person? person = null) =>
        KnockAsync(service, service.Http, invitation, admission, person);

    public static async Task<Answer> KnockAsync(RunningService service, HttpClient at, byte[]? invitation = null, string? admission = null, Person? person = null)
    {
        using var clientKey = X25519PrivateKey.Generate();
        var request = await (person ?? new Person(service)).SignUpRequestAsync(clientKey);
        return await Request.Post(ServiceRoutes.Accounts, request with { Invitation = invitation, Admission = admission }).SendAsync(at);
    }

    public static void IsLetIn(this Answer answer) => answer.Is(HttpStatusCode.Created);

    /// <summary>The settings of a service that takes admissions by these keys.</summary>
    public static Func<KeystoreOptions, KeystoreOptions> By(params Ed25519PrivateKey[] apps) =>
        options => options with { SignUp = SignUpRule.Admission, AdmissionKeys = string.Join(", ", apps.Select(app => Did.Of(app.PublicKey))) };
}
