using Keyladder.Cli.Terminal;
using Keyladder.Cryptography;

namespace Keyladder.Cli.Tests;

/// <summary>What is left to a person when every service is gone.</summary>
public sealed class OpenExportTests
{
    [Fact]
    public async Task An_export_opens_when_no_service_answers_any_more()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            a$ keyladder vault create $VAULT
            in seven blue herons
            a$ keyladder item add Bank --attribute password
            write note.txt a note that is attached
            a$ keyladder item attach Bank note.txt --name note
            in $WORDS
            a$ keyladder vault export vault.kv --secret-file -
            in $WORDS
            a$ keyladder vault export plain --plain --yes --secret-file -
            a$ keyladder lock
            """);
        await story.Service.StopAsync();
        await story.Vault.StopAsync();

        await story.TellAsync("""
            in $WORDS
            stranger$ keyladder unlock --server $SERVER --secret-file -
            exit 8
            in $WORDS
            a$ keyladder open-export vault.kv Bank --only password --secret-file -
            out ^seven blue herons$
            in $WORDS
            stranger$ keyladder open-export vault.kv Bank --save note -o saved.txt --secret-file -
            same note.txt saved.txt
            """);
        if (!OperatingSystem.IsWindows())
        {
            var plain = new DirectoryInfo(story.PathOf("plain"));
            foreach (var path in plain.GetFiles("*", SearchOption.AllDirectories).Select(file => file.FullName).Append(story.PathOf("vault.kv")))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.All([plain, .. plain.GetDirectories()], folder => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder.UnixFileMode));
            Assert.Equal(2, plain.GetFiles("*", SearchOption.AllDirectories).Length);
        }
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("note.txt", "-note.txt")]
    [InlineData("-rf $(x) \u202Efdp.exe", "--rf___x___fdp.exe")]
    [InlineData(".bashrc", "-.bashrc")]
    [InlineData("r\u00e9sum\u00e9.", "-r_sum_")]
    public void A_file_that_somebody_named_gets_a_name_that_means_nothing_to_a_shell(string? file, string expected)
    {
        var id = AttachmentId.Generate();
        Assert.Equal($"{id}{expected}", PlainFolder.NameOf(id, file));
    }

    [Fact]
    public void A_long_name_keeps_its_end() => Assert.EndsWith("x.pdf", PlainFolder.NameOf(AttachmentId.Generate(), new string('x', 250) + ".pdf"), StringComparison.Ordinal);
}
