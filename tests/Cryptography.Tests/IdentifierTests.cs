using System.Buffers.Binary;
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

    [Fact]
    public void I03_but_for_version_and_variant_no_bit_of_an_id_stands_still_or_follows_from_the_id_before()
    {
        const int Count = 2_000;
        int[] set = new int[128], changed = new int[128];
        UInt128 before = 0;
        for (var count = 0; count < Count; count++)
        {
            var id = BinaryPrimitives.ReadUInt128BigEndian(DataId.Generate().Value.ToByteArray(bigEndian: true));
            for (var bit = 0; bit < 128; bit++)
            {
                set[bit] += (int)((id >> bit) & 1);
                changed[bit] += (int)(((id ^ before) >> bit) & 1);
            }

            before = id;
        }

        // Half of the time each. A fair coin is off by as much as this in one of 10^12 tries.
        const int Off = Count / 2 / 6;
        int[] standing = [62, 63, 76, 77, 78, 79];
        Assert.All(Enumerable.Range(0, 128).Except(standing), bit =>
        {
            Assert.InRange(set[bit], (Count / 2) - Off, (Count / 2) + Off);
            Assert.InRange(changed[bit], (Count / 2) - Off, (Count / 2) + Off);
        });
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
