using System.Text.Json;
using static Keyladder.Demo.Story;

namespace Keyladder.Demo;

/// <summary>One person shares one attribute with two others. Then all that anybody but her could lay side by side is laid side by side.</summary>
internal static class Share
{
    private const string Alice = "alice";
    private const string Bob = "bob";
    private const string Carol = "carol";
    private const string Iban = "DE02 1203 0000 0000 2020 51";
    private const string NewIban = "DE02 5001 0517 5407 3249 31";
    private const string Terms = "For the rent of the garden house, and nothing else.";

    public static async Task RunAsync(Stage stage)
    {
        var views = new Dictionary<string, List<string>> { [Bob] = [], [Carol] = [] };

        Step("Three people, each with an account at a Keystore and at a Vault. Alice keeps her bank account there.");
        foreach (var person in new[] { Alice, Bob, Carol })
        {
            Expect(0, await stage.RunAsync(person, null, "sign-up", "--server", stage.Origin, "--kit", stage.At($"{person}.txt")));
            Expect(0, await stage.RunAsync(person, null, "vault", "create", stage.Vault));
        }

        Expect(0, await stage.RunAsync(Alice, $"{Iban}\n4711\n", "item", "add", "Garden bank", "--attribute", "iban", "--attribute", "pin"));

        Step("Alice connects with Bob, and with Carol: a link each, handed over by her. All compare the safety words.");
        foreach (var person in new[] { Bob, Carol })
            await ConnectAsync(stage, person, views[person]);

        Step("She shares one attribute with both, on terms. They accept, and read it.");
        Expect(0, await stage.RunAsync(Alice, null, "share", "give", "Garden bank", "--only", "iban", "--with", Bob, "--with", Carol, "--terms", Terms, "--receipt"));
        foreach (var (person, view) in views)
            await ReadAsync(stage, person, view, Iban);
        var lying = new Database(stage.Data, "vault").Channels().ConvertAll(Comparison.Traces);
        Check(lying.Count == 2, $"copies for two people should lie at the Vault, but there are {lying.Count}.");
        var told = Expect(0, await stage.RunAsync(Alice, null, "share", "list", "--given"));
        Check(told.Output.Split("terms accepted, opened").Length == 3, "Alice was not told.");
        Say("Alice is told that both have accepted and opened it");

        Step("She changes it, and gives them the new one.");
        Expect(0, await stage.RunAsync(Alice, NewIban + "\n", "item", "change", "Garden bank", "--attribute", "iban"));
        Expect(0, await stage.RunAsync(Alice, null, "share", "update"));
        foreach (var (person, view) in views)
            await ReadAsync(stage, person, view, NewIban);

        Step("She takes it back from both.");
        var ids = Ids(Expect(0, await stage.RunAsync(Alice, null, "share", "list", "--given")));
        Expect(0, await stage.RunAsync(Alice, null, ["share", "revoke", .. ids]));
        foreach (var (person, view) in views)
        {
            var refused = Expect(6, await stage.RunAsync(person, null, "share", "show", Ids(await AskAsync(stage, person, view, "share", "list", "--held"))[0]));
            Check(refused.Output.Length == 0, "something was shown all the same.");
            Say($"{person}: {refused.Errors.Split('\n')[0]}");
        }

        Compare(stage, views[Bob], views[Carol], lying);
    }

    private static async Task ConnectAsync(Stage stage, string person, List<string> view)
    {
        var link = stage.At($"link-for-{person}.txt");
        Expect(0, await stage.RunAsync(Alice, null, "connect", "invite", person, "--link-file", link));
        Expect(0, await stage.RunAsync(person, null, "connect", "accept", Alice, "--link-file", link));
        Expect(0, await stage.RunAsync(Alice, null, "connect", "sync"));
        await AskAsync(stage, person, view, "connect", "sync");
        var (hers, theirs) = (await WordsAsync(Alice, person, []), await WordsAsync(person, Alice, view));
        Check(hers == theirs, "the safety words differ.");
        Say($"Alice and {person}: {hers}");

        async Task<string> WordsAsync(string who, string other, List<string> kept) =>
            JsonDocument.Parse((await AskAsync(stage, who, kept, "connect", "show", other)).Output).RootElement.GetProperty("relationships")[0].GetProperty("safetyWords").GetString()!;
    }

    private static async Task ReadAsync(Stage stage, string person, List<string> view, string expected)
    {
        var share = Ids(await AskAsync(stage, person, view, "share", "list", "--held"))[0];
        var shown = await AskAsync(stage, person, view, "share", "show", share, "--accept");
        var attribute = JsonDocument.Parse(shown.Output).RootElement.GetProperty("attributes")[0];
        Check(attribute.GetProperty("value").GetString() == expected, $"{person} was shown something else.");
        Check(!shown.Output.Contains("Garden bank", StringComparison.Ordinal) && !shown.Output.Contains("4711", StringComparison.Ordinal), $"{person} was shown more than was shared.");
        Say($"{person} sees {attribute.GetProperty("name")} {expected}: share {share}, attribute {attribute.GetProperty("id")}");
    }

    private static void Compare(Stage stage, List<string> bob, List<string> carol, List<Dictionary<(bool IsNumber, ulong Value), string>> lying)
    {
        var (keystore, vault) = (new Database(stage.Data, "keystore"), new Database(stage.Data, "vault"));

        Step("What can be laid side by side: two databases, what lies at the Vault for two people, what two people were shown. What do they have in common?");
        var hits = keystore.Hits([Iban, NewIban, Terms, "Garden bank"], stage.ServerLog);
        Say($"searched both databases, their logs and the server's for the attribute, the terms, the item's name: {hits} hits");
        Check(hits == 0, "a service holds something readable.");
        var (ofKeystore, ofVault) = (Comparison.Traces(keystore.Values(Comparison.Words(isVault: false))), Comparison.Traces(vault.Values(Comparison.Words(isVault: true))));
        var (ofBob, ofCarol) = (Comparison.Traces(bob), Comparison.Traces(carol));
        Alike("the Keystore's database and the Vault's", ofKeystore, ofVault, 0);
        Alike("the copies that lay at the Vault for Bob and for Carol", lying[0], lying[1], 0);
        Alike("all that Bob was shown and all that Carol was shown, but for what was shared", ofBob, ofCarol, 0);

        Step("One value planted in each: the same comparisons find it.");
        var planted = vault.CopyTo(stage.At("planted"));
        var slot = keystore.Text("SELECT min(slot_id) FROM slots");
        Check(planted.Execute("UPDATE given_letters SET letter_id = $slot WHERE letter_id = (SELECT min(letter_id) FROM given_letters)", ("$slot", slot)) == 1, "nothing was planted.");
        Alike("the two databases, with an id of the Keystore's in the Vault's", ofKeystore, Comparison.Traces(planted.Values(Comparison.Words(isVault: true))), 1);
        var (his, hers) = (SharedIn(bob), SharedIn(carol));
        Alike("Bob's view and Carol's, with the same id of the attribute", ofBob, Comparison.Traces(carol.Select(document => document.Replace(hers, his, StringComparison.Ordinal))), 1);
    }

    private static void Alike(string what, Dictionary<(bool IsNumber, ulong Value), string> one, Dictionary<(bool IsNumber, ulong Value), string> other, int least)
    {
        var found = Comparison.Find(one, other);
        Say($"{what}: {one.Count} and {other.Count} values, {found.Count} in common{(found.Count > 0 ? $" ({found[0]})" : "")}");
        Check(one.Count > 100 && other.Count > 100, "there was next to nothing to compare.");
        Check(least == 0 ? found.Count == 0 : found.Count >= least, least == 0 ? "they have something in common." : "what was planted was not found.");
    }

    private static string SharedIn(List<string> view) => view.Select(document => JsonDocument.Parse(document).RootElement)
        .First(document => document.TryGetProperty("attributes", out _)).GetProperty("attributes")[0].GetProperty("id").GetString()!;

    /// <summary>What a person's program tells of it, all of which is compared afterwards.</summary>
    private static async Task<Outcome> AskAsync(Stage stage, string person, List<string> view, params string[] arguments)
    {
        var outcome = Expect(0, await stage.RunAsync(person, null, [.. arguments, "--json"]));
        view.Add(outcome.Output);
        return outcome;
    }

    /// <summary>The ids of shares, from a document or from a table.</summary>
    private static string[] Ids(Outcome outcome) => outcome.Output.StartsWith('{')
        ? [.. JsonDocument.Parse(outcome.Output).RootElement.GetProperty("held").EnumerateArray().Select(share => share.GetProperty("id").GetString()!)]
        : [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])];
}
