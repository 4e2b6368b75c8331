using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can answer to who signs up.</summary>
public sealed class SignUpLies(HostileKeystore hostile) : IClassFixture<HostileKeystore>, IDisposable
{
    private const string Accounts = "POST /v1/accounts";

    // A test that fails leaves no lie behind for the next.
    public void Dispose() => hostile.TellTheTruth();

    [Fact]
    public async Task A_session_for_another_account_is_no_sign_up()
    {
        await using var bob = new Person(hostile.Proxy.Address);
        var bobs = await bob.SignUpAsync();
        var bobsKeyId = hostile.Proxy.Last(Accounts)["keyId"]!.GetValue<string>();
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var asked = new List<AccountId>();

        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path != "/v1/accounts")
                return;
            asked.Add(AccountId.TryParse(JsonNode.Parse(answer.Request)!["account"]!.GetValue<string>(), out var id) ? id : default);
            answer.Edit(json => json["keyId"] = bobsKeyId);
        };
        await Expect.AlarmAsync(Alarm.ObjectInvalid, () => alice.SignUpAsync(pins));
        hostile.TellTheTruth();

        // Nothing was signed for Bob's session, and nothing is remembered of either account.
        Assert.Equal(Accounts, hostile.Proxy.Calls[^1]);
        foreach (var account in asked.Append(bobs.Id))
            Assert.Null(await pins.GetAsync(account, Cancellation));
        Assert.Single(asked);
    }
}
