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
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file password.txt --words-file next.txt --kit none.txt
            exit 2
            err the words of an account that there is
            laptop$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --words-file next.txt --kit none.txt
            exit 2
            err run `keyladder unlock --server ADDRESS` with its words first
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
            err 10 wrong ones are free
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt
            exit 2
            err no terminal to ask on
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
            empty$ keyladder recovery open --password-file next.txt --yes
            exit 3
            err known no longer
            empty$ keyladder recovery rehearse --recovery-code-file recovery.txt
            exit 3
            err known no longer
            empty$ keyladder recovery events
            exit 3
            err devices add --username
            empty$ keyladder recovery open --username person@example.org --password-file next.txt --yes
            err Unlocked
            empty$ keyladder recovery devices remove --password-file next.txt
            err known no longer
            empty$ keyladder recovery events
            exit 5
            third$ keyladder recovery open --store $STORE --username person@example.org --password-file next.txt --yes
            third$ keyladder key list
            out photos
            other$ keyladder recovery rehearse --recovery-code-file recovery.txt
            exit 3
            err not the one of this record
            other$ keyladder recovery rehearse --password-file password.txt --recovery-code-file recovery.txt
            exit 3
            err Nothing opens with this username
            other$ keyladder recovery code --reset
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            third$ keyladder recovery reset --store $STORE --username person@example.org --code-file code.txt --recovery-code-file recovery.txt --new-password-file password.txt --kit none.txt
            exit 3
            err The code from the mail is used up
            missing none.txt
            other$ keyladder recovery password --password-file next.txt --new-password-file password.txt --guardian keys.example.org --kit none.txt
            exit 2
            other$ keyladder recovery password --password-file next.txt --new-password-file password.txt --guardian https://keys.example.org --kit none.txt
            exit 7
            err another Guardian
            other$ keyladder recovery withdraw --password-file next.txt --yes
            third$ keyladder recovery open --store $STORE --username person@example.org --password-file next.txt --yes
            exit 3
            bob$ keyladder sign-up --server $SERVER --kit bob.txt
            set WORDS file bob.txt Words:\s+(.*)
            write words.txt $WORDS
            third$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file next.txt --words-file words.txt --kit none.txt
            exit 3
            err another account than the one that was asked for
            third$ keyladder key list
            out photos
            """);
    }

    [Fact]
    public async Task Who_may_not_sign_up_gives_an_invitation_and_one_that_fails_before_leaves_no_page()
    {
        await using var story = await Story.BeginAsync(settings: ScriptTests.ByInvitation);
        await using var store = await story.AddPassphraseStoreAsync();
        story["INVITATION"] = await ScriptTests.InviteAsync(story.Service);
        await story.TellAsync("""
            write password.txt seven herons over a grey canal
            write invitation.txt $INVITATION
            laptop$ keyladder recovery code --store $STORE --username person@example.org
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file password.txt --kit page.txt
            exit 6
            err invitation
            missing page.txt
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file password.txt --kit page.txt --invitation-file invitation.txt
            err Registered
            laptop$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --kit second.txt --invitation-file invitation.txt
            exit 2
            err for a new account
            missing second.txt
            """);
    }

    [Fact]
    public async Task F19_words_and_codes_are_written_where_the_person_said_and_nowhere_else()
    {
        await using var story = await Story.BeginAsync();
        await using var store = await story.AddPassphraseStoreAsync();

        // The folder for temporary files and that of the person are seen with all that is left in them, and with all that comes and goes.
        var (temporary, home) = (Directory.CreateDirectory(story.PathOf("temporary")), Directory.CreateDirectory(story.PathOf("home")));
        using var madeTemporarily = new MadeFiles(temporary);
        using var madeAtHome = new MadeFiles(home);
        foreach (var (name, value) in new[] { ("TMPDIR", temporary.FullName), ("HOME", home.FullName), ("XDG_CACHE_HOME", home.FullName), ("DOTNET_EnableDiagnostics", "0") })
            story.Environment[name] = value;
        await story.TellAsync("""
            write password.txt seven herons over a grey canal
            write next.txt nine cranes under a red bridge
            laptop$ keyladder recovery code --store $STORE --username person@example.org
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            laptop$ keyladder recovery register --store $STORE --server $SERVER --username person@example.org --code-file code.txt --new-password-file password.txt --kit page.txt
            silent KR1-
            set PAGE file page.txt (KR1-[0-9A-Z-]+)
            set WORDS file page.txt Words:\s+(.*)
            """);
        story.CopyRecoveryCode("page.txt", "recovery.txt");
        await story.TellAsync("""
            empty$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            silent $WORDS
            laptop$ keyladder recovery rehearse --recovery-code-file recovery.txt
            laptop$ keyladder recovery code --reset
            """);
        await story.CodeFromMailAsync(store, "code.txt");
        await story.TellAsync("""
            other$ keyladder recovery reset --store $STORE --username person@example.org --code-file code.txt --recovery-code-file recovery.txt --new-password-file next.txt --kit next-page.txt
            silent KR1-
            set NEXT file next-page.txt (KR1-[0-9A-Z-]+)
            """);

        var opening = new Canaries();
        opening.Plant("words", story["WORDS"]);
        opening.Plant("password", "seven herons over a grey canal");
        opening.Plant("next password", "nine cranes under a red bridge");
        var codes = new Canaries();
        codes.Plant("recovery code", story["PAGE"]);
        codes.Plant("next recovery code", story["NEXT"]);
        string[] hers = ["password.txt", "next.txt", "recovery.txt", "page.txt", "next-page.txt"];
        var files = new DirectoryInfo(story.Folder).GetFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "agent").ToLookup(file => hers.Contains(Path.GetRelativePath(story.Folder, file.FullName)));
        Assert.Equal(hers.Length, files[true].Count());
        Assert.All(files[true], file => Assert.True(opening.FindInFiles([file]).Concat(codes.FindInFiles([file])).Any()));

        // A known device has the recovery code, for its owner alone; nothing that opens stands in any file.
        FileInfo[] devices = [.. files[false].Where(file => file.Name == "recovery-device")];
        Assert.NotEmpty(devices);
        Assert.NotEmpty(files[false].Except(devices));
        Assert.Empty(opening.FindInFiles(files[false]));
        Assert.Empty(codes.FindInFiles(files[false].Except(devices)));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in devices.Select(device => device.FullName).Concat([story.PathOf("page.txt"), story.PathOf("next-page.txt")]))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.All(temporary.GetFiles("*", SearchOption.AllDirectories), file => Assert.Equal("agent", file.Name)); // its socket, and nothing else
        Assert.Empty(home.GetFiles("*", SearchOption.AllDirectories));
        Assert.All(madeTemporarily.End(), name => Assert.Equal("agent", name));
        Assert.Empty(madeAtHome.End());
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
            err The account is made
            err The code from the mail is not right
            set WORDS file page.txt Words:\s+(.*)
            write words.txt $WORDS
            empty$ keyladder unlock --server $SERVER --secret-file words.txt
            laptop$ keyladder recovery register --store $STORE --username person@example.org --code-file code.txt --new-password-file password.txt --words-file words.txt --kit other-page.txt
            other$ keyladder recovery open --store $STORE --username person@example.org --password-file password.txt --yes
            """);
    }
}
