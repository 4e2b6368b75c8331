using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Client;

/// <summary>One thing that was looked at.</summary>
/// <param name="What">For a person: "key 6f1c… (photos)", "the history of 412 changes".</param>
/// <param name="Problem">One sentence, or null if all is well.</param>
public sealed record Finding(string What, string? Problem)
{
    /// <summary>Whether it opens.</summary>
    public bool IsGood => Problem is null;
}

/// <summary>
/// Does everything the account owns still open? It is asked from nothing, whatever is known already: the slot, the history down to the
/// first head, the complete list, and each key with its overview. An alarm becomes a finding, so that one bad object hides no other.
/// </summary>
internal sealed class Examination(KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch watch, KeyLedger ledger, KeyWrapping wrapping)
{
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        await LookAsync(
            findings, "the secret that unlocked the account", () => watch.ReadAccountAsync(cancellationToken)).ConfigureAwait(false);
        await LookAsync(findings, "the account's history", () => watch.ReadHistoryAsync(cancellationToken)).ConfigureAwait(false);
        var keys = await LookAsync(
            findings,
            "the list of keys",
            () => new KeyCopy(trust, calls, watch, ledger).SyncAsync(cancellationToken)).ConfigureAwait(false);
        foreach (var key in keys ?? [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            findings.Add(Look(key));
        }

        return findings;
    }

    private Finding Look(StoredKey stored)
    {
        var what = $"key {stored.Id}";
        try
        {
            var key = wrapping.Describe(stored);
            what = key.Purpose == KeyPurpose.Identity ? "the identity keypair" : key.Label is null ? what : $"{what} ({key.Label})";
            wrapping.Unwrap(key).Dispose();
            return new Finding(what, Problem: null);
        }
        catch (IntegrityException e)
        {
            return new Finding(what, e.Message);
        }
    }

    // Without an answer there is nothing to find; that goes to the caller.
    private static async Task<T?> LookAsync<T>(List<Finding> findings, string what, Func<Task<T>> look)
    {
        try
        {
            var result = await look().ConfigureAwait(false);
            findings.Add(new Finding(what, Problem: null));
            return result;
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Integrity or FailureReason.InvalidAnswer)
        {
            findings.Add(new Finding(what, e.Message));
            return default;
        }
    }
}
