using System.Text.Json;
using System.Text.RegularExpressions;
using Keyladder.Keystore;

namespace Keyladder.Cli.Tests;

/// <summary>Docs/guide/cli.md, "After a restore": profiles are devices, agents that are open hold what the backup has not.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private Story _story = null!;

    private string Backup => _story.PathOf("backup");

    public async ValueTask InitializeAsync() => _story = await Story.BeginAsync(recorded: true);

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task Three_devices_are_told_and_what_one_of_them_holds_comes_back_as_the_person_chooses()
    {
        await BeginAsync();
        await _story.TellAsync("""
            phone$ keyladder key generate personal --label letters
            phone$ keyladder key change photos --state compromised
            phone$ keyladder key delete old --yes
            tablet$ keyladder unlock --server $SERVER --secret-file words.txt
            tablet$ keyladder lock
            """);
        await RestoreAsync();

        // The phone is open and has seen more; numbers that are not these choose nothing, and what is open stays open.
        foreach (var option in new[] { "", "--accept-restore 2:2", "--put-back", "--put-back 4:7", "--put-back 6:3" })
        {
            await _story.TellAsync($"""
                phone$ keyladder unlock --secret-file words.txt {option}
                exit 7
                phone$ keyladder status
                """);
        }

        await _story.TellAsync("""
            phone$ keyladder unlock --secret-file words.txt --json
            exit 7
            """);
        var question = JsonDocument.Parse(_story.Errors).RootElement.GetProperty("restored");
        Assert.Equal((6, 3), (question.GetProperty("seen").GetInt64(), question.GetProperty("shown").GetInt64()));
        Assert.Equal(["missing letters", "older photos", "returned old"], Names(question));

        _story["CHOICE"] = question.GetProperty("choice").GetString()!;
        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --put-back $CHOICE --json");
        var done = JsonDocument.Parse(_story.Output).RootElement;
        Assert.Equal(["missing letters", "older photos", "returned old"], Names(done));
        Assert.All(done.GetProperty("wentBack").EnumerateArray(), line => Assert.True(line.GetProperty("putBack").GetBoolean()));
        await _story.TellAsync("phone$ keyladder key list");
        Assert.Contains("letters", _story.Output, StringComparison.Ordinal);
        Assert.Contains("compromised", _story.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("old", _story.Output, StringComparison.Ordinal);

        // The tablet was locked, the laptop had seen no more: both are told, once, and have everything.
        foreach (var (device, told) in new[] { ("tablet", "which this device had seen"), ("laptop", "Nothing that this device had seen is lost") })
        {
            await _story.TellAsync($"{device}$ keyladder unlock --server $SERVER --secret-file words.txt");
            Assert.Contains("went back from change 6", _story.Errors, StringComparison.Ordinal);
            Assert.Contains(told, _story.Errors, StringComparison.Ordinal);
            await _story.TellAsync($"{device}$ keyladder key list");
            Assert.Contains("letters", _story.Output, StringComparison.Ordinal);
            await _story.TellAsync($"{device}$ keyladder unlock --secret-file words.txt --json");
            Assert.Equal("", _story.Errors);
            Assert.False(JsonDocument.Parse(_story.Output).RootElement.TryGetProperty("notices", out _));
        }

        await _story.TellAsync("phone$ keyladder audit");
        Assert.Contains("went on from a restored backup", _story.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_device_can_go_back_and_an_open_one_that_follows_puts_back_what_it_holds()
    {
        await BeginAsync();
        await _story.TellAsync("""
            phone$ keyladder key generate personal --label letters
            tablet$ keyladder unlock --server $SERVER --secret-file words.txt
            tablet$ keyladder lock
            """);
        await RestoreAsync();
        await AskAsync("tablet");
        await _story.TellAsync("""
            tablet$ keyladder unlock --secret-file words.txt --put-back $CHOICE
            exit 4
            tablet$ keyladder unlock --secret-file words.txt --accept-restore $CHOICE
            tablet$ keyladder key list
            """);
        Assert.DoesNotContain("letters", _story.Output, StringComparison.Ordinal);

        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --json");
        var followed = JsonDocument.Parse(_story.Output).RootElement;
        Assert.Equal(2, followed.GetProperty("notices").GetArrayLength());
        Assert.Equal(["missing letters"], Names(followed));
        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --put-back");
        Assert.Contains("Put back: 1 of 1.", _story.Errors, StringComparison.Ordinal);
        await _story.TellAsync("tablet$ keyladder key list");
        Assert.Contains("letters", _story.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_terminal_the_person_sees_what_went_back_and_is_asked()
    {
        await BeginAsync();
        await _story.TellAsync("phone$ keyladder key generate personal --label letters");
        await RestoreAsync();

        await using (var stopped = _story.AtTerminal("phone", "unlock --secret-file words.txt"))
        {
            await stopped.ShowsAsync("gone: key letters (personal-dek)");
            await stopped.ShowsAsync("or press Enter to stop: ");
            await stopped.TypeAsync(PseudoTerminal.Enter);
            Assert.Equal(7, await stopped.EndAsync());
        }

        await _story.TellAsync("phone$ keyladder status");
        await using (var back = _story.AtTerminal("phone", "unlock --secret-file words.txt"))
        {
            await back.ShowsAsync("or press Enter to stop: ");
            await back.TypeAsync("put back" + PseudoTerminal.Enter);
            Assert.Equal(0, await back.EndAsync());
            Assert.Contains("Put back: 1 of 1.", back.Shown, StringComparison.Ordinal);
        }

        await _story.TellAsync("phone$ keyladder key list");
        Assert.Contains("letters", _story.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_passphrase_comes_back_and_the_old_one_is_named()
    {
        await BeginAsync();
        await _story.TellAsync("""
            phone$ keyladder passphrase change --secret-file words.txt --kit kit2.txt
            """);
        await RestoreAsync();

        // The new words are not known there: the old ones open, and put the new ones back from the open account.
        await AskAsync("phone");
        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --put-back $CHOICE");
        Assert.Contains("Put back: 1 of 2.", _story.Errors, StringComparison.Ordinal);
        var words = Regex.Match(_story.Errors, "keyladder unlock-method remove ([0-9a-f-]{36})");
        Assert.True(words.Success, _story.Errors);
        WriteWords("kit2.txt", "words2.txt");
        await _story.TellAsync($"""
            phone$ keyladder unlock --secret-file words2.txt
            phone$ keyladder unlock-method remove {words.Groups[1].Value} --yes
            phone$ keyladder unlock --secret-file words.txt
            exit 3
            """);
    }

    [Fact]
    public async Task D08_a_choice_holds_for_no_other_history_that_has_the_same_numbers()
    {
        await BeginAsync();
        var (given, chosen) = (_story.PathOf("given"), _story.PathOf("chosen"));
        await _story.TellAsync("phone$ keyladder key generate personal --label letters");
        await KeystoreService.Backups.WriteAsync(Options(), given, _story.Service.Time, TestContext.Current.CancellationToken);
        await RestoreAsync();
        await AskAsync("phone");
        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --accept-restore $CHOICE");
        await KeystoreService.Backups.WriteAsync(Options(), chosen, _story.Service.Time, TestContext.Current.CancellationToken);
        await _story.TellAsync("phone$ keyladder key generate personal --label plans");

        // Change 4 of the history that the person is asked about; then change 4 of the one that was given up.
        await RestoreAsync(chosen);
        await AskAsync("phone");
        await RestoreAsync(given);
        await _story.TellAsync("""
            phone$ keyladder unlock --secret-file words.txt --accept-restore $CHOICE
            exit 7
            """);
        await RestoreAsync(chosen);
        await _story.TellAsync("phone$ keyladder unlock --secret-file words.txt --accept-restore $CHOICE");
    }

    private static IEnumerable<string> Names(JsonElement document) => document.GetProperty("wentBack").EnumerateArray()
        .Select(line => $"{line.GetProperty("change").GetString()} {line.GetProperty("label").GetString()}").Order(StringComparer.Ordinal);

    private void WriteWords(string kit, string file) =>
        File.WriteAllText(_story.PathOf(file), Regex.Match(File.ReadAllText(_story.PathOf(kit)), @"Words:\s+(.*)").Groups[1].Value);

    /// <summary>An account that is open at the phone, and has been at the laptop, with a backup of it as it is then: change 3.</summary>
    private async Task BeginAsync()
    {
        await _story.TellAsync("phone$ keyladder sign-up --server $SERVER --kit kit.txt");
        WriteWords("kit.txt", "words.txt");
        await _story.TellAsync("""
            phone$ keyladder key generate personal --label photos
            phone$ keyladder key generate personal --label old
            laptop$ keyladder unlock --server $SERVER --secret-file words.txt
            laptop$ keyladder lock
            """);
        await KeystoreService.Backups.WriteAsync(Options(), Backup, _story.Service.Time, TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps what the person would choose as $CHOICE.</summary>
    private async Task AskAsync(string device)
    {
        await _story.TellAsync($"""
            {device}$ keyladder unlock --secret-file words.txt --json
            exit 7
            """);
        _story["CHOICE"] = JsonDocument.Parse(_story.Errors).RootElement.GetProperty("restored").GetProperty("choice").GetString()!;
    }

    private async Task RestoreAsync(string? file = null)
    {
        await KeystoreService.Backups.RestoreAsync(Options(), file ?? Backup, replace: true, _story.Service.Time, TestContext.Current.CancellationToken);
        await _story.Service.RestartAsync();
    }

    private KeystoreOptions Options() => new() { Data = _story.Service.Database.Folder.FullName, Database = _story.Service.Database.Postgres };
}
