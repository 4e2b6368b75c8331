using Keyladder.Protocol;

namespace Keyladder.Hosting.Problems;

/// <summary>Ends a request with a problem. Thrown inside a transaction it also undoes it, so that a refusal never leaves half a change.</summary>
public sealed class ProblemException(ProblemMessage problem, Exception? cause = null) : Exception(problem.Type, cause)
{
    public ProblemMessage Problem { get; } = problem;

    /// <summary>A code and what the operator can do about it: fixed texts for the log, never sent.</summary>
    public string? Diagnosis { get; init; }
}
