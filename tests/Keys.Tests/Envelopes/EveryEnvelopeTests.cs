using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>The rules that hold for every kind of envelope there is.</summary>
public sealed partial class EveryEnvelopeTests
{
    /// <summary>Fields that another role, not another id, changes: they are tried by offering each kind as each other one.</summary>
    private static readonly string[] ChangedByRole = ["purpose", "type"];

    /// <summary>Fields that another key, or another account at the Vault, changes, and nothing else can: the vectors try one alone.</summary>
    private static readonly string[] ChangedByKey = ["DEK name"];

    /// <summary>One thing under two names; which one a kind has is for the specification to say.</summary>
    private static readonly string[][] SameThing = [["key id", "DEK id"], ["keeper", "account at the Vault"], ["object id", "store id"], ["revision", "record number", "number"]];

    private static readonly Place Home = Place.Home;

    public static TheoryData<string> Kinds() => [.. EnvelopeRegistry.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_opens_where_it_belongs(string name)
    {
        var kind = Find(name);
        Assert.NotEmpty(kind.Open(Home, kind.Seal(Home)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void B16_C07_E06_each_flipped_bit_is_refused(string name)
    {
        var kind = Find(name);
        var envelope = kind.Seal(Home);
        for (var bit = 0; bit < envelope.Length * 8; bit++)
        {
            envelope[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(kind, Home, envelope, $"bit {bit} flipped");
            envelope[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.NotEmpty(kind.Open(Home, envelope));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void B16_C07_each_truncation_is_refused(string name)
    {
        var kind = Find(name);
        var envelope = kind.Seal(Home);
        for (var length = 0; length < envelope.Length; length++)
        {
            AssertRefused(kind, Home, envelope[..length], $"cut to {length}");
            AssertRefused(kind, Home, envelope[(envelope.Length - length)..], $"the last {length} bytes alone");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void B16_trailing_bytes_are_refused(string name)
    {
        var kind = Find(name);
        var envelope = kind.Seal(Home);
        foreach (var count in (int[])[1, 15, 16, 17, 16_399, 16_400, 16_401])
            AssertRefused(kind, Home, [.. envelope, .. new byte[count]], $"{count} zeros behind");
        AssertRefused(kind, Home, [.. envelope, .. envelope], "twice in a row");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void B02_B09_B11_nothing_opens_in_another_place(string name)
    {
        var kind = Find(name);
        var envelope = kind.Seal(Home);
        var bound = kind.Fields.Split(", ").Append("key").ToHashSet();
        foreach (var (field, place) in Home.Elsewhere())
        {
            var isBound = bound.Contains(field) || SameThing.Any(names => names.Contains(field) && names.Any(bound.Contains));
            if (isBound)
                AssertRefused(kind, place, envelope, $"another {field}");
            else
                Assert.Equal(kind.Open(Home, envelope), kind.Open(place, envelope));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void B01_B03_nothing_opens_as_another_kind_under_the_same_key_and_ids(string name)
    {
        var kind = Find(name);
        var envelope = kind.Seal(Home);
        foreach (var other in EnvelopeRegistry.All.Where(other => other != kind))
            AssertRefused(other, Home, envelope, $"{kind} as {other}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void I08_the_same_content_sealed_twice_has_nothing_in_common(string name)
    {
        var kind = Find(name);
        var (one, other) = (kind.Seal(Home), kind.Seal(Home));
        Assert.Equal(one.Length, other.Length);
        var runs = one.Skip(1).Zip(other.Skip(1), (a, b) => a == b).Aggregate((Longest: 0, Now: 0), (run, same) => (Math.Max(run.Longest, same ? run.Now + 1 : 0), same ? run.Now + 1 : 0));
        Assert.InRange(runs.Longest, 0, 5);
    }

    [Fact]
    public void Every_row_of_the_specifications_table_is_in_the_registry_with_the_same_fields()
    {
        var page = File.ReadAllText(Path.Combine(Clone.Root, "docs", "spec", "key-hierarchy.md"));
        var rows = Row().Matches(page).Select(row => (row.Groups["label"].Value, row.Groups["fields"].Value.Trim())).ToArray();

        Assert.Equal(21, rows.Length);
        Assert.Equal(rows.Order(), EnvelopeRegistry.All.Select(kind => (kind.Label, kind.Fields)).Distinct().Order());
        var tried = Home.Elsewhere().Select(elsewhere => elsewhere.Field).Concat(ChangedByRole).Concat(ChangedByKey).Append("none").ToHashSet();
        Assert.All(
            rows.SelectMany(row => row.Item2.Split(", ")),
            field => Assert.True(tried.Contains(field) || SameThing.Any(names => names.Contains(field) && names.Any(tried.Contains)), $"{field} is tried nowhere."));
    }

    /// <summary>One face: type, message, and nothing else that could tell the reasons apart.</summary>
    private static void AssertRefused(EnvelopeKind kind, Place place, byte[] envelope, string what)
    {
        Exception? refusal = null;
        try
        {
            kind.Open(place, envelope);
        }
        catch (CryptographicException exception)
        {
            refusal = exception;
        }

        Assert.True(refusal is OpenFailedException, $"{kind}, {what}: {(refusal is null ? "opened" : refusal.GetType().Name)}");
        Assert.Equal(
            ("This does not open: it was altered or cut, or belongs to another key or another place.", null, 0),
            (refusal!.Message, refusal.InnerException, refusal.Data.Count));
    }

    private static EnvelopeKind Find(string name) => EnvelopeRegistry.All.Single(kind => kind.Name == name);

    /// <summary>from | arrow | to | `label` | further fields</summary>
    [GeneratedRegex(@"^\|[^|]+\| (?:wraps|seals) \|[^|]+\| `(?<label>[^`]+)` \|(?<fields>[^|]+)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
