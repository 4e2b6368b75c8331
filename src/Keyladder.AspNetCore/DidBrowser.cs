using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Http;

namespace Keyladder.AspNetCore;

/// <summary>
/// What tells a browser from others while it signs in: a random value in a cookie that no script reads, of this host alone. An answer is good
/// only beside the value that its challenge was made for, so that nobody is signed in by what somebody else has answered.
/// </summary>
internal static class DidBrowser
{
    private const int Size = 32;

    /// <summary>The browser's value, a new one where it has none; it is kept as long as a challenge is good.</summary>
    public static byte[] Mark(HttpContext context, Origin origin)
    {
        if (!TryRead(context, origin, out var browser))
            browser = RandomNumberGenerator.GetBytes(Size);
        context.Response.Cookies.Append(NameOf(origin), Base64UrlText.Encode(browser), CookieOf(origin, DidChallenge.Lifetime));
        return browser;
    }

    public static bool TryRead(HttpContext context, Origin origin, out byte[] browser)
    {
        browser = [];
        if (!Base64UrlText.TryDecode(context.Request.Cookies[NameOf(origin)], out var read) || read.Length != Size)
            return false;
        browser = read;
        return true;
    }

    /// <summary>Once it has served.</summary>
    public static void Forget(HttpContext context, Origin origin) => context.Response.Cookies.Delete(NameOf(origin), CookieOf(origin, maxAge: null));

    private static bool IsHttps(Origin origin) => origin.Address.Scheme == Uri.UriSchemeHttps;

    // With the prefix no other host, and nobody on the way, can put one there (RFC 6265bis section 4.1.3.2).
    private static string NameOf(Origin origin) => IsHttps(origin) ? "__Host-did" : "did";

    private static CookieOptions CookieOf(Origin origin, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = maxAge,
        Path = "/",
        SameSite = SameSiteMode.Strict,
        Secure = IsHttps(origin),
    };
}
