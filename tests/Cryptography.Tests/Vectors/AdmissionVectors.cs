using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class AdmissionVectors
{
    public static bool Invitations(VectorCase vector)
    {
        if (!InvitationCode.TryParse(vector.Text("typed"), out var code))
            return false;
        using (code)
        {
            vector.Gives("secret", code.DangerousSpan);
            vector.Gives("hash", InvitationCode.HashOf(code.DangerousSpan.ToArray()));
            var written = new char[InvitationCode.TextLength];
            code.DangerousWriteTo(written);
            vector.Gives("code", new string(written));
            return true;
        }
    }

    public static bool Admissions(VectorCase vector)
    {
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("publicKey"), out var registered));
        if (!Admission.TryVerify(vector.Text("jws"), registered, out var read))
            return false;
        vector.GivesJson("payload", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["aud"] = read.Audience.ToString(),
            ["jti"] = read.Id.ToString(),
            ["iat"] = read.IssuedAt,
            ["exp"] = read.Expires,
        }));
        return true;
    }
}
