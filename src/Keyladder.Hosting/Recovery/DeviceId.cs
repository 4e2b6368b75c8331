using Keyladder.Protocol;

namespace Keyladder.Hosting.Recovery;

/// <summary>The id of a known device, in a path.</summary>
public readonly record struct DeviceId(Guid Value)
{
    public static bool TryParse(string? text, out DeviceId id)
    {
        var parsed = UuidConverter.TryParse(text ?? "", out var value);
        id = new DeviceId(value);
        return parsed;
    }

    public override string ToString() => Value.ToString("D");
}
