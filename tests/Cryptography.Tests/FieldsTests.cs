using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace Keyladder.Cryptography.Tests;

public sealed class FieldsTests
{
    [Fact]
    public void Each_kind_of_field_has_the_bytes_of_the_specification()
    {
        Assert.True(SlotId.TryParse("00112233-4455-4677-8899-aabbccddeeff", out var slot));

        var encoded = Fields.Encode("a/v1", new byte[] { 0xFF, 0x00 }, "ü", 258, slot);

        Assert.Equal(
            "00000004612f7631" + "00000002ff00" + "00000002c3bc" + "000000080000000000000102" + "0000001000112233445546778899aabbccddeeff",
            Convert.ToHexStringLower(encoded));
    }

    [Fact]
    public void Every_id_type_stands_for_its_16_bytes()
    {
        var value = KeyId.Generate().Value;
        var expected = Fields.Encode("x", value.ToByteArray(bigEndian: true));

        Field[] ids = [new AccountId(value), new SlotId(value), new KeyEncryptionKeyId(value), new KeyId(value), new DataId(value), new SessionId(value), new ItemId(value), new AttributeId(value)];
        Assert.All(ids, id => Assert.Equal(expected, Fields.Encode("x", id)));
    }

    [Fact]
    public void E14_what_was_encoded_reads_back_so_no_two_lists_of_fields_share_an_encoding() =>
        Gen.Select(Gen.String[0, 20], Gen.Byte.Array[0, 40].Array[0, 6])
            .Where(list => !list.Item1.Any(char.IsSurrogate))
            .Sample((label, fields) =>
            {
                var decoded = Decode(Fields.Encode(label, [.. fields.Select(field => (Field)field)]));
                Assert.Equal([Encoding.UTF8.GetBytes(label), .. fields], decoded);
            });

    [Fact]
    public void What_was_encoded_is_read_field_by_field_and_a_cut_moves_nothing() =>
        Gen.Select(Gen.Byte.Array[0, 20].Array[1, 5], Gen.Int[0, 200]).Sample((fields, cut) =>
        {
            var encoded = Fields.Encode("x", [.. fields.Select(field => (Field)field)]);
            cut %= encoded.Length + 1;
            ReadOnlyMemory<byte> rest = encoded.AsMemory(0, cut);
            var read = new List<byte[]>();
            while (Fields.TryRead(ref rest, out var field))
                read.Add(field.ToArray());

            var whole = Decode(encoded);
            Assert.Equal(whole.Take(read.Count), read);
            var taken = read.Sum(field => sizeof(uint) + field.Length);
            Assert.Equal(encoded[taken..cut], rest.ToArray());
            Assert.True(read.Count == whole.Count || cut < taken + sizeof(uint) + whole[read.Count].Length);
        });

    [Theory]
    [InlineData("")]
    [InlineData("000000")]
    [InlineData("00000001")]
    [InlineData("0000000300ff")]
    [InlineData("7fffffff00")]
    [InlineData("80000000ff")]
    [InlineData("fffffffcff")]
    [InlineData("ffffffff00000000")]
    public void A_field_that_is_not_whole_is_not_read(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        ReadOnlyMemory<byte> rest = bytes;
        Assert.False(Fields.TryRead(ref rest, out var field));
        Assert.Equal(bytes, rest.ToArray());
        Assert.True(field.IsEmpty);
    }

    [Fact]
    public void E14_of_a_million_lists_of_fields_no_two_share_an_encoding()
    {
        // Few values and short ones, so that bytes of one field often look like the length, the end or the beginning of another.
        var lists = new Dictionary<UInt128, UInt128>();
        var random = new byte[32];
        for (var list = 0; list < 1_000_000; list++)
        {
            RandomNumberGenerator.Fill(random);
            var fields = Enumerable.Range(0, random[0] % 5).Select(at => random.AsSpan(4 + (at * 7), random[31 - at] % 7).ToArray()).ToArray();
            Array.ForEach(fields, field =>
            {
                for (var at = 0; at < field.Length; at++)
                    field[at] %= 5;
            });
            var encoding = Hash(Fields.Encode("x", [.. fields.Select(field => (Field)field)]));
            var written = Hash(Encoding.ASCII.GetBytes(string.Join('|', fields.Select(Convert.ToHexString)) + fields.Length));
            if (!lists.TryAdd(encoding, written))
                Assert.Equal(lists[encoding], written);
        }

        Assert.True(lists.Count > 100_000);

        static UInt128 Hash(byte[] bytes) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(bytes));
    }

    [Fact]
    public void E14_bytes_that_move_from_one_field_to_the_next_change_the_encoding() =>
        Gen.Select(Gen.Byte.Array[1, 30], Gen.Int[0, 30], Gen.Int[0, 30]).Sample((bytes, first, second) =>
        {
            first %= bytes.Length + 1;
            second %= bytes.Length + 1;
            var same = Fields.Encode("x", bytes[..first], bytes[first..]).AsSpan().SequenceEqual(Fields.Encode("x", bytes[..second], bytes[second..]));
            Assert.Equal(first == second, same);
        });

    [Fact]
    public void A_text_without_UTF_8_is_refused_and_not_replaced()
    {
        Assert.Throws<EncoderFallbackException>(() => Fields.Encode("\ud800"));
        Assert.Throws<EncoderFallbackException>(() => Fields.Encode("x", "\udc00"));
    }

    [Fact]
    public void A_negative_number_has_no_field() => Assert.Throws<ArgumentOutOfRangeException>(() => Fields.Encode("x", -1));

    private static List<byte[]> Decode(ReadOnlySpan<byte> encoded)
    {
        var fields = new List<byte[]>();
        while (!encoded.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(encoded);
            fields.Add(encoded.Slice(4, length).ToArray());
            encoded = encoded[(4 + length)..];
        }

        return fields;
    }
}
