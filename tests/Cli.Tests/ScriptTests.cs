using Keyladder.Cryptography.Secrets;
using Keyladder.Keystore;
using Keyladder.Keystore.Admissions;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>The stories in Scripts/, each against a service of its own.</summary>
public class ScriptTests
{
    public static TheoryData<string> Stories => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scripts")).Select(path => Path.GetFileName(path)).Order()];

    [Theory, MemberData(nameof(Stories))]
    public async Task The_story_goes_as_it_is_told(string story)
    {
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite, settings: story == "invitation.txt" ? ByInvitation : null);
        var folder = Directory.CreateTempSubdirectory("keyladder-story-");
        var script = new Script(folder.FullName, new()
        {
            ["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority),
            ["INVITATION"] = await InviteAsync(service),
            ["PASSPHRASE"] = "seven herons over a grey canal",
        });
        try
        {
            await script.RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", story));
        }
        finally
        {
            await script.CloseAsync();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_script_is_there() => Assert.True(Stories.Count >= 4);

    private static KeystoreOptions ByInvitation(KeystoreOptions options) =>
        options with { SignUp = SignUpRule.Invitation, Limits = options.Limits with { SignUps = 3 } };

    private static async Task<string> InviteAsync(KeystoreHost service)
    {
        var (code, _) = await Invitations.CreateAsync(
            new KeystoreOptions { Data = service.Database.Folder.FullName }, days: 1, service.Time, TestContext.Current.CancellationToken);
        var text = new char[InvitationCode.TextLength];
        code.DangerousWriteTo(text);
        code.Dispose();
        return new string(text);
    }
}
