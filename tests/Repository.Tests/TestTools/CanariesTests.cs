using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Testing;

namespace Repository.Tests.TestTools;

public sealed class CanariesTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private const string Words = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    private readonly Canaries _canaries = new();

    public CanariesTests()
    {
        _canaries.Plant("key", Key);
        _canaries.Plant("words", Words);
    }

    [Fact]
    public void Nothing_is_found_where_nothing_was_planted()
    {
        Assert.Empty(_canaries.FindIn(RandomNumberGenerator.GetBytes(1 << 20)));
        Assert.Empty(_canaries.FindIn("legal winner"));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(5)]
    public void A_key_is_found_in_every_form_that_software_gives_to_bytes(int before)
    {
        byte[] surrounded = [.. RandomNumberGenerator.GetBytes(before), .. Key, .. RandomNumberGenerator.GetBytes(7)];
        foreach (var form in new[]
        {
            Convert.ToHexString(surrounded), Convert.ToHexStringLower(surrounded),
            Convert.ToBase64String(surrounded), Base64Url.EncodeToString(surrounded),
            JsonSerializer.Serialize(surrounded), JsonSerializer.Serialize(Convert.ToBase64String(surrounded)),
        })
        {
            Assert.Equal(["key"], _canaries.FindIn(form));
            Assert.Equal(["key"], _canaries.FindIn(Encoding.Unicode.GetBytes(form)));
            Assert.Equal(["key"], _canaries.FindIn(Encoding.BigEndianUnicode.GetBytes(form)));
        }

        Assert.Equal(["key"], _canaries.FindIn(surrounded));
    }

    [Fact]
    public void Words_are_found_in_every_form_that_software_gives_to_text()
    {
        var text = Encoding.UTF8.GetBytes($"the words are {Words}.");
        foreach (var form in new[]
        {
            text, Encoding.Unicode.GetBytes(Words), Encoding.BigEndianUnicode.GetBytes(Words),
            Encoding.ASCII.GetBytes(Convert.ToHexString(text)), Encoding.ASCII.GetBytes(Convert.ToBase64String(text)),
        })
        {
            Assert.Equal(["words"], _canaries.FindIn(form));
        }
    }

    [Theory, InlineData(16), InlineData(31)]
    public void A_key_cut_in_two_by_a_page_of_a_file_is_found(int cut) =>
        Assert.Equal(["key"], _canaries.FindIn([.. Key[..cut], 0, 0, 1, 7, .. Key[cut..]]));

    [Fact]
    public void Two_secrets_in_one_place_are_both_found() =>
        Assert.Equal(["key", "words"], _canaries.FindIn([.. Key, .. Encoding.UTF8.GetBytes(Words)]));

    [Fact]
    public void A_file_is_read_while_another_holds_it_open()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("keyladder-test-").FullName, "open");
        using var open = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
        open.Write(Key);
        open.Flush();
        Assert.Equal([$"{path}: key"], _canaries.FindInFiles([new FileInfo(path)]));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
