using System.Buffers.Text;
using System.Text.Json.Nodes;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using static Keyladder.Demo.Story;

namespace Keyladder.Demo;

/// <summary>A Vault that lies, one way at a time, to a new device and to one that has been there. Then one check is left out, and the same lie is believed.</summary>
internal static class Attack
{
    private const string Laptop = "laptop";

    public static async Task RunAsync(Stage stage, LyingProxy vault)
    {
        vault.Target = stage.VaultAddress;

        Step("A person keeps two items in a Vault, and changes one of them. Its operator reads along: ciphertext.");
        Expect(0, await stage.RunAsync(Laptop, null, "sign-up", "--server", stage.Origin, "--kit", stage.At("kit.txt")));
        var words = (await File.ReadAllLinesAsync(stage.At("kit.txt"))).Single(line => line.Contains("Words:", StringComparison.Ordinal)).Split("Words:")[1].Trim();
        Expect(0, await stage.RunAsync(Laptop, null, "vault", "create", stage.Vault));
        var bank = Id(await stage.RunAsync(Laptop, null, "item", "add", "Bank, old branch"));
        Expect(0, await stage.RunAsync(Laptop, "4711\n", "item", "change", bank, "--attribute", "pin"));
        var mail = Id(await stage.RunAsync(Laptop, null, "item", "add", "Mail"));
        await LookAsync("before", 0);
        var before = vault.Seen!;
        Expect(0, await stage.RunAsync(Laptop, null, "item", "change", bank, "--name", "Bank, new branch"));
        var honest = await LookAsync("after", 0);
        Check(honest.Output.Contains("Bank, new branch", StringComparison.Ordinal), "a new device does not see the change.");
        Say("a new device sees: Bank, new branch; Mail");
        var attribute = before["changes"]!.AsArray().Single(each => each!["kind"]!.GetValue<string>() == "attribute")!["id"]!.GetValue<string>();
        Say($"the Vault knows the bank as item {bank}, its pin as attribute {attribute}, the mail as item {mail}");

        Step("Swap: each item shows what the other says.");
        await RefusedAsync([bank, mail], list => (Stored(list, bank)["sealed"], Stored(list, mail)["sealed"]) = (Stored(list, mail)["sealed"]!.DeepClone(), Stored(list, bank)["sealed"]!.DeepClone()));

        Step("Drop: the pin is not there.");
        await RefusedAsync([attribute], list => list["changes"]!.AsArray().Remove(Change(list, attribute)));

        Step("Age: one item as it was before its last change, genuine and sealed by the person.");
        await RefusedAsync([bank], Aged);

        Step("Roll back: everything as it was before, with the person's own signature, to the device that has seen more.");
        Expect(0, await stage.RunAsync(Laptop, null, "lock"));
        vault.Lie = list =>
        {
            list.Clear();
            foreach (var (name, value) in before)
                list[name] = value!.DeepClone();
        };
        Expect(0, await stage.RunAsync(Laptop, words + "\n", "unlock", "--secret-file", "-"));
        // All of it is as it was once: what is named is the state, and not an item.
        Refused(await stage.RunAsync(Laptop, null, "item", "list"), [$"change {Number(before["head"]!)}"]);

        Step("One defence off: the aged item once more, to a client that does not compare what it is given with what the account signed.");
        vault.Lie = Aged;
        var (believed, refusal) = await BelieveAsync(stage, words, bank);
        vault.Lie = null;
        Say($"the same answer of the Vault, with the check: {refusal}");
        Say($"without it: item {bank} opens, and is shown as: {believed}");
        Check(refusal.Contains(bank, StringComparison.Ordinal) && believed == "Bank, old branch", "the attack should have succeeded without the check, and not with it.");

        async Task RefusedAsync(string[] attacked, Action<JsonObject> lie)
        {
            vault.Lie = lie;
            Refused(await LookAsync(Path.GetRandomFileName(), 7), attacked);
            vault.Lie = null;
        }

        void Aged(JsonObject list)
        {
            var (old, change) = (Stored(before, bank), Change(list, bank));
            list["objects"]!.AsArray().Remove(Stored(list, bank));
            list["objects"]!.AsArray().Add(old.DeepClone());
            change["new"] = Change(before, bank)["new"]!.DeepClone();
        }

        // A device that knows the words and nothing else.
        async Task<Outcome> LookAsync(string device, int expected)
        {
            Expect(0, await stage.RunAsync(device, words + "\n", "unlock", "--server", stage.Origin, "--secret-file", "-"));
            var seen = Expect(expected, await stage.RunAsync(device, null, "item", "list"));
            Expect(0, await stage.RunAsync(device, null, "lock"));
            return seen;
        }
    }

    /// <summary>
    /// The client signs in to the Vault and asks it, through whoever stands in between. It refuses the answer; the very same answer is then opened as a careless client would: the
    /// right key, the right place, and no look at the head.
    /// </summary>
    private static async Task<(string Believed, string Refusal)> BelieveAsync(Stage stage, string words, string item)
    {
        if (!UnlockSecret.TryParse(words, null, out var secret, out _) || !ItemId.TryParse(item, out var id))
            throw new DemoFailedException("the words do not unlock.");
        using (secret)
        using (var answers = new Overhearing())
        using (var http = new HttpClient(answers))
        using (var client = new KeyladderClient(new Uri(stage.Origin), new MemoryPinStore()))
        await using (var account = await client.Account().UnlockAsync(secret))
        {
            try
            {
                await using var vault = await account.Vaults.OpenAsync(new Uri(stage.Vault), http);
                throw new DemoFailedException("the aged item was taken.");
            }
            catch (IntegrityException refusal)
            {
                var keys = await account.Keys.ListAsync();
                var dek = keys.Where(key => key.Purpose == KeyPurpose.PersonalDek).Select(account.Keys.UnwrapPersonal).Single(dek => dek.VaultName is not null);
                var shown = Stored(answers.List ?? throw new DemoFailedException("the Vault was not asked for its list."), item);
                return (dek.Open(id, Base64Url.DecodeFromChars(shown["sealed"]!.GetValue<string>()), shown["revision"]!.GetValue<long>()).Name, refusal.Message);
            }
        }
    }

    private static void Refused(Outcome outcome, string[] named)
    {
        Expect(7, outcome);
        Check(outcome.Output.Length == 0, "something was shown all the same.");
        var refusal = outcome.Errors.Split('\n')[0];
        Check(named.Any(name => refusal.Contains(name, StringComparison.Ordinal)), $"it should have been refused by name, {string.Join(" or ", named)}: {refusal}");
        Say(refusal);
    }

    /// <summary>The number that stands in a signed head.</summary>
    private static long Number(JsonNode head) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(head.GetValue<string>().Split('.')[1]))!["number"]!.GetValue<long>();

    private static JsonObject Stored(JsonObject list, string id) => Named(list, "objects", id);

    private static JsonObject Change(JsonObject list, string id) => Named(list, "changes", id);

    private static JsonObject Named(JsonObject list, string member, string id) =>
        list[member]!.AsArray().Select(each => each!.AsObject()).Single(each => each["id"]!.GetValue<string>() == id);

    private static string Id(Outcome outcome) => Expect(0, outcome).Output.Trim().Split('\t')[0];

    /// <summary>Keeps the list that the Vault answered with, as it came.</summary>
    private sealed class Overhearing() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        public JsonObject? List { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath == "/v1/changes")
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
                List = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
            }

            return answer;
        }
    }
}
