using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace Keyladder.Testing;

/// <summary>
/// Secrets whose every trace is a failure. Each is looked for as it is and in the forms that software gives to bytes and text on the way:
/// hexadecimal, base64 and base64url at any alignment, UTF-16, JSON escapes. A secret of 16 bytes or more is looked for by its halves,
/// so that a copy that lost one end, or that lies across two pages of a file, is found too. Plant what this test alone generated: a
/// write-ahead log remembers the secrets of others.
/// </summary>
public sealed class Canaries
{
    // A form, its bytes as Latin-1, and the secret's name.
    private readonly Dictionary<string, string> _needles = new(StringComparer.Ordinal);
    private SearchValues<string>? _search;

    public void Plant(string name, ReadOnlySpan<byte> secret)
    {
        var half = secret.Length / 2;
        foreach (var part in secret.Length >= 16 ? [secret[..half].ToArray(), secret[half..].ToArray()] : new[] { secret.ToArray() })
        {
            AddBytes(name, part);
            AddText(name, Convert.ToHexStringLower(part));
            AddText(name, Convert.ToHexString(part));
            for (var alignment = 0; alignment < 3; alignment++)
            {
                AddText(name, Aligned(Convert.ToBase64String, part, alignment));
                AddText(name, Aligned(bytes => Base64Url.EncodeToString(bytes), part, alignment));
            }
        }

        _search = null;
    }

    /// <summary>A text: words, a passphrase, a Secret Key, a plaintext.</summary>
    public void Plant(string name, string secret)
    {
        Plant(name, Encoding.UTF8.GetBytes(secret));
        Plant(name, Encoding.Unicode.GetBytes(secret));
        Plant(name, Encoding.BigEndianUnicode.GetBytes(secret));
        AddText(name, secret);
    }

    /// <summary>The names of the secrets that stand in these bytes.</summary>
    public IReadOnlyCollection<string> FindIn(ReadOnlySpan<byte> haystack)
    {
        _search ??= SearchValues.Create([.. _needles.Keys], StringComparison.Ordinal);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var text = Encoding.Latin1.GetString(haystack).AsSpan();
        for (var at = text.IndexOfAny(_search); at >= 0; at = text.IndexOfAny(_search))
        {
            text = text[at..];
            foreach (var (needle, name) in _needles)
            {
                if (text.StartsWith(needle, StringComparison.Ordinal))
                    found.Add(name);
            }

            text = text[1..];
        }

        return found;
    }

    public IReadOnlyCollection<string> FindIn(string haystack) => FindIn(Encoding.UTF8.GetBytes(haystack));

    /// <summary>One line for each file and secret: "path: name".</summary>
    public IReadOnlyList<string> FindInFiles(IEnumerable<FileInfo> files) =>
        [.. files.SelectMany(file => FindIn(ReadShared(file)).Select(name => $"{file.FullName}: {name}"))];

    private static byte[] ReadShared(FileInfo file)
    {
        using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    // What of the encoding depends on these bytes alone, whatever stands before and after them.
    private static string Aligned(Func<byte[], string> encode, byte[] part, int alignment)
    {
        var encoded = encode([.. new byte[alignment], .. part]).TrimEnd('=');
        var first = (alignment * 8 + 5) / 6;
        var end = (alignment + part.Length) * 8 / 6;
        return encoded[first..end];
    }

    private void AddText(string name, string text)
    {
        foreach (var form in new[] { text, JavaScriptEncoder.Default.Encode(text) })
        {
            AddBytes(name, Encoding.UTF8.GetBytes(form));
            AddBytes(name, Encoding.Unicode.GetBytes(form));
            AddBytes(name, Encoding.BigEndianUnicode.GetBytes(form));
        }
    }

    private void AddBytes(string name, byte[] bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, 6, $"The secret {name} is too short to be told from chance.");
        _needles.TryAdd(Encoding.Latin1.GetString(bytes), name);
    }
}
