using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Dids;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class DidSignInVectors
{
    public static bool Statements(VectorCase vector)
    {
        if (!DidSignInLink.TryParse(vector.Text("link"), out var link) || !DidSignIn.TryVerify(vector.Text("jws"), out var read) || !read.Answers(link))
            return false;
        vector.GivesJson("payload", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["iss"] = read.Signer.ToString(),
            ["aud"] = read.Audience.ToString(),
            ["purpose"] = read.Purpose.ToText(),
            ["challenge"] = Base64UrlText.Encode(read.LinkHash),
        }));
        return true;
    }

    public static bool Links(VectorCase vector)
    {
        if (!DidSignInLink.TryParse(vector.Text("link"), out var link))
            return false;
        vector.Gives("page", link.Page.AbsoluteUri);
        vector.Gives("origin", link.Origin.ToString());
        vector.Gives("purpose", link.Purpose.ToText());
        vector.Gives("challenge", link.Challenge);
        vector.Gives("address", link.AnswerWith(vector.Text("response")).AbsoluteUri);
        Assert.Equal(vector.Text("link"), DidSignInLink.Create(link.Page, link.Purpose, link.Challenge).ToString());
        return true;
    }
}
