using Keyladder.Soak.Load;

namespace Keyladder.Soak.Runs;

/// <summary>What a run gave.</summary>
/// <param name="Figures">One line each.</param>
/// <param name="Findings">One sentence each; none is what is hoped for.</param>
internal sealed record Report(IReadOnlyList<string> Figures, IReadOnlyList<string> Findings)
{
    public static async Task<Report> OfAsync(Crowd crowd, Service service, params IEnumerable<string> figures)
    {
        var findings = await crowd.CheckAsync(service.ReadHeadsAsync);
        var failures = service.Log.Where(line => line.Contains(" failed: ", StringComparison.Ordinal)).Distinct().Select(line => $"The service failed: {line}");
        return new Report([.. figures, crowd.Figures()], [.. findings, .. failures]);
    }
}
