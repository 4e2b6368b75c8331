using Keyladder.Protocol;

namespace Keyladder.PassphraseStore.Devices;

/// <summary>The id of a known device in a path.</summary>
internal readonly record struct DeviceId(Guid Value)
{
    public static bool TryParse(string? text, out DeviceId id)
    {
        var parsed = UuidConverter.TryParse(text ?? "", out var value);
        id = new DeviceId(value);
        return parsed;
    }
}
