using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Keys;

/// <summary>DIDs that sign in to apps: one for each, and no statement for one by the key of another.</summary>
public sealed class AccountDidsTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task Each_app_gets_a_DID_of_its_own_that_every_device_signs_in_with(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var (app, other) = (await me.Dids.LinkAsync(Link("https://app.example"), cancellationToken: Cancellation), await me.Dids.LinkAsync(Link("https://other.example"), cancellationToken: Cancellation));
        Assert.NotEqual(app.Did, other.Did);
        Assert.Equal(app.Did, (await me.Dids.LinkAsync(Link("https://app.example"), cancellationToken: Cancellation)).Did);

        var link = SignIn("https://app.example");
        var answer = await (await alice.UnlockAsync()).Dids.SignInAsync(link, cancellationToken: Cancellation);
        Assert.True(DidSignIn.TryVerify(answer.Response, out var statement));
        Assert.Equal((app.Did, link.Origin, DidSignInPurpose.SignIn, true), (statement.Signer, statement.Audience, statement.Purpose, statement.Answers(link)));
        Assert.Equal("", answer.Address.Query);
        Assert.Equal($"{link.Page}#challenge={link.Challenge}&response={answer.Response}", answer.Address.AbsoluteUri);
    }

    [Theory, OnBothEngines]
    public async Task A_key_signs_for_no_origin_but_its_own_whatever_is_asked(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var app = await me.Dids.LinkAsync(Link("https://app.example"), cancellationToken: Cancellation);
        using var letters = await me.Keys.GenerateSigningAsync("letters", Cancellation);
        foreach (var key in new[] { app.Key, letters.Id })
        {
            await FailsAsync(FailureReason.NotAllowed, () => me.Dids.SignInAsync(SignIn("https://other.example"), key, Cancellation));
            await FailsAsync(FailureReason.NotAllowed, () => me.Dids.LinkAsync(Link("https://other.example"), key, cancellationToken: Cancellation));
            await FailsAsync(FailureReason.NotAllowed, () => me.Dids.SignInAsync(SignIn("https://app.example:8443"), key, Cancellation));
        }

        await FailsAsync(FailureReason.NotFound, () => me.Dids.SignInAsync(SignIn("https://other.example"), cancellationToken: Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Dids.SignInAsync(Link("https://app.example"), cancellationToken: Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Dids.LinkAsync(SignIn("https://app.example"), cancellationToken: Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_further_DID_is_made_on_demand_and_a_deactivated_one_signs_in_no_more(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var first = await me.Dids.LinkAsync(Link("https://app.example"), cancellationToken: Cancellation);
        var second = await me.Dids.LinkAsync(Link("https://app.example"), isAnother: true, cancellationToken: Cancellation);
        Assert.NotEqual(first.Did, second.Did);
        await me.Keys.SetStateAsync(second.Key, KeyState.Deactivated, Cancellation);
        await FailsAsync(FailureReason.NotAllowed, () => me.Dids.SignInAsync(SignIn("https://app.example"), second.Key, Cancellation));
        Assert.Equal(first.Did, (await me.Dids.SignInAsync(SignIn("https://app.example"), cancellationToken: Cancellation)).Did);
    }

    private static DidSignInLink Link(string origin) => DidSignInLink.Create(new Uri(origin + "/did"), DidSignInPurpose.Link, "AAAA");

    private static DidSignInLink SignIn(string origin) => DidSignInLink.Create(new Uri(origin + "/did"), DidSignInPurpose.SignIn, "BBBB");

    private static async Task FailsAsync(FailureReason reason, Func<Task> call) => Assert.Equal(reason, (await Assert.ThrowsAsync<KeyladderException>(call)).Reason);
}
