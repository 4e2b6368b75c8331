using Keyladder.Client.Tests.Vectors;

namespace Keyladder.Vectors;

internal static class VectorReaders
{
    public static IReadOnlyList<string> Files => VectorFiles.OfClient;

    /// <summary>By the name of the file: whether our code takes a case of it.</summary>
    public static Dictionary<string, Func<VectorCase, Task<bool>>> Of { get; } = new()
    {
        ["exports"] = ExportVectors.ExportsAsync,
        ["vault-exports"] = VaultExportVectors.ExportsAsync,
    };
}
