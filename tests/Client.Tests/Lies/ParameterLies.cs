using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>
/// A service that would have a say in the client's cryptography. No answer of the protocol has a place for one, so each is refused; and what
/// the client sent up to there is what it always sends.
/// </summary>
public sealed class ParameterLies(HostileKeystore hostile) : IClassFixture<HostileKeystore>
{
    private static readonly (string Name, string Value)[] Parameters =
    [
        ("kdf", """{"iterations":1}"""), ("kdf", """{"iterations":599999}"""), ("kdf", """{"m":67108864,"t":1,"p":1}"""), ("algorithm", "\"PBKDF2-SHA-1\""),
        ("salt", "\"\""), ("salt", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""), ("format", "\"v1\""), ("features", """["legacy-kdf"]"""),
    ];

    [Theory, InlineData("POST /v1/nonces"), InlineData("POST /v1/sessions"), InlineData("GET /v1/account")]
    public async Task C01_C02_C03_C04_C05_C08_C09_parameters_in_an_answer_are_refused_and_change_nothing_that_is_sent(string call)
    {
        await using var alice = new Person(hostile.Proxy.Address) { Secret = NewWords() };
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var seen = await pins.GetAsync(me.Id, Cancellation);
        var truth = await hostile.Proxy.RecordAsync(() => alice.UnlockAsync(pins));

        foreach (var (name, value) in Parameters)
        {
            hostile.Proxy.Lie = answer =>
            {
                if ($"{answer.Method} {answer.Path}" == call)
                    answer.Edit(json => json[name] = JsonNode.Parse(value));
            };
            var lied = await hostile.Proxy.RecordAsync(() => Expect.FailureAsync(FailureReason.InvalidAnswer, () => alice.UnlockAsync(pins)));
            hostile.TellTheTruth();

            // As far as it went, it is the same: the same calls, and the same secret-dependent bytes in them.
            Assert.Equal(call, lied.Calls[^1]);
            Assert.Equal(truth.Calls.Take(lied.Calls.Distinct().Count()), lied.Calls.Distinct());
            Assert.Equal(seen, await pins.GetAsync(me.Id, Cancellation));
            if (lied.Calls.Contains("POST /v1/sessions"))
                Assert.Equal(SignedInAs(truth), SignedInAs(lied));
        }
    }

    [Fact]
    public async Task C08_what_a_service_says_of_itself_beside_its_answers_changes_nothing()
    {
        await using var alice = new Person(hostile.Proxy.Address) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        var truth = await hostile.Proxy.RecordAsync(() => alice.UnlockAsync());

        hostile.Proxy.Lie = answer =>
        {
            foreach (var (name, value) in Parameters)
                answer.Headers[$"Keyladder-{name}"] = value;
            (answer.Headers["Server"], answer.Headers["Api-Version"]) = ("Keyladder/0.0.1", "0");
        };
        var lied = await hostile.Proxy.RecordAsync(async () =>
            await (await alice.UnlockAsync()).Keys.GeneratePersonalAsync("photos", Cancellation));
        hostile.TellTheTruth();

        Assert.Equal(SignedInAs(truth), SignedInAs(lied));
        Assert.Single(await me.Keys.ListAsync(Cancellation));
    }

    [Fact]
    public async Task C12_parameters_change_nothing_about_a_change_of_passphrase()
    {
        await using var alice = new Person(hostile.Proxy.Address) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        using var next = NewWords();
        foreach (var (name, value) in Parameters.Take(3))
        {
            hostile.Proxy.Lie = answer => answer.Edit(json => json[name] = JsonNode.Parse(value));
            var lied = await hostile.Proxy.RecordAsync(() =>
                Expect.FailureAsync(FailureReason.InvalidAnswer, () => me.ChangePassphraseAsync(next, next, Cancellation)));
            Assert.DoesNotContain("POST /v1/slots", lied.Calls);
        }

        // Where only the fields beside the answers lie, the change is made, and as always: a device that meets no lie opens it.
        hostile.Proxy.Lie = answer => answer.Headers["Keyladder-Kdf"] = """{"iterations":1}""";
        await me.ChangePassphraseAsync(next, next, Cancellation);
        hostile.TellTheTruth();
        await using var there = await alice.Device().Account(me.Id).UnlockAsync(next, Cancellation);
        Assert.Equal(me.Id, there.Id);
    }

    // What follows from the secret: the slot's locator, and the signature of the login key over it.
    private string SignedInAs(Recording recording)
    {
        var request = JsonSerializer.Deserialize(recording.Request("POST /v1/sessions"), ProtocolJson.Default.SignInRequest)!;
        var login = hostile.Proxy.Everything.Answer("GET /v1/account")["slot"]!["login"]!.GetValue<string>();
        Assert.True(Ed25519PublicKey.TryImport(Base64Url.DecodeFromChars(login), out var key));
        Assert.True(LoginAssertion.TryVerify(request.Assertion, key, out var assertion));
        return Convert.ToHexString(assertion!.Locator);
    }
}
