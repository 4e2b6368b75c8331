using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>What a person reads, and does, where it is not proven that both services show the newest state.</summary>
public sealed class WitnessTests
{
    [Fact]
    public async Task D08_a_vault_whose_freshness_is_not_proven_opens_with_the_mark_of_what_was_told_and_not_before()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            laptop$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            laptop$ keyladder vault create $VAULT
            laptop$ keyladder item add Bank
            laptop$ keyladder lock
            """);
        await story.Vault.Database.ExecuteAsync("DELETE FROM witnesses");
        await story.TellAsync("""
            in $WORDS
            phone$ keyladder unlock --server $SERVER --secret-file -
            phone$ keyladder item list
            exit 7
            err not proven
            err The Vault has no witness of the Keystore
            err keyladder vault open --unproven [0-9a-f]{12}
            """);
        story["MARK"] = story.Errors.Trim()[^12..];
        await story.TellAsync("""
            phone$ keyladder vault open
            exit 7
            phone$ keyladder vault open --unproven 0123456789ab
            exit 7
            phone$ keyladder key list
            phone$ keyladder vault open --unproven $MARK
            phone$ keyladder item list
            out Bank
            phone$ keyladder vault open
            """);
    }
}
