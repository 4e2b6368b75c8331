using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// What an app's page shows to whoever wants to sign in with a DID there, or to link one (docs/spec/did-sign-in.md section 1):
/// <c>ADDRESS#purpose=…&amp;challenge=…&amp;check=…</c>. What stands in a fragment is sent to no server.
/// </summary>
public sealed record DidSignInLink
{
    /// <summary>Characters of a link.</summary>
    public const int MaxLength = 4096;

    /// <summary>Characters of a challenge.</summary>
    public const int MaxChallengeLength = 2048;

    private const string PurposeName = "purpose=";
    private const string ChallengeName = "&challenge=";
    private const string CheckName = "&check=";
    private const int CheckSize = 6;

    private DidSignInLink(Uri page, Origin origin, DidSignInPurpose purpose, string challenge) =>
        (Page, Origin, Purpose, Challenge) = (page, origin, purpose, challenge);

    /// <summary>The app's page: scheme, host, port and path.</summary>
    public Uri Page { get; }

    /// <summary>That of the page; what is signed for.</summary>
    public Origin Origin { get; }

    public DidSignInPurpose Purpose { get; }

    /// <summary>The app's own text, of the characters of <c>b64u</c>: opaque to whoever signs.</summary>
    public string Challenge { get; }

    /// <summary>For the app.</summary>
    /// <param name="page">The page that takes the answer: <c>https</c>, or <c>http</c> on this machine; no query, no fragment.</param>
    /// <param name="purpose">What the answer is for.</param>
    /// <param name="challenge">1 to <see cref="MaxChallengeLength"/> characters of <c>b64u</c>.</param>
    /// <exception cref="ArgumentException">One of them is not like that.</exception>
    public static DidSignInLink Create(Uri page, DidSignInPurpose purpose, string challenge)
    {
        ArgumentNullException.ThrowIfNull(page);
        return TryParse(Text(page, purpose, challenge), out var link)
            ? link
            : throw new ArgumentException("The address of the page is no https address without query, or the challenge is none.", nameof(page));
    }

    /// <summary>Reads a link that an app shows.</summary>
    /// <returns>
    /// False where it has another form, is not whole, or where its page is not reached safely: neither <c>https</c> nor <c>http</c> on this machine.
    /// </returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DidSignInLink? link)
    {
        link = null;
        var hash = text?.IndexOf('#', StringComparison.Ordinal) ?? -1;
        if (text is null or { Length: > MaxLength }
            || hash < 0
            || !Uri.TryCreate(text[..hash], UriKind.Absolute, out var page)
            || page.AbsoluteUri != text[..hash]
            || page.Query.Length > 0
            || !Origin.TryParse(page.GetLeftPart(UriPartial.Authority), out var origin)
            || !origin.IsSecure
            || !TryReadFragment(text[(hash + 1)..], out var purpose, out var challenge))
            return false;

        // With that the check is as it must be: opaque as the challenge is, nothing else tells a link that was cut from a whole one.
        var read = new DidSignInLink(page, origin, purpose, challenge);
        link = read.ToString() == text ? read : null;
        return link is not null;
    }

    /// <summary>
    /// The address to open in the browser that shows the page, so that its script finds the answer:
    /// <c>PAGE#challenge=…&amp;response=…</c>.
    /// </summary>
    /// <param name="response">What <see cref="DidSignIn"/> signed for this link.</param>
    public Uri AnswerWith(string response) => new($"{Page.AbsoluteUri}#challenge={Challenge}&response={response}");

    /// <summary>The link itself.</summary>
    public override string ToString() => Text(Page, Purpose, Challenge);

    private static string Text(Uri page, DidSignInPurpose purpose, string challenge)
    {
        var text = $"{page.AbsoluteUri}#{PurposeName}{purpose.ToText()}{ChallengeName}{challenge}";
        return $"{text}{CheckName}{Base64UrlText.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, CheckSize))}";
    }

    private static bool TryReadFragment(string fragment, out DidSignInPurpose purpose, [NotNullWhen(true)] out string? challenge)
    {
        (purpose, challenge) = (default, null);
        var (at, end) = (fragment.IndexOf(ChallengeName, StringComparison.Ordinal), fragment.LastIndexOf(CheckName, StringComparison.Ordinal));
        if (at < 0
            || end < at + ChallengeName.Length
            || !fragment.StartsWith(PurposeName, StringComparison.Ordinal)
            || !DidSignInPurposes.TryParse(fragment[PurposeName.Length..at], out purpose))
            return false;
        challenge = fragment[(at + ChallengeName.Length)..end];
        return challenge.Length is > 0 and <= MaxChallengeLength
            && challenge.All(symbol => char.IsAsciiLetterOrDigit(symbol) || symbol is '-' or '_');
    }
}
