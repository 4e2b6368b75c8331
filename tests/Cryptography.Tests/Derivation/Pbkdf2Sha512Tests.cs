using Keyladder.Cryptography.Derivation;

namespace Keyladder.Cryptography.Tests.Derivation;

public sealed class Pbkdf2Sha512Tests
{
    // The file for SHA-256 is not read: no format here uses PBKDF2 with it.
    [Fact]
    public void All_58_public_vectors_give_what_they_say()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof("pbkdf2_hmacsha512_test.json"))
        {
            using var derived = Pbkdf2Sha512.Derive(
                theCase.Hex("password"), theCase.Hex("salt"), theCase.GetProperty("iterationCount").GetInt32(), theCase.GetProperty("dkLen").GetInt32());
            Assert.Equal(theCase.Hex("dk"), derived.DangerousSpan);
            seen++;
        }

        Assert.Equal(58, seen);
    }
}
