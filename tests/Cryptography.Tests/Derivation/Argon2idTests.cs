using System.Text;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Keyladder.Cryptography.Tests.Derivation;

/// <summary>
/// The RFC's own vector has four lanes, a secret and associated data, none of which is had here. So it checks a second implementation, and
/// that one checks ours at its fixed cost.
/// </summary>
public sealed class Argon2idTests
{
    private const string LongPassword =
        "a347ae92bce9f80f6f595a4480fc9c2fe7e7d7148d371e9487d75f5c23008ffae065577a928febd9b1973a5a95073acdbeb6a030cfc0d79caa2dc5cd011cef02c0"
        + "8da232d76d52dfbca38ca8dcbd665b17d1665f7cf5fe59772ec909733b24de97d6f58d220b20c60d7c07ec1fd93c52c31020300c6c1facd77937a597c7a6";

    /// <summary>From libsodium's tests (test/default/pwhash_argon2id.c and its .exp): passes, bytes of memory, password, salt, output.</summary>
    private static readonly (int Passes, int Memory, string Password, string Salt, string Output)[] Published =
    [
        (5, 7256678, LongPassword, "5541fbc995d5c197ba290346d2c559de",
            "18acec5d6507739f203d1f5d9f1d862f7c2cdac4f19d2bdff64487e60d969e3ced615337b9eec6ac4461c6ca07f0939741e57c24d0005c"
            + "7ea171a0ee1e7348249d135b38f222e4dad7b9a033ed83f5ca27277393e316582033c74affe2566a2bea47f91f0fd9fe49ece7e1f79f3a"
            + "d6e9b23e0277c8ecc4b313225748dd2a80f5679534a0700e246a79a49b3f74eb89ec6205fe1eeb941c73b1fcf1"),
        (4, 7849083,
            "e125cee61c8cb7778d9e5ad0a6f5d978ce9f84de213a8556d9ffe202020ab4a6ed9074a4eb3416f9b168f137510f3a30b70b96cbfa219ff99f6c6eaffb15c06b60"
            + "e00cc2890277f0fd3c622115772f7048adaebed86e", "f1192dd5dc2368b9cd421338b2243345",
            "26bab5f101560e48c711da4f05e81f5a3802b7a93d5155b9cab153069cc42b8e9f910bfead747652a0708d70e4de0bada37218bd203a12"
            + "01c36b42f9a269b675b1f30cfc36f35a3030e9c7f57dfba0d341a974c1886f708c3e8297efbfe411bb9d51375264bd7c70d57a8a56fc9d"
            + "e2c1c97c08776803ec2cd0140bba8e61dc0f4ad3d3d1a89b4b710af81bfe35a0eea193e18a6da0f5ec05542c9eefc4584458e1da715611"
            + "ba09617384748bd43b9bf1f3a6df4ecd091d0875e08d6e2fd8a5c7ce08904b5160cd38167b76ec76ef2d310049055a564da23d4ebd2b87"
            + "e421cc33c401e12d5cd8d936c9baf75ebdfb557d342d2858fc781da31860"),
        (1, 1631659, "b540beb016a5366524d4605156493f9874514a5aa58818cd0c6dfffaa9e90205f17b", "44071f6d181561670bda728d43fb79b4",
            "7fb72409b0987f8190c3729710e98c3f80c5a8727d425fdcde7f3644d467fe973f5b5fee683bd3fce812cb9ae5e9921a2d06c2f1905e4e"
            + "839692f2b934b682f11a2fe2b90482ea5dd234863516dba6f52dc0702d324ec77d860c2e181f84472bd7104fedce071ffa93c5309494ad"
            + "51623d214447a7b2b1462dc7d5d55a1f6fd5b54ce024118d86f0c6489d16545aaa87b6689dad9f2fb47fda9894f8e12b87d978b483ccd4"
            + "cc5fd9595cdc7a818452f915ce2f7df95ec12b1c72e3788d473441d884f9748eb14703c21b45d82fd667b85f5b2d98c13303b3fe762855"
            + "31a826b6fc0fe8e3dddecf"),
    ];

    private static readonly byte[] Salt = [.. Enumerable.Range(1, Argon2id.SaltSize).Select(number => (byte)number)];

    [Fact]
    public void Published_vectors_of_one_lane_give_what_they_say()
    {
        foreach (var vector in Published)
        {
            var (password, salt, expected) = (Convert.FromHexString(vector.Password), Convert.FromHexString(vector.Salt), Convert.FromHexString(vector.Output));
            using var derived = Argon2id.Derive(password, salt, vector.Passes, vector.Memory / 1024, expected.Length);
            Assert.Equal(expected, derived.DangerousSpan);
            Assert.Equal(expected, BouncyCastle(password, salt, vector.Passes, vector.Memory / 1024, expected.Length));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("correct horse battery staple")]
    public void At_64_MiB_3_passes_and_1_lane_it_gives_what_the_second_implementation_gives(string password)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        using var derived = Argon2id.Derive(bytes, Salt);
        Assert.Equal(BouncyCastle(bytes, Salt, passes: 3, memoryInKiB: 65536, length: 32), derived.DangerousSpan);
    }

    [Fact]
    public void The_second_implementation_gives_the_RFC_s_vector()
    {
        // RFC 9106 section 5.3.
        var parameters = Version13().WithIterations(3).WithMemoryAsKB(32).WithParallelism(4).WithSalt(Repeated(2, 16)).WithSecret(Repeated(3, 8)).WithAdditional(Repeated(4, 12));
        Assert.Equal(
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
            Convert.ToHexStringLower(Generate(parameters, Repeated(1, 32), 32)));
    }

    [Fact]
    public void Another_salt_or_password_gives_other_bytes()
    {
        using var derived = Argon2id.Derive("password"u8, Salt);
        using var again = Argon2id.Derive("password"u8, Salt);
        using var otherPassword = Argon2id.Derive("passwore"u8, Salt);
        using var otherSalt = Argon2id.Derive("password"u8, [.. Salt[1..], 0]);
        Assert.True(derived.FixedTimeEquals(again));
        Assert.All(new SecretBytes[] { otherPassword, otherSalt }, other => Assert.False(derived.FixedTimeEquals(other)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void A_salt_of_another_length_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => Argon2id.Derive("password"u8, new byte[length]));

    private static byte[] BouncyCastle(byte[] password, byte[] salt, int passes, int memoryInKiB, int length) =>
        Generate(Version13().WithIterations(passes).WithMemoryAsKB(memoryInKiB).WithParallelism(1).WithSalt(salt), password, length);

    private static Argon2Parameters.Builder Version13() => new Argon2Parameters.Builder(Argon2Parameters.Argon2id).WithVersion(Argon2Parameters.Version13);

    private static byte[] Generate(Argon2Parameters.Builder parameters, byte[] password, int length)
    {
        var generator = new Argon2BytesGenerator();
        generator.Init(parameters.Build());
        var output = new byte[length];
        generator.GenerateBytes(password, output);
        return output;
    }

    private static byte[] Repeated(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}
