using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Soak.Devices;

/// <summary>What a device was told of a write.</summary>
internal enum Promise
{
    /// <summary>Nothing: it was killed meanwhile, or no answer came.</summary>
    Unknown,

    /// <summary>The call returned: it is at the Vault.</summary>
    Stored,

    /// <summary>The call returned: it is kept on the device, and sent later.</summary>
    Queued,

    /// <summary>The call said that nothing was done.</summary>
    Refused,
}

/// <summary>An item as a device or the end shows it: each part by its name, such as an attribute's id, with a value that was written once in the whole run.</summary>
internal sealed record ItemState(IReadOnlyDictionary<string, string> Parts, bool IsRemoved = false)
{
    public const string Name = "name";

    public static ItemState Nothing { get; } = new(new Dictionary<string, string>());

    public bool Has(string value) => Parts.Values.Contains(value);

    public bool IsAs(ItemState other) => IsRemoved == other.IsRemoved && Parts.Count == other.Parts.Count && Parts.All(part => other.Parts.GetValueOrDefault(part.Key) == part.Value);
}

/// <summary>What a write was to make of one item.</summary>
/// <param name="Id">The item.</param>
/// <param name="ConflictOf">Which it is the other version of, as the device saw it.</param>
/// <param name="Saw">What the device saw of it; null for a new one.</param>
/// <param name="Next">What it was to be; null for a deletion.</param>
internal sealed record WrittenState(Guid Id, Guid? ConflictOf, ItemState? Saw, ItemState? Next);

/// <summary>One write of a device, as the device saw it.</summary>
/// <param name="Device">Which.</param>
/// <param name="Items">What it was to do, all or none.</param>
/// <param name="Promise">What the device was told.</param>
/// <param name="Others">For each of the items, the one that holds it because both versions were kept, as far as the device was told.</param>
internal sealed record DeviceWrite(int Device, IReadOnlyList<WrittenState> Items, Promise Promise, IReadOnlyList<Guid?> Others)
{
    public Guid? OtherOf(int index) => index < Others.Count ? Others[index] : null;
}

/// <summary>A line of a device's log.</summary>
/// <param name="Call">Number of the write that it is about; 0 for none.</param>
/// <param name="Items">Before it.</param>
/// <param name="Promise">After it.</param>
/// <param name="Others">After it, as in <see cref="DeviceWrite"/>.</param>
/// <param name="Why">The reason of a failure.</param>
/// <param name="Finding">What no device should meet.</param>
/// <param name="Event">What is counted.</param>
/// <param name="At">Milliseconds since the machine started, for people.</param>
internal sealed record LogLine(
    int Call = 0, IReadOnlyList<WrittenState>? Items = null, Promise? Promise = null, IReadOnlyList<Guid?>? Others = null, string? Why = null, string? Finding = null, string? Event = null,
    long At = 0);

/// <summary>A file to which a device appends before and after each write; what was appended survives its SIGKILL. One for each time that it starts.</summary>
internal sealed class DeviceLog(string path) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Add(LogLine line) => file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line with { At = Environment.TickCount64 }, Json), (byte)'\n']);

    public void Dispose() => file.Dispose();

    /// <summary>Every line; the last one may have been cut off.</summary>
    public static IReadOnlyList<LogLine> Read(string path) =>
        [.. File.ReadAllText(path).Split('\n')[..^1].Select(line => JsonSerializer.Deserialize<LogLine>(line, Json)!)];

    /// <summary>The writes in a log, in order.</summary>
    public static IEnumerable<DeviceWrite> Writes(int device, IReadOnlyCollection<LogLine> lines)
    {
        var after = lines.Where(line => line.Promise is not null).ToDictionary(line => line.Call);
        return from line in lines
               where line.Items is not null
               let told = after.GetValueOrDefault(line.Call)
               select new DeviceWrite(device, line.Items!, told?.Promise ?? Promise.Unknown, told?.Others ?? []);
    }
}
