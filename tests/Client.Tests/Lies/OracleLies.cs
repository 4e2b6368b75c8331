using System.Reflection;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>
/// Attack E08: a service that shows one ciphertext in place of another, and reads from what the client sends afterwards what it opened to.
/// The client opens nothing for a service, and what it sends does not depend on what it opened.
/// </summary>
public sealed class OracleLies(HostileKeystore hostile) : IClassFixture<HostileKeystore>
{
    private const string Account = "GET /v1/account";
    private const string Changes = "GET /v1/changes";
    private const string Fetch = "POST /v1/keys/fetch";

    public static TheoryData<string, string> Places => new()
    {
        { Account, "slot/wrapped" }, { Account, "identity/wrapped" }, { Account, "identity/overview" },
        { Changes, "keys/0/wrapped" }, { Changes, "keys/0/overview" }, { Fetch, "keys/0/wrapped" }, { Fetch, "keys/0/overview" },
    };

    [Theory, MemberData(nameof(Places))]
    public async Task E08_after_a_ciphertext_in_the_place_of_another_the_client_sends_what_it_always_sends_or_nothing(string call, string place)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        await using var bob = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var letters = await me.Keys.GenerateSharingAsync("letters", Cancellation);
        using var pen = await me.Keys.GenerateSigningAsync("pen", Cancellation);
        using var bobs = await (await bob.SignUpAsync()).Keys.GeneratePersonalAsync("bob's", Cancellation);
        var ciphertexts = await CiphertextsAsync(alice, bob);

        var truth = await hostile.Proxy.RecordAsync(() => UseAsync(alice, photos.Id));
        foreach (var ciphertext in ciphertexts)
        {
            var told = false;
            hostile.Proxy.Lie = answer =>
            {
                if ($"{answer.Method} {answer.Path}" == call)
                    answer.Edit(json => told |= Put(json, place, ciphertext));
            };
            var lied = await hostile.Proxy.RecordAsync(async () =>
            {
                if (await Record.ExceptionAsync(() => UseAsync(alice, photos.Id)) is { } refusal)
                    Assert.IsType<IntegrityException>(refusal);
            });
            hostile.TellTheTruth();
            if (!told)
                continue; // the one that belongs there

            // What it has heard before the lie cannot depend on it; what comes after it is nothing but the end of the session.
            var upTo = truth.Calls.ToList().IndexOf(call) + 1;
            Assert.Equal(truth.Calls.Take(upTo), lied.Calls.Take(upTo));
            Assert.Equal(truth.Request(call), lied.Request(call));
            Assert.DoesNotContain(lied.Calls.Skip(upTo), later => later != "DELETE /v1/sessions/current");
        }
    }

    /// <summary>
    /// All that the bodies of requests can hold. Texts are JWS that the client signs over what it made itself; byte strings are locators,
    /// public keys, hashes of what the service showed, an invitation, and what the client sealed. Nothing is there for what was opened.
    /// </summary>
    [Fact]
    public void E08_no_request_has_a_place_for_bytes_that_were_opened()
    {
        Type[] requests = [.. typeof(SignInRequest).Assembly.GetExportedTypes().Where(type => type.Name.EndsWith("Request", StringComparison.Ordinal))];
        string[] expected =
        [
            // Of a recovery: what a blinding hides, seals, public keys, and shares that are random numbers of their own.
            "AttemptRequest.Blinded: Byte[]", "AttemptRequest.Username: String",
            "ChangeSlotsRequest.Add: SlotMessage", "ChangeSlotsRequest.Head: String", "ChangeSlotsRequest.Proof: String", "ChangeSlotsRequest.Remove: Guid",
            "ChannelMessage.Id: Guid", "ChannelMessage.Key: Byte[]",
            "CreateGuardianRecordRequest.Blinded: Byte[]", "CreateGuardianRecordRequest.PublicKey: Byte[]",
            "CreateGuardianRecordRequest.ReleaseKey: Byte[]", "CreateGuardianRecordRequest.Seed: Byte[]", "CreateGuardianRecordRequest.Share: Byte[]",
            "CreateRecordRequest.Code: String", "CreateRecordRequest.Record: RecordMessage", "CreateRecordRequest.Seed: Byte[]", "CreateRecordRequest.Username: String",
            "DeleteAccountRequest.Deletion: String", "DeleteAccountRequest.Proof: String",
            "DeleteKeyMessage.Id: Guid", "DeleteKeyMessage.Replaces: Byte[]",
            "DeleteObjectMessage.Id: Guid", "DeleteObjectMessage.Kind: String", "DeleteObjectMessage.Replaces: Byte[]",
            "EvaluateRequest.Blinded: Byte[]",
            "FetchKeysRequest.Ids: Guid[]", "FetchKeysRequest.Since: Int64",
            "FetchObjectsRequest.Names: ObjectNameMessage[]", "FetchObjectsRequest.Since: Int64",
            "GivenLetterMessage.Attachments: Guid[]", "GivenLetterMessage.Channel: Guid", "GivenLetterMessage.Id: Guid", "GivenLetterMessage.Sealed: Byte[]",
            "GuardianAttemptRequest.Blinded: Byte[]", "GuardianAttemptRequest.Handle: Guid",
            "KeyMessage.Id: Guid", "KeyMessage.Kek: Guid", "KeyMessage.Overview: Byte[]", "KeyMessage.Revision: Int64", "KeyMessage.Wrapped: Byte[]",
            "LeaveLetterRequest.Id: Guid", "LeaveLetterRequest.Sealed: Byte[]",
            "ObjectMessage.Attachment: Guid", "ObjectMessage.Dek: Byte[]", "ObjectMessage.Id: Guid", "ObjectMessage.Kind: String", "ObjectMessage.Revision: Int64",
            "ObjectMessage.Sealed: Byte[]",
            "ObjectNameMessage.Id: Guid", "ObjectNameMessage.Kind: String",
            "ObjectWriteRequest.Channels: ChannelMessage[]", "ObjectWriteRequest.Delete: DeleteObjectMessage[]", "ObjectWriteRequest.Head: String", "ObjectWriteRequest.Letters: GivenLetterMessage[]",
            "ObjectWriteRequest.Put: PutObjectMessage[]", "ObjectWriteRequest.Taken: Guid[]",
            "PutKeyMessage.Key: KeyMessage", "PutKeyMessage.Replaces: Byte[]",
            "PutObjectMessage.Object: ObjectMessage", "PutObjectMessage.Replaces: Byte[]",
            "PutRecoveryDeviceRequest.PublicKey: Byte[]",
            "PutWitnessRequest.Sealed: Byte[]", "PutWitnessRequest.Sequence: Int64",
            "RecordMessage.Handle: Guid", "RecordMessage.Key: Byte[]", "RecordMessage.Kit: Byte[]", "RecordMessage.PasswordSlot: Byte[]", "RecordMessage.PublicKey: Byte[]",
            "RecordMessage.ResetSlot: Byte[]", "RecordMessage.Share: Byte[]",
            "ReleaseRequest.Code: String", "ReleaseRequest.Username: String", "ReplaceRecordRequest.Record: RecordMessage", "ReplaceRecordRequest.Revision: Int64",
            "SendCodeRequest.Purpose: String", "SendCodeRequest.Username: String",
            "SignInRequest.Assertion: String",
            "SignUpRequest.Account: Guid", "SignUpRequest.Admission: String", "SignUpRequest.Assertion: String", "SignUpRequest.Head: String", "SignUpRequest.Invitation: Byte[]",
            "SignUpRequest.Keys: KeyMessage[]", "SignUpRequest.Slot: SlotMessage",
            "SlotMessage.Id: Guid", "SlotMessage.Kind: String", "SlotMessage.Locator: Byte[]", "SlotMessage.Login: Byte[]", "SlotMessage.Wrapped: Byte[]",
            "VaultSignUpRequest.Account: Guid", "VaultSignUpRequest.Admission: String", "VaultSignUpRequest.Assertion: String", "VaultSignUpRequest.Head: String",
            "VaultSignUpRequest.Invitation: Byte[]", "VaultSignUpRequest.Slot: VaultSlotMessage",
            "VaultSlotMessage.Id: Guid", "VaultSlotMessage.Login: Byte[]",
            "WriteRequest.Delete: DeleteKeyMessage[]", "WriteRequest.Head: String", "WriteRequest.Put: PutKeyMessage[]",
        ];
        Assert.Equal(expected, requests.SelectMany(Members).Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Members(Type message) =>
        from property in message.GetProperties(BindingFlags.Instance | BindingFlags.Public)
        let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
        let element = type.GetElementType() ?? type
        from member in element.Assembly == message.Assembly ? Members(element).Prepend($"{message.Name}.{property.Name}: {type.Name}") : [$"{message.Name}.{property.Name}: {type.Name}"]
        select member;

    private static async Task UseAsync(Person person, KeyId key)
    {
        await using var unlocked = await person.Device().Account().UnlockAsync(person.Secret, Cancellation);
        using var fetched = await unlocked.Keys.GetPersonalAsync(key, Cancellation);
        foreach (var listed in await unlocked.Keys.ListAsync(Cancellation))
            Assert.NotNull(listed.Label);
    }

    // What lies at the service of both: a wrapped KEK, wrapped keys of each role, overviews.
    private async Task<IReadOnlyList<string>> CiphertextsAsync(params Person[] people)
    {
        var ciphertexts = new List<string>();
        foreach (var person in people)
        {
            var seen = await hostile.Proxy.RecordAsync(async () =>
            {
                await using var unlocked = await person.Device().Account().UnlockAsync(person.Secret, Cancellation);
                await unlocked.Keys.ListAsync(Cancellation);
            });
            var keys = seen.Answer(Changes)["keys"]!.AsArray();
            ciphertexts.AddRange([Text(seen.Answer(Account)["slot"]!["wrapped"]), .. keys.Select(key => Text(key!["wrapped"])), .. keys.Select(key => Text(key!["overview"]))]);
        }

        return ciphertexts;
    }

    /// <returns>False if it stands there already, or the place is not there.</returns>
    private static bool Put(JsonObject answer, string place, string ciphertext)
    {
        var parts = place.Split('/');
        JsonNode? at = answer;
        foreach (var part in parts[..^1])
            at = at is JsonArray list ? list.ElementAtOrDefault(int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)) : at?[part];
        if (at is null || Text(at[parts[^1]]) == ciphertext)
            return false;
        at[parts[^1]] = ciphertext;
        return true;
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
