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

        Step("Swap: each item shows what the other says.");
        await RefusedAsync(list => (Stored(list, bank)["sealed"], Stored(list, mail)["sealed"]) = (Stored(list, mail)["sealed"]!.DeepClone(), Stored(list, bank)["sealed"]!.DeepClone()));

        Step("Drop: one attribute is not there.");
        await RefusedAsync(list => list["changes"]!.AsArray().Remove(list["changes"]!.AsArray().Single(each => each!["kind"]!.GetValue<string>() == "attribute")));

        Step("Age: one item as it was before its last change, genuine and sealed by the person.");
        JsonObject? served = null;
        await RefusedAsync(Aged);

        Step("Roll back: everything as it was before, with the person's own signature, to the device that has seen more.");
        Expect(0, await stage.RunAsync(Laptop, null, "lock"));
        vault.Lie = list =>
        {
            list.Clear();
            foreach (var (name, value) in before)
                list[name] = value!.DeepClone();
        };
        Expect(0, await stage.RunAsync(Laptop, words + "\n", "unlock", "--secret-file", "-"));
        Refused(await stage.RunAsync(Laptop, null, "item", "list"));
        vault.Lie = null;

        Step("One defence off: a client that opens what it is given, and does not compare it with what the account signed.");
        var believed = await BelieveAsync(stage, words, served!, bank);
        Say($"the aged item opens, and is shown: {believed}");
        Check(believed == "Bank, old branch", "the attack should have succeeded without the check.");

        async Task RefusedAsync(Action<JsonObject> lie)
        {
            vault.Lie = lie;
            Refused(await LookAsync(Path.GetRandomFileName(), 7));
            vault.Lie = null;
        }

        void Aged(JsonObject list)
        {
            var (old, change) = (Stored(before, bank), Change(list, bank));
            list["objects"]!.AsArray().Remove(Stored(list, bank));
            list["objects"]!.AsArray().Add(old.DeepClone());
            change["new"] = Change(before, bank)["new"]!.DeepClone();
            served = list.DeepClone().AsObject();
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

    /// <summary>As a careless client would: the right key, the right place, and no look at the head.</summary>
    private static async Task<string> BelieveAsync(Stage stage, string words, JsonObject list, string item)
    {
        if (!UnlockSecret.TryParse(words, null, out var secret, out _) || !ItemId.TryParse(item, out var id))
            throw new DemoFailedException("the words do not unlock.");
        using (secret)
        using (var client = new KeyladderClient(new Uri(stage.Origin), new MemoryPinStore()))
        await using (var account = await client.Account().UnlockAsync(secret))
        {
            var keys = await account.Keys.ListAsync();
            var dek = keys.Where(key => key.Purpose == KeyPurpose.PersonalDek).Select(account.Keys.UnwrapPersonal).Single(dek => dek.VaultName is not null);
            var shown = Stored(list, item);
            return dek.Open(id, Base64Url.DecodeFromChars(shown["sealed"]!.GetValue<string>()), shown["revision"]!.GetValue<long>()).Name;
        }
    }

    private static void Refused(Outcome outcome)
    {
        Expect(7, outcome);
        Check(outcome.Output.Length == 0, "something was shown all the same.");
        Say(outcome.Errors.Split('\n')[0]);
    }

    private static JsonObject Stored(JsonObject list, string id) => Named(list, "objects", id);

    private static JsonObject Change(JsonObject list, string id) => Named(list, "changes", id);

    private static JsonObject Named(JsonObject list, string member, string id) =>
        list[member]!.AsArray().Select(each => each!.AsObject()).Single(each => each["id"]!.GetValue<string>() == id);

    private static string Id(Outcome outcome) => Expect(0, outcome).Output.Trim().Split('\t')[0];
}
