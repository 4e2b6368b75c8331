using System.Security.Cryptography;
using System.Text.Json;
using Xunit;

namespace Keyladder.Vectors;

/// <summary>One case of a file as <c>testdata/vectors/README.md</c> describes it. It keeps book of what was looked at: a case is not settled before all of it was.</summary>
internal sealed class VectorCase(JsonElement json)
{
    private readonly HashSet<string> seen = ["name", "property", "expect", "reason"];

    /// <summary>Null where the case is to be taken.</summary>
    private readonly string? reason = json.GetProperty("expect").GetString() switch
    {
        "ok" => null,
        "refuse" => json.GetProperty("reason").GetString()!,
        var other => throw new InvalidDataException($"A case is expected to be {other}."),
    };

    public string Name { get; } = json.GetProperty("name").GetString()!;

    private bool IsTaken => reason is null;

    public bool Has(string member) => json.TryGetProperty(member, out _);

    public JsonElement Json(string member)
    {
        seen.Add(member);
        return json.GetProperty(member);
    }

    public string Text(string member) => Json(member).GetString()!;

    public long Integer(string member) => Json(member).GetInt64();

    public byte[] Bytes(string member) => ReadBytes(Json(member));

    /// <summary>Hex, a repeated pattern, or a list of such parts.</summary>
    public static byte[] ReadBytes(JsonElement notation)
    {
        switch (notation.ValueKind)
        {
            case JsonValueKind.String:
                return Convert.FromHexString(notation.GetString()!);
            case JsonValueKind.Array:
                return [.. notation.EnumerateArray().SelectMany(ReadBytes)];
            default:
                var pattern = Convert.FromHexString(notation.GetProperty("repeat").GetString()!);
                var bytes = new byte[notation.GetProperty("length").GetInt32()];
                for (var i = 0; i < bytes.Length; i++)
                    bytes[i] = pattern[i % pattern.Length];
                return bytes;
        }
    }

    /// <summary>Compares an output of a case that is taken. A case that is to be refused has none, and fails when it is settled.</summary>
    public void Gives(string member, string actual)
    {
        if (IsTaken)
            Assert.Equal(Text(member), actual);
    }

    public void Gives(string member, ReadOnlySpan<byte> actual) => Gives(member, Convert.ToHexStringLower(actual));

    public void Gives(string member, long actual)
    {
        if (IsTaken)
            Assert.Equal(Integer(member), actual);
    }

    public void GivesJson(string member, JsonElement actual)
    {
        if (IsTaken)
            Assert.True(JsonElement.DeepEquals(Json(member), actual), $"{member} is {actual}");
    }

    public void GivesSha256(string member, ReadOnlySpan<byte> actual) => Gives(member, SHA256.HashData(actual));

    /// <summary>Compares what a refusal says besides its reason.</summary>
    public void Says(string member, long actual)
    {
        if (!IsTaken)
            Assert.Equal(Integer(member), actual);
    }

    /// <summary>For readers that tell reasons apart.</summary>
    /// <returns>False.</returns>
    public bool RefusedFor(string actual)
    {
        if (!IsTaken)
            Assert.Equal(reason, actual);
        return false;
    }

    /// <summary>The end of a case: what was taken was to be taken, and the test looked at everything that the case has to say.</summary>
    public void Settle(bool taken)
    {
        Assert.True(taken == IsTaken, taken ? $"taken, though it breaks a rule: {reason}" : "refused");
        if (IsTaken)
            Assert.Empty(json.EnumerateObject().Select(member => member.Name).Except(seen));
    }
}
