namespace Keyladder.Cryptography.Signing;

/// <summary>What a request signature speaks of (docs/spec/sign-in.md section 4), in the order of the signature base.</summary>
public sealed record CoveredComponents
{
    /// <summary>The list as it stands in <c>Signature-Input</c>.</summary>
    internal const string List = """("@method" "@authority" "@path" "@query" "content-digest")""";

    /// <param name="method">As it stands in the request line.</param>
    /// <param name="origin">The service's configured origin, or the one that the person entered; never what a request says.</param>
    /// <param name="target">Path and query as they stand in the request line, from <c>/</c> on: nothing is decoded or normalized.</param>
    /// <param name="contentDigest">That of the field, at the service once it has been compared with the body.</param>
    /// <exception cref="ArgumentException">
    /// Method or target are none: with a line break in them, one signature base could stand for two requests.
    /// </exception>
    public CoveredComponents(string method, Origin origin, string target, ContentDigest contentDigest)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(target);
        if (!IsVisible(method))
            throw new ArgumentException("A method has visible ASCII characters only.", nameof(method));
        if (!AreCoverable(method, target))
            throw new ArgumentException("A request target starts with a slash and has visible ASCII characters only.", nameof(target));

        var query = target.IndexOf('?', StringComparison.Ordinal);
        (Method, Origin, ContentDigest) = (method, origin, contentDigest);
        (Path, Query) = query < 0 ? (target, "?") : (target[..query], target[query..]);
    }

    /// <summary>
    /// Whether there is a signature base for them: for a service, to which a server may pass what no client of ours sends, such as a tab in
    /// the request line.
    /// </summary>
    public static bool AreCoverable(string method, string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return !string.IsNullOrEmpty(method) && IsVisible(method) && target.StartsWith('/') && IsVisible(target);
    }

    public string Method { get; }

    public Origin Origin { get; }

    public string Path { get; }

    /// <summary>With its question mark, which stands alone where there is no query (RFC 9421 section 2.2.7).</summary>
    public string Query { get; }

    public ContentDigest ContentDigest { get; }

    private static bool IsVisible(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    internal (string Name, string Value)[] ToLines() =>
    [
        ("@method", Method),
        ("@authority", Origin.Authority),
        ("@path", Path),
        ("@query", Query),
        ("content-digest", ContentDigest.ToString()),
    ];
}
