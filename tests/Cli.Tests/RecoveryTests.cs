using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A username and a password, with real processes; what comes by mail is read from where the Store puts its mails.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task A_person_registers_goes_to_an_empty_device_forgets_the_password_and_gets_a_new_one()
    {
        await using var story = await Story.BeginAsync();
        await using var store = await story.AddPassphraseStoreAsync();
        await story.TellAsync("""
            write password.txt seven herons over a grey canal
            write wrong.txt seven herons over a blue canal
            write next.txt nine cranes under a red bridge
            write short.txt herons
            laptop$ keyladder recovery code --store $STORE --username Person@Example.org
            err on its way
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file short.txt --kit none.txt
            exit 2
            err at least 12
            missing none.txt
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file password.txt --kit page.txt
            err one operator who runs both
            err Lost password
            set PAGE file page.txt (KR1-[0-9A-Z-]+)
            laptop$ keyladder key generate personal --label photos
            laptop$ keyladder recovery events
            out registered
            out device-added
            """);
        story.CopyRecoveryCode("page.txt", "recovery.txt");
        await story.TellAsync("""
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file wrong.txt --yes
            exit 3
            err 9 tries more
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt
            exit 2
            err Its words:
            err --yes
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            err Unlocked
            empty$ keyladder key list
            out photos
            empty$ keyladder recovery events
            exit 5
            empty$ keyladder recovery rehearse --store $STORE --username person@example.org --password-file password.txt --recovery-code-file recovery.txt
            err That is the recovery code
            empty$ keyladder recovery devices add --store $STORE --username person@example.org --password-file password.txt --recovery-code-file recovery.txt
            err known now
            empty$ keyladder recovery code --reset
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            other$ keyladder recovery reset --store $STORE --username person@example.org --code-file code.txt --recovery-code-file recovery.txt --new-password-file short.txt --kit none.txt
            exit 2
            err at least 12
            missing none.txt
            other$ keyladder recovery reset --store $STORE --username person@example.org --code-file code.txt --recovery-code-file recovery.txt --new-password-file next.txt --kit page.txt
            exit 2
            err cannot be written
            other$ keyladder recovery reset --store $STORE --username person@example.org --code-file code.txt --recovery-code-file recovery.txt --new-password-file next.txt --kit next-page.txt
            err The password is changed
            set NEXT file next-page.txt (KR1-[0-9A-Z-]+)
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            exit 3
            third$ keyladder recovery open --store $STORE --username person@example.org --password-file next.txt --yes
            third$ keyladder key list
            out photos
            other$ keyladder recovery rehearse --recovery-code-file recovery.txt
            exit 3
            other$ keyladder recovery withdraw --password-file next.txt --yes
            third$ keyladder recovery open --store $STORE --username person@example.org --password-file next.txt --yes
            exit 3
            third$ keyladder key list
            out photos
            """);
    }

    [Fact]
    public async Task Words_that_an_account_has_are_enrolled_and_a_service_that_is_away_is_named()
    {
        await using var story = await Story.BeginAsync();
        await using var store = await story.AddPassphraseStoreAsync();
        await story.TellAsync("""
            laptop$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            write words.txt $WORDS
            write password.txt seven herons over a grey canal
            laptop$ keyladder recovery code --store $STORE --username person@example.org
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            laptop$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --words-file words.txt --kit page.txt
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            empty$ keyladder status
            away$ keyladder recovery open --store http://127.0.0.1:9 --username person@example.org --password-file password.txt --yes
            exit 8
            err The Passphrase Store at http://127.0.0.1:9 did not answer
            away$ keyladder recovery open --username person@example.org --password-file password.txt --yes
            exit 2
            err --store
            """);
    }

    [Fact]
    public async Task Where_the_code_from_the_mail_is_wrong_the_new_accounts_words_are_on_paper_and_are_enrolled_later()
    {
        await using var story = await Story.BeginAsync();
        await using var store = await story.AddPassphraseStoreAsync();
        await story.TellAsync("""
            write password.txt seven herons over a grey canal
            write wrong-code.txt 00000000
            laptop$ keyladder recovery code --store $STORE --username person@example.org
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file wrong-code.txt --new-password-file password.txt --kit page.txt
            exit 3
            err The second party, the Guardian, is http
            err The code from the mail is not right
            set WORDS file page.txt Words:\s+(.*)
            write words.txt $WORDS
            empty$ keyladder unlock --server $SERVER --secret-file words.txt
            laptop$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --words-file words.txt --kit other-page.txt
            other$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            """);
    }
}
