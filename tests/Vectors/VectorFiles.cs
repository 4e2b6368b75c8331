using System.Collections.Concurrent;
using System.Text.Json;
using Xunit;

namespace Keyladder.Vectors;

/// <summary>The files of <c>testdata/vectors</c> and what runs them. Compiled into each test project that does.</summary>
internal static class VectorFiles
{
    /// <summary>Run by the tests of Keyladder.Cryptography.</summary>
    public static IReadOnlyList<string> OfCryptography { get; } =
    [
        "fields", "base64url", "ids", "chunks", "padding", "signed-objects", "dids", "signed-content", "leaves", "trees", "proofs",
        "heads", "chain-numbers", "chains", "lost-heads", "deletions", "audit-chains", "session-keys", "requests", "requests-refused", "sign-in-statements", "guest-requests",
        "invitations", "admissions", "did-sign-ins", "did-sign-in-links", "vault-heads", "vault-deletions", "vault-audit-chains", "vault-leaves", "hpke", "x-wing-keys",
    ];

    /// <summary>Run by the tests of Keyladder.Keys.</summary>
    public static IReadOnlyList<string> OfKeys { get; } =
    [
        "words", "forms", "secret-keys", "key-files", "passphrases", "derivation", "envelopes", "key-overviews", "files",
        "vault-dek-names", "vault-items", "vault-attributes", "vault-attachments", "witnesses",
        "relationship-keys", "key-bundles", "relationship-links", "invitation-letters", "safety-words", "acceptances", "confirmations", "key-changes",
        "share-dek-names", "shared-copies", "shared-attachments", "share-statements", "share-orders", "share-events", "letters",
        "usernames", "recovery-ids", "recovery-codes", "recovery-words", "recovery-keys", "password-slots", "reset-slots", "recovery-kits",
    ];

    /// <summary>Run by the tests of Keyladder.Client.</summary>
    public static IReadOnlyList<string> OfClient { get; } = ["exports", "vault-exports"];

    private static readonly ConcurrentDictionary<string, JsonElement> Read = [];

    private static string Folder { get; } = Path.Combine(Clone.Root, "testdata", "vectors");

    /// <summary>A row for each case of the files: file, and name of the case.</summary>
    public static TheoryData<string, string> CasesOf(IEnumerable<string> files)
    {
        var rows = new TheoryData<string, string>();
        foreach (var file in files)
        {
            foreach (var vector in Cases(file))
                rows.Add(file, vector.Name);
        }

        return rows;
    }

    public static VectorCase Case(string file, string name) => Cases(file).Single(vector => vector.Name == name);

    /// <summary>
    /// That each case of each file in the folder has a row in one of these projects, and a name that no other row of its file has: a runner
    /// may take equal rows for one.
    /// </summary>
    /// <param name="rows">The rows of this project.</param>
    /// <param name="files">The files of this project.</param>
    public static void RequireEveryCase(TheoryData<string, string> rows, IReadOnlyList<string> files)
    {
        Assert.Equal(
            Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            OfCryptography.Concat(OfKeys).Concat(OfClient).Order(StringComparer.Ordinal));
        foreach (var file in files)
        {
            var names = rows.Select(row => row.Data).Where(data => data.Item1 == file).Select(data => data.Item2).ToHashSet();
            Assert.NotEmpty(names);
            Assert.Equal(Open(file).GetProperty("count").GetInt32(), names.Count);
            Assert.Equal(Open(file).GetProperty("cases").GetArrayLength(), names.Count);
        }
    }

    private static IEnumerable<VectorCase> Cases(string file) => Open(file).GetProperty("cases").EnumerateArray().Select(vector => new VectorCase(vector));

    private static JsonElement Open(string file) => Read.GetOrAdd(file, static name =>
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        return document.RootElement.Clone();
    });
}
