namespace Keyladder.Client;

/// <summary>Waits until there is a letter: at the person's own Vault, or in a channel that another one keeps for this person.</summary>
internal sealed class LetterWait(RelationshipBook book, VaultCalls calls, HeldShares held)
{
    // Each is a connection that stays open. What the others give is heard of with the next look.
    private const int MostChannels = 32;

    // A service that has waited answers, a little later than it was asked to; one that never does would keep this person from hearing the others.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <param name="wait">How long at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task RunAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var known = await book.TryReadAsync(cancellationToken).ConfigureAwait(false) ?? [];
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = known
            .Where(each => each.State is { Other: not null, Blocked: not true })
            .Take(MostChannels)
            .Select(async each => await held.ReadAsync(each, each.State.Other!.After, wait, ended.Token).ConfigureAwait(false) is { Count: > 0 })
            .Prepend(HasReceivedAsync(wait, ended.Token))
            .ToList();
        Task all = Task.WhenAll(waiting);
        ended.CancelAfter(wait + Grace);
        try
        {
            while (waiting.Count > 0)
            {
                var first = await Task.WhenAny(waiting).ConfigureAwait(false);
                if (first.IsCompletedSuccessfully && first.Result)
                    break;
                waiting.Remove(first);
            }
        }
        finally
        {
            // What a Vault answers instead is the look's to say, which asks each of them again.
            await ended.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<bool> HasReceivedAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        await calls.GetLettersAsync(0, wait, cancellationToken).ConfigureAwait(false) is { Count: > 0 };
}
