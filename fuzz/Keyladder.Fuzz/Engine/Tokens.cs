using System.Text;

namespace Keyladder.Fuzz.Engine;

/// <summary>What parsers trip over: bounds of integers, JSON's edges, bytes that are no UTF-8, characters that look or fold like others.</summary>
internal static class Tokens
{
    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. Texts(
            "{", "}", "[", "]", ":", ",", "\"", "\\", "/", ".", "..", "-", "_", "=", "==", "?", "#", "%", "@", "+", "*", ";", "|", "~", "^", " ", "\t",
            "\r\n", "\n", "\0", "null", "true", "false", "0", "-0", "1", "-1", "00", "1.0", "1e0", "1E400", "-1e-400", "127", "128", "255", "256", "32767", "65535",
            "65536", "2147483647", "2147483648", "-2147483648", "4294967296", "9007199254740991", "9007199254740992", "9223372036854775807",
            "9223372036854775808", "18446744073709551616", "253402300800", "253402300799999", "99999999999999999999999999999999", "NaN", "Infinity",
            "/*", "*/", "//", "{}", "[]", "\"\"", "[[", "{\"a\":", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0041", "\\\"", "\\u002f",
            "\u00e9", "e\u0301", "\u0130", "\u0131", "\u017f", "\u212a", "\ufb01", "\ufdfa", "\u3000", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ufffd",
            "\uff0e", "\u3002", "\u2044", "\ud83d\ude00", "\u0085", "\u2028", "xn--", "xn--a", "[::1]", "[fe80::1%25eth0]", "localhost", "127.1",
            "0x7f000001", "http://", "https://", "https:", "user:pw@", ":443", ":0", ":65536", "did:key:", "did:key:z6Mk", "sha-256=:", "sig=", "sig=:",
            ";created=", ";nonce=", ";keyid=", ";alg=\"hmac-sha256\"", "KL1-", "O", "I", "L", "eyJhbGciOiJub25lIn0", "AAAA", "AQ", "__proto__", "$type",
            "\"ask\":\"unlock\"", "2024-02-30", "0000-00-00", "9999-12-31", "00000000-0000-4000-8000-000000000000", "urn:keyladder:problem:head-conflict",
            "urn:keyladder:problem:unavailable"),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8], [0x80], [0xE2, 0x82], [0xEF, 0xBB, 0xBF], [0xFE, 0xFF],
        [0x80, 0x00], [0x01], [0x02], [0x03], [0x01, 0x00, 0x00], new byte[32], [.. Enumerable.Repeat((byte)0xFF, 32)], new byte[256],
    ];

    /// <summary>Numbers where lengths, counts and signs turn over.</summary>
    public static IReadOnlyList<long> Integers { get; } =
    [
        0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 201, 202, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 4096, 16384, 16400,
        32767, 32768, 65535, 65536, 1 << 20, 1 << 24, (1 << 25) + 1, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32, (1L << 53) - 1, 1L << 53, long.MaxValue,
        -1, -2, -128, int.MinValue, long.MinValue,
    ];

    // Of what these sources write as a lone surrogate there is none: UTF-8 has no form of it, the escapes and the bytes above do that.
    private static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);
}
