using System.Globalization;
using System.Net;
using Keyladder.AspNetCore;
using Keyladder.Cryptography.Dids;
using Microsoft.AspNetCore.Antiforgery;

namespace Members;

/// <summary>The pages. What comes from elsewhere is encoded where it is put in.</summary>
internal static class Pages
{
    public static IResult Welcome() => Page(200, """
        <p>Nobody is signed in here.</p>
        <p><a href="/openid">Sign in with OpenID Connect</a>, or <a href="/did">with a DID</a> that you have linked.</p>
        """);

    /// <param name="did">What he signed in with, if it was a DID.</param>
    public static IResult Member(string id, string? did, IReadOnlyList<DidLink> links, AntiforgeryTokenSet tokens) => Page(200, $"""
        <p>Signed in as <strong id="member">{Text(id)}</strong>{(did is null ? "" : $" with <code>{Text(did)}</code>")}.</p>
        <h2>Your DIDs</h2>
        <ul>{string.Concat(links.Select(link => Row(link, tokens)))}</ul>
        <p><a href="/did">Link a DID</a></p>
        <h2>The lounge</h2>
        <p>It is <a href="/lounge">open</a> to you while somebody shares with you what they have agreed to. Say by which ids your program knows it:</p>
        <form method="post" action="/rules">{Token(tokens)}<label>Their DID <input name="did" value=""></label>
        <label>The attribute <input name="attribute" value=""></label><button>Watch it</button></form>
        <form method="post" action="/sign-out">{Token(tokens)}<button>Sign out</button></form>
        """);

    /// <summary>Shows a link for the member's own program, and takes its answer: did.js does both.</summary>
    public static IResult Did(DidSignInPurpose purpose) => Page(200, $"""
        <div id="did" data-purpose="{purpose.ToText()}">
        <p>Give this link to the program that keeps your keys, and open here what it answers:</p>
        <p><code id="command"></code></p>
        <p id="problem" role="alert"></p>
        </div>
        <noscript><p>This page needs its script: it shows the link and takes the answer.</p></noscript>
        <script src="/did.js" defer></script>
        """);

    public static IResult Warning(Did did, AntiforgeryTokenSet tokens) => Page(409, $"""
        <p id="warning"><strong>This is your last DID here.</strong> Without it you sign in with OpenID Connect alone; if that ends, nobody gets in as you.</p>
        <p><code>{Text(did.ToString())}</code></p>
        <form method="post" action="/unlink">{Token(tokens)}<input type="hidden" name="did" value="{Text(did.ToString())}">
        <input type="hidden" name="lastToo" value="true"><button>Unlink it all the same</button></form>
        <p><a href="/">Keep it</a></p>
        """);

    public static IResult Lounge() => Page(200, """<p id="lounge">Welcome to the lounge.</p>""");

    public static IResult NoLounge() => Page(403, """<p>The lounge is closed to you: nothing that counts is shared with you, or it was taken back. <a href="/">Back</a></p>""");

    public static IResult NoSharer() => Page(403, """<p>What that DID shares counts for nothing here. <a href="/">Back</a></p>""");

    private static string Row(DidLink link, AntiforgeryTokenSet tokens) => $"""
        <li><code>{Text(link.Did.ToString())}</code> since {link.Linked.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}
        <form method="post" action="/unlink">{Token(tokens)}<input type="hidden" name="did" value="{Text(link.Did.ToString())}"><button>Unlink</button></form></li>
        """;

    private static string Token(AntiforgeryTokenSet tokens) => $"""<input type="hidden" name="{Text(tokens.FormFieldName)}" value="{Text(tokens.RequestToken!)}">""";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static IResult Page(int status, string content) => Results.Content($"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Members</title><link rel="stylesheet" href="/members.css"></head>
        <body><main><h1>Members</h1>
        {content}
        </main></body>
        </html>
        """, "text/html; charset=utf-8", statusCode: status);
}
