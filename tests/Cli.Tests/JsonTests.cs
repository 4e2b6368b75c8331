using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Keyladder.Cli.Commands;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>What programs read: every command with --json, held against the guide's table of members.</summary>
public sealed partial class JsonTests
{
    /// <summary>A line for each command of the tree, in an order in which each succeeds; $X as the document of a line before gave it.</summary>
    private static readonly (string Command, string Line)[] Lines =
    [
        ("sign-up", "sign-up --server $SERVER --kit kit.txt"),
        ("status", "status"),
        ("key generate", "key generate signing --label me"),
        ("key list", "key list"),
        ("key show", "key show me"),
        ("key change", "key change me --label \u202Emy"),
        ("key export", "key export $KEY --format document"),
        ("did resolve", "did resolve $DID"),
        ("did publish", "did publish did:web:example.org --key $KEY"),
        ("did link", "did link 'https://app.example/did#purpose=link&challenge=AAAA&check=vMr0sB3z' --yes"),
        ("did sign-in", "did sign-in 'https://app.example/did#purpose=sign-in&challenge=AAAA&check=lll78zVu' --yes"),
        ("sign", "sign kit.txt --key $KEY"),
        ("verify", "verify kit.txt --did $DID"),
        ("key delete", "key delete $KEY --yes"),
        ("vault create", "vault create $VAULT"),
        ("vault open", "vault open"),
        ("vault list", "vault list"),
        ("vault sync", "vault sync"),
        ("vault replace-key", "vault replace-key"),
        ("item templates", "item templates"),
        ("item add", "item add \u202Ebank --kind login --tag money"),
        ("item list", "item list"),
        ("item search", "item search mon"),
        ("item show", "item show $ITEM"),
        ("item change", "item change $ITEM --untag money"),
        ("item attach", "item attach $ITEM kit.txt --name file"),
        ("item save", "item save $ITEM file -o saved.txt"),
        ("item history", "item history $ITEM"),
        ("item discard", "item discard $ITEM"),
        ("item remove", "item remove $ITEM"),
        ("item restore", "item restore $ITEM"),
        ("connect invite", "connect invite \u202EBob --link-file link.txt"),
        ("connect list", "connect list"),
        ("connect sync", "connect sync"),
        ("connect accept", "connect accept Dave --link-file other.txt"),
        ("connect show", "connect show \u202EBob"),
        ("connect rename", "connect rename \u202EBob Bob"),
        ("connect change-keys", "connect change-keys Bob"),
        ("share give", "share give $ITEM --only pin --with Bob --terms rent --until 2999-12-31 --receipt"),
        ("share list", "share list"),
        ("share update", "share update $GIVEN"),
        ("share revoke", "share revoke $GIVEN"),
        ("share end-expired", "share end-expired"),
        ("share accept", "share accept $HELD --yes"),
        ("share show", "share show $HELD"),
        ("share save", "share save $HELD file -o shared.txt"),
        ("connect block", "connect block Bob"),
        ("connect unblock", "connect unblock Bob"),
        ("connect end", "connect end Bob --yes"),
        ("vault audit", "vault audit"),
        ("vault session list", "vault session list"),
        ("vault session revoke", "vault session revoke $VAULTSESSION"),
        ("vault data", "vault data"),
        ("vault export", "vault export vault.kv --secret-file words.txt"),
        ("vault import", "vault import vault.kv --secret-file words.txt"),
        ("open-export", "open-export vault.kv --secret-file words.txt"),
        ("item delete", "item delete $ITEM --yes"),
        ("vault delete", "vault delete $VAULT --yes"),
        ("encrypt", "encrypt kit.txt --key box -o kit.kl"),
        ("decrypt", "decrypt kit.kl -o again.txt"),
        ("audit", "audit"),
        ("doctor", "doctor"),
        ("request", "request GET /v1/sessions"),
        ("session list", "session list"),
        ("session revoke", "session revoke $SESSION"),
        ("recovery-key add", "recovery-key add --secret-file words.txt --kit drawer.txt"),
        ("recovery code", "recovery code --store $STORE --username person@example.org"),
        ("recovery register", "recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --words-file words.txt --kit code1.txt"),
        ("recovery password", "recovery password --password-file password.txt --new-password-file password.txt --kit code2.txt"),
        ("recovery rehearse", "recovery rehearse --recovery-code-file recovery.txt"),
        ("recovery reset", "recovery reset --code-file code.txt --recovery-code-file recovery.txt --new-password-file password.txt --kit code3.txt"),
        ("recovery events", "recovery events"),
        ("recovery devices remove", "recovery devices remove --password-file password.txt"),
        ("recovery devices add", "recovery devices add --store $STORE --username person@example.org --password-file password.txt --recovery-code-file recovery.txt"),
        ("recovery open", "recovery open --password-file password.txt --yes"),
        ("recovery withdraw", "recovery withdraw --password-file password.txt --yes"),
        ("unlock-method list", "unlock-method list"),
        ("unlock-method remove", "unlock-method remove $SLOT --yes"),
        ("passphrase change", "passphrase change --secret-file words.txt --kit kit2.txt"),
        ("device add", "device add --name laptop --secret-file words2.txt"),
        ("device list", "device list"),
        ("device remove", "device remove $DEVICE --yes"),
        ("completion", "completion bash"),
        ("man", "man"),
        ("lock", "lock"),
        ("unlock", "unlock --secret-file words2.txt"),
        ("account data", "account data"),
        ("account export", "account export moved.export --secret-file words2.txt"),
        // To where it is already: nothing is left to bring.
        ("account import", "account import moved.export --server $SERVER --secret-file words2.txt --profile other"),
        ("account delete", "account delete --secret-file words2.txt --yes"),
    ];

    [Fact]
    public async Task Every_command_prints_the_one_document_that_the_guide_describes()
    {
        Assert.Equal(Leaves(CommandLine.Create(), "").Order(), Lines.Select(line => line.Command).Order());
        var members = Row().Matches(File.ReadAllText(Guide()))
            .SelectMany(row => Code().Matches(row.Groups[1].Value).Select(command => (Command: command.Groups[1].Value, Members: row.Groups[2].Value)))
            .ToDictionary(row => row.Command, row => Code().Matches(row.Members).Select(member => member.Groups[1].Value).ToHashSet());

        await using var story = await Story.BeginAsync();
        await using var store = await story.AddPassphraseStoreAsync();
        await story.TellAsync("write password.txt seven herons over a grey canal");
        foreach (var (command, line) in Lines)
        {
            await story.TellAsync($"a$ keyladder {line} --json\nexit 0");
            Assert.Equal("", story.Errors);
            var document = JsonDocument.Parse(story.Output).RootElement;
            Assert.Equal(1, story.Output.Count(character => character == '\n'));
            Assert.DoesNotContain(story.Output, character => character is not '\n' and (< ' ' or > '~'));
            Assert.All(document.EnumerateObject(), member => Assert.Contains(member.Name, members[command]));
            if (command != "key export")
                Assert.Equal(members[command].Where(member => !member.StartsWith('{')).Order(), document.EnumerateObject().Select(member => member.Name).Order());
            foreach (var secret in story.Variables.Where(variable => variable.Key is "WORDS" or "FRESH" or "DRAWER"))
                Assert.DoesNotContain(secret.Value, story.Output, StringComparison.Ordinal);
            await RememberAsync(story, command, document);
            await MailAsync(story, store, command);
        }
    }

    /// <summary>Codes come by mail, and the recovery code from the page that was written last.</summary>
    private static async Task MailAsync(Story story, PassphraseStoreHost store, string command)
    {
        switch (command)
        {
            case "recovery code":
                await story.CodeFromMailAsync(store, "code.txt");
                break;
            case "recovery password":
                story.CopyRecoveryCode("code2.txt", "recovery.txt");
                break;
            case "recovery rehearse":
                await story.TellAsync("a$ keyladder recovery code --reset");
                await story.CodeFromMailAsync(store, "code.txt");
                break;
            case "recovery reset":
                story.CopyRecoveryCode("code3.txt", "recovery.txt");
                break;
        }
    }

    [Fact]
    public async Task Every_command_fails_with_one_document_on_standard_error()
    {
        await using var story = await Story.BeginAsync();
        foreach (var command in Lines.Select(line => line.Command))
        {
            await story.TellAsync($"""
                a$ keyladder --json {command} --profile
                exit 2
                """);
            RequireFailure(story, "usage", 2);
        }

        await story.TellAsync("""
            a$ keyladder key list --json
            exit 4
            """);
        RequireFailure(story, "locked", 4);
        await story.TellAsync("""
            a$ keyladder --json
            exit 2
            """);
        RequireFailure(story, "usage", 2);
        // No document holds the kit, and no result takes its place.
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --json
            exit 2
            """);
        Assert.Contains("--kit FILE", RequireFailure(story, "usage", 2), StringComparison.Ordinal);
        foreach (var line in new[] { "encrypt kit.txt", "encrypt kit.txt -o -", "decrypt kit.txt" })
        {
            await story.TellAsync($"""
                a$ keyladder {line} --json
                exit 2
                """);
            Assert.Contains("--output OUT", RequireFailure(story, "usage", 2), StringComparison.Ordinal);
        }

        // What would have been said before stands beside the failure.
        await story.TellAsync("""
            a$ keyladder sign-up --server http://127.0.0.1:9 --kit kept.txt --json
            exit 8
            """);
        RequireFailure(story, "unreachable", 8);
        Assert.Contains("keep the kit", JsonDocument.Parse(story.Errors).RootElement.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
    }

    private static string RequireFailure(Story story, string type, int exitCode)
    {
        Assert.Equal("", story.Output);
        var document = JsonDocument.Parse(story.Errors).RootElement;
        Assert.Equal(["type", "what", "do", "exitCode", "notes"], document.EnumerateObject().Select(member => member.Name));
        Assert.Equal((type, exitCode), (document.GetProperty("type").GetString(), document.GetProperty("exitCode").GetInt32()));
        Assert.NotEqual("", document.GetProperty("what").GetString());
        return document.GetProperty("do").GetString()!;
    }

    private static async Task RememberAsync(Story story, string command, JsonElement document)
    {
        switch (command)
        {
            case "sign-up":
                story["WORDS"] = WordsIn(story, "kit.txt", "words.txt");
                await story.TellAsync("a$ keyladder key generate personal --label box");
                break;
            case "key generate":
                story["KEY"] = document.GetProperty("keys")[0].GetProperty("id").GetString()!;
                story["DID"] = document.GetProperty("keys")[0].GetProperty("did").GetString()!;
                break;
            case "key change":
                Assert.Equal("\u202Emy", document.GetProperty("keys")[0].GetProperty("label").GetString());
                break;
            case "item add":
                story["ITEM"] = document.GetProperty("items")[0].GetProperty("id").GetString()!;
                Assert.Equal("\u202Ebank", document.GetProperty("items")[0].GetProperty("name").GetString());
                break;
            case "connect invite":
                Assert.DoesNotContain(File.ReadAllText(story.PathOf("link.txt")).Split('#')[1].Trim(), story.Output, StringComparison.Ordinal);
                await story.TellAsync("""
                    b$ keyladder sign-up --server $SERVER --kit b.txt
                    b$ keyladder vault create $VAULT
                    b$ keyladder connect accept Alice --link-file link.txt
                    b$ keyladder connect invite Alicia --link-file other.txt
                    """);
                break;
            case "connect sync":
                // What the command before has found is told once.
                Assert.Equal(["established", "changed", "shares", "events", "refused", "unreachable", "shut"], document.GetProperty("news").EnumerateObject().Select(member => member.Name));
                break;
            case "connect rename":
                await story.TellAsync("""
                    b$ keyladder connect sync
                    in DE01
                    b$ keyladder item add Bank --attribute iban
                    b$ keyladder item attach Bank b.txt --name file
                    b$ keyladder share give Bank --with Alice --terms rent
                    """);
                break;
            case "connect change-keys":
                await story.TellAsync("""
                    in 1234
                    a$ keyladder item change $ITEM --attribute pin
                    """);
                break;
            case "share give":
                story["GIVEN"] = document.GetProperty("given")[0].GetProperty("id").GetString()!;
                break;
            case "share list":
                story["HELD"] = document.GetProperty("held")[0].GetProperty("id").GetString()!;
                Assert.Equal("shared", document.GetProperty("news").GetProperty("events")[0].GetProperty("event").GetString());
                break;
            case "request":
                Assert.Equal(200, document.GetProperty("status").GetInt32());
                Assert.Equal(JsonValueKind.Object, document.GetProperty("body").ValueKind);
                break;
            case "session list":
                story["SESSION"] = document.GetProperty("sessions")[0].GetProperty("id").GetString()!;
                break;
            case "vault session list":
                story["VAULTSESSION"] = document.GetProperty("sessions")[0].GetProperty("id").GetString()!;
                break;
            case "recovery-key add":
                story["DRAWER"] = WordsIn(story, "drawer.txt", "drawer-words.txt");
                story["SLOT"] = document.GetProperty("added").GetString()!;
                break;
            case "unlock-method list":
                Assert.Contains(document.GetProperty("unlockMethods").EnumerateArray(), method => method.GetProperty("id").GetString() == story["SLOT"]);
                break;
            case "device add":
                story["DEVICE"] = document.GetProperty("added").GetString()!;
                break;
            case "device list":
                var device = Assert.Single(document.GetProperty("devices").EnumerateArray());
                Assert.Equal(["id", "name", "sessions", "thisDevice", "current", "keptIn"], device.EnumerateObject().Select(member => member.Name));
                break;
            case "passphrase change":
                story["FRESH"] = WordsIn(story, "kit2.txt", "words2.txt");
                break;
        }
    }

    private static string WordsIn(Story story, string kit, string file)
    {
        var words = Regex.Match(File.ReadAllText(story.PathOf(kit)), @"Words:\s+(.*)").Groups[1].Value;
        File.WriteAllText(story.PathOf(file), words);
        return words;
    }

    private static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.Where(child => !child.Hidden).SelectMany(child =>
        child.Subcommands.Count == 0 ? [$"{path}{child.Name}"] : Leaves(child, $"{path}{child.Name} "));

    private static string Guide([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "guide", "cli.md");

    /// <summary>Of the table of members: the table of commands names arguments too.</summary>
    [GeneratedRegex(@"(?<=\| command \| members \|\n\|---\|---\|\n(?:\|.*\n)*)\| (.*) \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`([^`]*)`")]
    private static partial Regex Code();
}
