namespace Keyladder.Fuzz.Engine;

/// <summary>One parser of bytes or text that come from outside, and what it may do with any of them.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Seeds">Genuine inputs: made by this code from fixed keys, the same in every process.</param>
/// <param name="Accepts">
/// Parses. Returns whether the input was accepted, or throws one of <see cref="Refusals"/>; anything else is a finding. What was accepted it
/// holds against the property that fits, mostly that writing it again gives the same.
/// </param>
internal sealed record Parser(string Name, IReadOnlyList<byte[]> Seeds, Func<byte[], bool> Accepts)
{
    /// <summary>The exceptions that the parser's documentation names.</summary>
    public IReadOnlyList<Type> Refusals { get; init; } = [];

    /// <summary>Members of src that this drives, as <c>Type.Member</c>; a test holds them against all there are.</summary>
    public IReadOnlyList<string> Covers { get; init; } = [];

    /// <summary>What one input may allocate: so many bytes for each of its own, and <see cref="MoreBytes"/>.</summary>
    public int BytesPerByte { get; init; } = 128;

    public int MoreBytes { get; init; } = 64 * 1024;

    public bool IsRefusal(Exception exception) => Refusals.Any(type => type.IsInstanceOfType(exception));
}

/// <summary>An input was accepted that should not have been, or not as what it was.</summary>
internal sealed class PropertyException(string property) : Exception(property)
{
    public static void Require(bool condition, string property)
    {
        if (!condition)
            throw new PropertyException(property);
    }
}
