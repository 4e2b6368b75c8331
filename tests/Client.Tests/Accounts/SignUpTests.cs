using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Accounts;

/// <summary>At services that do not let everybody in.</summary>
public sealed class SignUpTests
{
    [Theory, OnBothEngines]
    public async Task An_invitation_lets_one_person_in(Engine engine)
    {
        await using var service = await KeystoreHost.StartAsync(engine, settings: options => options with { SignUp = SignUpRule.Invitation });
        var (invitation, _) = await Invitations.CreateAsync(
            new KeystoreOptions { Data = service.Database.Folder.FullName, Database = service.Database.Postgres }, days: 1, service.Time, Cancellation);
        using var code = invitation;
        await using var alice = new Person(service.Origin);
        await using var bob = new Person(service.Origin);

        await IsClosedAsync(() => alice.Device().SignUpAsync(alice.Secret, Cancellation));
        var me = alice.Keep(await alice.Device().SignUpAsync(alice.Secret, code, Cancellation));
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await IsClosedAsync(() => bob.Device().SignUpAsync(bob.Secret, code, Cancellation));
        Assert.Single(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task An_admission_of_a_registered_app_lets_one_person_in(Engine engine)
    {
        using var app = Ed25519PrivateKey.Generate();
        await using var service = await KeystoreHost.StartAsync(
            engine, settings: options => options with { SignUp = SignUpRule.Admission, AdmissionKeys = Did.Of(app.PublicKey).ToString() });
        Assert.True(Origin.TryCreate(service.Origin, out var origin));
        var admission = Admission.Create(origin, service.Time.GetUtcNow()).Sign(app);
        await using var alice = new Person(service.Origin);
        await using var bob = new Person(service.Origin);

        alice.Keep(await alice.Device().SignUpAsync(alice.Secret, admission, Cancellation));
        await IsClosedAsync(() => bob.Device().SignUpAsync(bob.Secret, admission, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_sign_up_whose_answer_is_lost_is_the_same_one_when_it_is_sent_again(Engine engine)
    {
        await using var service = await KeystoreHost.StartAsync(engine, settings: options => options with { SignUp = SignUpRule.First });
        using var http = new HttpClient(new LosesFirstAnswer("/v1/accounts"));
        await using var alice = new Person(service.Origin);

        await (await alice.SignUpAsync(alice.Device(http: http))).Keys.GeneratePersonalAsync("photos", Cancellation);
    }

    private static async Task IsClosedAsync(Func<Task> signUp) =>
        Assert.Equal(FailureReason.SignUpClosed, (await Assert.ThrowsAsync<KeyladderException>(signUp)).Reason);

    private sealed class LosesFirstAnswer(string path) : DelegatingHandler(new SocketsHttpHandler())
    {
        private bool _lost;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (_lost || request.RequestUri!.AbsolutePath != path)
                return response;
            _lost = true;
            response.Dispose();
            throw new HttpRequestException("Lost.");
        }
    }
}
