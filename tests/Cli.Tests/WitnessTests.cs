using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
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

    [Fact]
    public async Task D14_a_vault_that_stands_still_says_so_unasked()
    {
        await using var story = await Story.BeginAsync();
        using var words = Words.Generate();
        var clock = new MovableTime();
        clock.Move(TimeSpan.FromDays(-91));
        using (var client = new KeyladderClient(new Uri(story["SERVER"]), new MemoryPinStore(), time: clock))
        using (var secret = UnlockSecret.FromWords(words))
        {
            await using var account = await client.SignUpAsync(secret, TestContext.Current.CancellationToken);
            await using var vault = await account.Vaults.CreateAsync(new Uri(story["VAULT"]), cancellationToken: TestContext.Current.CancellationToken);
            await vault.PutAsync(ItemDraft.New("Bank"), TestContext.Current.CancellationToken);
        }

        var text = new char[Words.MaxTextLength];
        story["WORDS"] = new string(text, 0, words.DangerousWriteTo(text));
        await story.TellAsync("""
            in $WORDS
            phone$ keyladder unlock --server $SERVER --secret-file -
            phone$ keyladder item list
            out Bank
            err The newest change that the Vault shows is of 2
            phone$ keyladder vault open
            err The newest change that the Vault shows is of 2
            phone$ keyladder item add Mail
            phone$ keyladder item list
            out Mail
            silent newest change
            """);
    }
}
