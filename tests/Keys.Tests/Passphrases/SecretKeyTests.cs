using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Tests.Passphrases;

public sealed class SecretKeyTests
{
    [Fact]
    public void The_written_form_is_that_of_the_specification()
    {
        var secret = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using var key = SecretKey.FromSecret(secret);

        // By other means: check by hand-made fields, symbols by division of one large number.
        var label = Encoding.ASCII.GetBytes("keystore/v1/secret-key");
        var input = new byte[4 + label.Length + 4 + 32];
        BinaryPrimitives.WriteInt32BigEndian(input, label.Length);
        label.CopyTo(input, 4);
        BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(4 + label.Length), 32);
        secret.CopyTo(input, 8 + label.Length);
        byte[] content = [.. secret, .. SHA256.HashData(input)[..3]];
        var number = new BigInteger(content, isUnsigned: true, isBigEndian: true);
        var symbols = Enumerable.Range(0, 56).Select(i => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(int)((number >> (5 * (55 - i))) & 31)]);
        var groups = symbols.Chunk(7).Select(group => new string(group));
        Assert.Equal($"KL1-{string.Join('-', groups)}", Write(key));
    }

    [Fact]
    public void What_is_written_reads_back_in_every_tolerated_form()
    {
        using var key = SecretKey.Generate();
        var text = Write(key);
        Assert.Equal(SecretKey.TextLength, text.Length);
        string[] forms =
        [
            text, text.ToLowerInvariant(), text.Replace("-", ""), text.Replace('-', ' '), $" {text}\n",
            "KL1" + text[3..].Replace('0', 'O').Replace('1', 'I'), "kl1" + text[3..].Replace('0', 'o').Replace('1', 'l'),
        ];
        Assert.All(forms, form => Assert.Equal(text, Write(Read(form))));
    }

    [Fact]
    public void Each_wrong_symbol_is_found_by_the_checksum()
    {
        using var key = SecretKey.FromSecret(new byte[32]);
        var text = Write(key);
        for (var i = 4; i < text.Length; i++)
        {
            if (text[i] == '-')
                continue;
            foreach (var symbol in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".Where(symbol => symbol != text[i]))
                Assert.Equal(UnlockSecretFault.SecretKeyChecksum, Refused($"{text[..i]}{symbol}{text[(i + 1)..]}").Fault);
        }
    }

    [Theory]
    [InlineData("", UnlockSecretFault.SecretKeyVersion)]
    [InlineData("KL", UnlockSecretFault.SecretKeyVersion)]
    [InlineData("KLI-0000000", UnlockSecretFault.SecretKeyVersion)]
    [InlineData("KL2-0000000", UnlockSecretFault.SecretKeyVersion)]
    [InlineData("XX1-0000000", UnlockSecretFault.SecretKeyVersion)]
    [InlineData("KL1", UnlockSecretFault.SecretKeyLength)]
    [InlineData("KL1-0000000", UnlockSecretFault.SecretKeyLength)]
    [InlineData("KL1-00000U0", UnlockSecretFault.SecretKeySymbol)]
    [InlineData("KL1-0000\u06600", UnlockSecretFault.SecretKeySymbol)]
    public void What_is_no_code_is_refused_with_its_reason(string typed, UnlockSecretFault fault) => Assert.Equal(fault, Refused(typed).Fault);

    [Fact]
    public void A_character_that_is_no_symbol_is_named_by_its_position() => Assert.Equal(10, Refused("KL1-00000U0").Position);

    [Fact]
    public void A_symbol_too_many_or_too_few_is_refused()
    {
        using var key = SecretKey.Generate();
        Assert.Equal(UnlockSecretFault.SecretKeyLength, Refused(Write(key) + "0").Fault);
        Assert.Equal(UnlockSecretFault.SecretKeyLength, Refused(Write(key)[..^1]).Fault);
    }

    internal static string Write(SecretKey key)
    {
        var buffer = new char[SecretKey.TextLength];
        key.DangerousWriteTo(buffer);
        return new string(buffer);
    }

    private static SecretKey Read(string typed) =>
        SecretKey.TryParse(typed, out var key, out var error) ? key : throw new InvalidOperationException(error.ToString());

    private static UnlockSecretError Refused(string typed)
    {
        Assert.False(SecretKey.TryParse(typed, out _, out var error));
        return error;
    }
}
