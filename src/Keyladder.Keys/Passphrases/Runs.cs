namespace Keyladder.Keys.Passphrases;

/// <summary>Enumerates the runs of text between white space, as docs/spec/README.md defines it, without a copy of any.</summary>
internal ref struct Runs(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> text = text;
    private int next;

    public Range Current { get; private set; }

    public static bool IsWhiteSpace(char character) => character is ' ' or (>= '\t' and <= '\r');

    public readonly Runs GetEnumerator() => this;

    public bool MoveNext()
    {
        var start = next;
        while (start < text.Length && IsWhiteSpace(text[start]))
            start++;
        next = start;
        while (next < text.Length && !IsWhiteSpace(text[next]))
            next++;
        Current = start..next;
        return start < next;
    }
}
