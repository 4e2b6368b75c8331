using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Keyladder.Hosting.Heads;

/// <summary>The <c>since</c> of a query, or the <c>after</c> of one about events: an integer as docs/spec/README.md has it. Absent, it is 0: no head is pinned.</summary>
public readonly record struct HeadNumber(long Value)
{
    public const long Max = (1L << 53) - 1;

    public static bool TryParse(string? text, out HeadNumber number)
    {
        var parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value <= Max
            && value.ToString(CultureInfo.InvariantCulture) == text;
        number = new HeadNumber(parsed ? value : 0);
        return parsed;
    }
}
