using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Tests;

/// <summary>The codes that take a broken service or another device to meet, and the guide's table of all.</summary>
public sealed partial class ExitCodeTests
{
    [Fact]
    public void The_guide_lists_every_code_and_no_other()
    {
        var listed = Row().Matches(File.ReadAllText(Guide())).Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(Enum.GetValues<ExitCode>().Select(code => (int)code), listed);
    }

    [Fact]
    public async Task Doctor_names_what_does_not_open_and_the_list_raises_the_alarm()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            a$ keyladder key generate personal --label photos
            set ID out ^([0-9a-f-]{36})$
            a$ keyladder doctor
            out \(photos\)\topens
            """);
        await using (var database = await story.Service.Database.OpenAsync())
        await using (var damage = database.CreateCommand())
        {
            damage.CommandText = $"UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE key_id = '{story["ID"]}'";
            Assert.Equal(1, await damage.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await story.TellAsync("""
            a$ keyladder doctor
            exit 6
            out \tDOES NOT OPEN\t\S
            err \d of \d+ do not open
            in $WORDS
            b$ keyladder unlock --server $SERVER --secret-file -
            b$ keyladder key list
            exit 7
            """);
    }

    [Fact]
    public async Task A_change_that_others_always_come_before_is_given_up_and_has_changed_nothing()
    {
        await using var story = await Story.BeginAsync(recorded: true);
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            """);
        Assert.True(UnlockSecret.TryParse(story["WORDS"], null, out var words, out _));
        using var secret = words;
        using var client = new KeyladderClient(new Uri(story["SERVER"]), new MemoryPinStore());
        await using var otherDevice = await client.Account().UnlockAsync(secret, TestContext.Current.CancellationToken);
        var itsTurn = true;
        story.Service.Proxy!.Before = async request =>
        {
            if (request != "POST /v1/changes" || !itsTurn)
                return;
            itsTurn = false;
            (await otherDevice.Keys.GeneratePersonalAsync("theirs", TestContext.Current.CancellationToken)).Dispose();
            itsTurn = true;
        };

        await story.TellAsync("""
            a$ keyladder key generate personal --label ours
            exit 9
            """);
        story.Service.Proxy.Before = null;
        await story.TellAsync("""
            a$ keyladder key list
            out theirs
            silent ours
            """);
    }

    private static string Guide([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "guide", "cli.md");

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
