using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Requests;

/// <summary>What JSON's types do not say about the members that bodies of several endpoints have. Looked at before the database is asked.</summary>
public static class Form
{
    public const int HashSize = 32;

    private const int MaxJwsLength = 32 * 1024;
    private const byte EnvelopeVersion = 0x01;

    /// <exception cref="ProblemException">It is longer than any JWS of ours.</exception>
    public static void RequireJws(string text) => Problem.MalformedRequestUnless(text.Length <= MaxJwsLength);

    /// <summary>What lets a person in, if anything has to.</summary>
    /// <exception cref="ProblemException">It is neither.</exception>
    public static void RequireEntrance(byte[]? invitation, string? admission)
    {
        Problem.MalformedRequestUnless(invitation is null or { Length: InvitationCode.SecretSize });
        RequireJws(admission ?? "");
    }

    /// <exception cref="ProblemException">There are more than one request may hold.</exception>
    public static void RequireAtMost(int most, int number)
    {
        if (number > most)
            throw Problem.TooLarge();
    }

    public static bool IsEnvelope(byte[] bytes) => bytes is [EnvelopeVersion, ..];
}
