using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>The stories in Scripts/, each against a service of its own.</summary>
public class ScriptTests
{
    public static TheoryData<string> Stories => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scripts")).Select(path => Path.GetFileName(path)).Order()];

    [Theory, MemberData(nameof(Stories))]
    public async Task The_story_goes_as_it_is_told(string story)
    {
        await using var told = await Story.BeginAsync(settings: story == "invitation.txt" ? ByInvitation : null);
        await using var other = story == "moving.txt"
            ? await KeystoreHost.StartAsync(Engine.Sqlite, settings: options => options with { SignUp = SignUpRule.Invitation })
            : null;
        told["OTHER"] = (other ?? told.Service).Origin.GetLeftPart(UriPartial.Authority);
        told["INVITATION"] = await InviteAsync(other ?? told.Service);
        told["PASSPHRASE"] = "seven herons over a grey canal";
        await told.RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", story));
    }

    [Fact]
    public void Every_script_is_there() => Assert.True(Stories.Count >= 5);

    internal static KeystoreOptions ByInvitation(KeystoreOptions options) =>
        options with { SignUp = SignUpRule.Invitation, Limits = options.Limits with { SignUps = 3 } };

    internal static async Task<string> InviteAsync(KeystoreHost service)
    {
        var (code, _) = await Invitations.CreateAsync(
            new KeystoreOptions { Data = service.Database.Folder.FullName }, days: 1, service.Time, TestContext.Current.CancellationToken);
        var text = new char[InvitationCode.TextLength];
        code.DangerousWriteTo(text);
        code.Dispose();
        return new string(text);
    }
}
