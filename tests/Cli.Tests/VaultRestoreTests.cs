using System.Text.Json;
using Keyladder.Vault;

namespace Keyladder.Cli.Tests;

/// <summary>Docs/guide/cli.md, "After a restore", where it is the Vault that was restored.</summary>
public sealed class VaultRestoreTests : IAsyncLifetime
{
    private Story _story = null!;

    public async ValueTask InitializeAsync() => _story = await Story.BeginAsync(recorded: true);

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Theory, InlineData(""), InlineData("--no-copy")]
    public async Task Every_command_asks_and_what_this_device_holds_comes_back_as_the_person_chooses(string copy)
    {
        await BeginAsync(copy);
        await _story.TellAsync("""
            phone$ keyladder item add Letters
            phone$ keyladder item change Bank --name Savings
            phone$ keyladder item delete Mail --yes
            tablet$ keyladder unlock --server $SERVER --secret-file words.txt
            tablet$ keyladder item list
            """);
        await RestoreAsync();
        foreach (var command in new[] { "item list", "item show Bank", "item add More", "vault sync", "vault open", "vault open --put-back", "vault open --accept-restore 6:3:000000000000" })
        {
            await _story.TellAsync($"""
                phone$ keyladder {command}
                exit 7
                err says that a backup was restored: it shows the account as of change 3
                err keyladder vault open --put-back 6:3:
                """);
        }

        await _story.TellAsync("""
            phone$ keyladder key list
            phone$ keyladder item list --json
            exit 7
            """);
        var question = JsonDocument.Parse(_story.Errors).RootElement.GetProperty("restored");
        Assert.Equal((6, 3, _story["VAULT"]), (question.GetProperty("seen").GetInt64(), question.GetProperty("shown").GetInt64(), question.GetProperty("vault").GetString()));
        Assert.Equal(["missing item Letters", "older item Savings", "returned item Mail"], Names(question));

        _story["CHOICE"] = question.GetProperty("choice").GetString()!;
        await _story.TellAsync("phone$ keyladder vault open --put-back $CHOICE --json");
        var done = JsonDocument.Parse(_story.Output).RootElement;
        Assert.Equal(Names(question), Names(done));
        Assert.All(done.GetProperty("wentBack").EnumerateArray(), line => Assert.True(line.GetProperty("putBack").GetBoolean()));
        await _story.TellAsync("""
            phone$ keyladder item list
            out Letters
            out Savings
            phone$ keyladder vault open --put-back
            exit 5
            """);
        Assert.DoesNotContain("Mail", _story.Output, StringComparison.Ordinal);

        // The tablet had it open: it follows with the next command, and tells once.
        await _story.TellAsync("tablet$ keyladder item list");
        Assert.Contains("went back from change 6", _story.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("still holds", _story.Errors, StringComparison.Ordinal);
        await _story.TellAsync("tablet$ keyladder item list");
        Assert.Equal("", _story.Errors);
        Assert.Contains("Letters", _story.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_holds_nothing_can_go_back_and_who_follows_puts_back_what_it_holds()
    {
        await BeginAsync("");
        await _story.TellAsync("""
            tablet$ keyladder unlock --server $SERVER --secret-file words.txt --no-copy
            phone$ keyladder item add Letters
            tablet$ keyladder item list
            tablet$ keyladder lock
            """);
        await RestoreAsync();
        await _story.TellAsync("""
            tablet$ keyladder unlock --secret-file words.txt
            tablet$ keyladder vault open --json
            exit 7
            """);
        var question = JsonDocument.Parse(_story.Errors).RootElement.GetProperty("restored");
        Assert.Equal(JsonValueKind.Null, question.GetProperty("wentBack").ValueKind);
        _story["CHOICE"] = question.GetProperty("choice").GetString()!;
        await _story.TellAsync("""
            tablet$ keyladder vault open --put-back $CHOICE
            exit 4
            tablet$ keyladder vault open --accept-restore $CHOICE
            tablet$ keyladder item list
            """);
        Assert.DoesNotContain("Letters", _story.Output, StringComparison.Ordinal);

        await _story.TellAsync("""
            phone$ keyladder item list
            err To put it back, before the account locks: keyladder vault open --put-back
            phone$ keyladder vault open --put-back
            err Put back: 1 of 1\.
            tablet$ keyladder item list
            out Letters
            """);
    }

    [Fact]
    public async Task At_a_terminal_the_person_sees_what_went_back_and_is_asked()
    {
        await BeginAsync("");
        await _story.TellAsync("phone$ keyladder item add Letters");
        await RestoreAsync();
        await using (var stopped = _story.AtTerminal("phone", "vault open"))
        {
            await stopped.ShowsAsync("gone: item Letters (item)");
            await stopped.ShowsAsync("or press Enter to stop: ");
            await stopped.TypeAsync(PseudoTerminal.Enter);
            Assert.Equal(7, await stopped.EndAsync());
        }

        await using (var back = _story.AtTerminal("phone", "vault open"))
        {
            await back.ShowsAsync("or press Enter to stop: ");
            await back.TypeAsync("put back" + PseudoTerminal.Enter);
            Assert.Equal(0, await back.EndAsync());
            Assert.Contains("Put back: 1 of 1.", back.Shown, StringComparison.Ordinal);
        }

        await _story.TellAsync("""
            phone$ keyladder item list
            out Letters
            """);
    }

    private static IEnumerable<string> Names(JsonElement document) => document.GetProperty("wentBack").EnumerateArray()
        .Select(line => $"{line.GetProperty("change").GetString()} {line.GetProperty("what").GetString()} {line.GetProperty("label").GetString()}").Order(StringComparer.Ordinal);

    /// <summary>A Vault that is open at the phone, with a backup of it as it is then: change 3.</summary>
    private async Task BeginAsync(string copy)
    {
        await _story.TellAsync($$"""
            phone$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            """);
        File.WriteAllText(_story.PathOf("words.txt"), _story["WORDS"]);
        await _story.TellAsync($"""
            phone$ keyladder unlock --secret-file words.txt {copy}
            phone$ keyladder vault create $VAULT
            phone$ keyladder item add Bank
            phone$ keyladder item add Mail
            """);
        await VaultService.Backups.WriteAsync(Options(), _story.PathOf("backup"), _story.Vault.Time, TestContext.Current.CancellationToken);
    }

    private async Task RestoreAsync()
    {
        await VaultService.Backups.RestoreAsync(Options(), _story.PathOf("backup"), replace: true, _story.Vault.Time, TestContext.Current.CancellationToken);
        await _story.Vault.RestartAsync();
    }

    private VaultOptions Options() => new() { Data = _story.Vault.Database.Folder.FullName, Database = _story.Vault.Database.Postgres };
}
