using System.Text.Json;

namespace Keyladder.Cryptography.Tests;

public sealed class IdentifierTests
{
    [Fact]
    public void I03_a_generated_id_is_of_version_4_and_the_RFCs_variant_and_reads_back()
    {
        var seen = new HashSet<KeyId>();
        for (var count = 0; count < 1_000; count++)
        {
            var id = KeyId.Generate();
            Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id.ToString());
            Assert.True(KeyId.TryParse(id.ToString(), out var read));
            Assert.Equal(id, read);
            Assert.True(seen.Add(id));
        }
    }

    [Theory]
    [InlineData("0b0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f", true)]
    [InlineData("0B0E7B5C-6C0C-4A0A-9F5E-3F8D2B1C4E6F", false)]
    [InlineData("{0b0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f}", false)]
    [InlineData("0b0e7b5c6c0c4a0a9f5e3f8d2b1c4e6f", false)]
    [InlineData(" 0b0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f", false)]
    [InlineData("0b0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f\n", false)]
    [InlineData("0b0e7b5c-6c0c-1a0a-9f5e-3f8d2b1c4e6f", false)]
    [InlineData("0b0e7b5c-6c0c-7a0a-9f5e-3f8d2b1c4e6f", false)]
    [InlineData("0b0e7b5c-6c0c-4a0a-1f5e-3f8d2b1c4e6f", false)]
    [InlineData("0b0e7b5c-6c0c-4a0a-cf5e-3f8d2b1c4e6f", false)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("0x0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_one_form_of_an_id_is_read(string? text, bool accepted)
    {
        Assert.Equal(accepted, AccountId.TryParse(text, out var id));
        if (!accepted)
            Assert.Equal(default, id);
    }

    [Fact]
    public void An_id_in_JSON_is_its_text_and_no_other_is_read()
    {
        var id = DataId.Generate();
        var json = JsonSerializer.Serialize(id);

        Assert.Equal($"\"{id}\"", json);
        Assert.Equal(id, JsonSerializer.Deserialize<DataId>(json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DataId>(json.ToUpperInvariant()));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DataId>("7"));
    }
}
