using CsCheck;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Tests.Passphrases;

public sealed class UnlockSecretTests
{
    private const string TwelveWords = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    [Fact]
    public void What_has_the_shape_of_words_is_read_as_words_whether_or_not_a_Secret_Key_is_at_hand()
    {
        using var secretKey = SecretKey.Generate();
        Assert.Equal("words", Read(TwelveWords, secretKey: null).SlotKind);
        Assert.Equal("words", Read(TwelveWords.ToUpperInvariant(), secretKey).SlotKind);
        Assert.Equal(UnlockSecretFault.UnknownWord, Refused("one two three four five six seven eight nine ten eleven twelfth", secretKey).Fault);
        Assert.Equal(UnlockSecretFault.WordsChecksum, Refused(TwelveWords.Replace("yellow", "zoo"), secretKey).Fault);
    }

    [Fact]
    public void Everything_else_is_a_passphrase_and_needs_its_Secret_Key()
    {
        using var secretKey = SecretKey.Generate();
        Assert.Equal("passphrase", Read("correct horse battery staple", secretKey).SlotKind);
        Assert.Equal("passphrase", Read(TwelveWords + " zoo", secretKey).SlotKind);
        Assert.Equal(UnlockSecretFault.SecretKeyAbsent, Refused("correct horse battery staple", secretKey: null).Fault);
        Assert.Equal(UnlockSecretFault.TooShort, Refused("short", secretKey).Fault);
    }

    [Fact]
    public void A_secret_outlives_what_it_was_made_of()
    {
        Words words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        words.Dispose();
        using var pseudorandomKey = secret.DerivePseudorandomKey();
        Assert.Equal(64, pseudorandomKey.Length);

        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.DerivePseudorandomKey());
    }

    [Fact]
    public void A_device_secret_has_one_length_comes_back_as_it_was_written_and_is_of_its_own_kind()
    {
        foreach (var length in new[] { 0, 31, 33 })
            Assert.False(DeviceSecret.TryImport(new byte[length], out _));
        using var secret = DeviceSecret.Generate();
        var bytes = new byte[DeviceSecret.Size];
        secret.DangerousWriteTo(bytes);
        Assert.True(DeviceSecret.TryImport(bytes, out var kept));
        using (kept)
        using (var other = DeviceSecret.Generate())
        {
            Assert.Equal(Derived(secret), Derived(kept));
            Assert.NotEqual(Derived(secret), Derived(other));
        }

        using var unlock = UnlockSecret.FromDevice(secret);
        Assert.Equal("device", unlock.SlotKind);
        Assert.Throws<ArgumentOutOfRangeException>(() => secret.DangerousWriteTo(new byte[31]));
    }

    [Fact]
    public void Words_of_any_entropy_read_back() => Gen.Byte.Array[16].Sample(entropy =>
    {
        using var words = Words.FromEntropy(entropy);
        Assert.True(Words.TryParse(WordsTests.Write(words), out var read, out _));
        using (read)
            Assert.True(read.HasEntropy(entropy));
    });

    [Fact]
    public void Secret_Keys_of_any_bytes_read_back() => Gen.Byte.Array[32].Sample(secret =>
    {
        using var key = SecretKey.FromSecret(secret);
        Assert.True(SecretKey.TryParse(SecretKeyTests.Write(key), out var read, out _));
        using var copy = read.CopySecret();
        Assert.Equal(secret, copy.DangerousSpan);
    });

    [Fact]
    public void Every_text_is_read_or_refused_by_each_reader_and_none_throws() => Gen.String[Gen.OneOf(Gen.Char, Gen.Char["abc ABCKL1-\t\u00e9\u0301\ud83d\ude00"]), 0, 120].Sample(typed =>
    {
        using var secretKey = SecretKey.FromSecret(new byte[32]);
        var read = UnlockSecret.TryParse(typed, secretKey, out var secret, out var error);
        Assert.Equal(read, error is null);
        Assert.Equal(read, secret is not null);
        Assert.Equal(Words.TryParse(typed, out _, out error), error is null);
        Assert.Equal(SecretKey.TryParse(typed, out _, out error), error is null);
        secret?.Dispose();
    });

    [Fact]
    public void Shape_is_told_by_runs_of_ASCII_letters()
    {
        Assert.True(UnlockSecret.HasShapeOfWords("a b c d e f g h i j k l"));
        Assert.True(UnlockSecret.HasShapeOfWords("\na\tb  c\vd e f g h i j k l "));
        Assert.False(UnlockSecret.HasShapeOfWords("a b c d e f g h i j k"));
        Assert.False(UnlockSecret.HasShapeOfWords("a b c d e f g h i j k 1"));
        Assert.False(UnlockSecret.HasShapeOfWords("a b c d e f g h i j k ü"));
        Assert.False(UnlockSecret.HasShapeOfWords("a b c d e f g h i j k \ud83d"));
        Assert.False(UnlockSecret.HasShapeOfWords(""));
    }

    private static byte[] Derived(DeviceSecret secret)
    {
        using var unlock = UnlockSecret.FromDevice(secret);
        using var pseudorandomKey = unlock.DerivePseudorandomKey();
        return pseudorandomKey.DangerousSpan.ToArray();
    }

    private static UnlockSecret Read(string typed, SecretKey? secretKey)
    {
        Assert.True(UnlockSecret.TryParse(typed, secretKey, out var secret, out var error), error?.ToString());
        return secret;
    }

    private static UnlockSecretError Refused(string typed, SecretKey? secretKey)
    {
        Assert.False(UnlockSecret.TryParse(typed, secretKey, out var secret, out var error));
        Assert.Null(secret);
        return error;
    }
}
