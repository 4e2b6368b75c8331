using Keyladder.Protocol;

namespace Keyladder.Vault.Objects;

/// <summary>The id of an object, or of an attachment, in a path.</summary>
internal readonly record struct ObjectId(Guid Value)
{
    public static bool TryParse(string? text, out ObjectId id)
    {
        var parsed = UuidConverter.TryParse(text ?? "", out var value);
        id = new ObjectId(value);
        return parsed;
    }
}
