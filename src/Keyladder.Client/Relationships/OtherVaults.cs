namespace Keyladder.Client;

/// <summary>
/// The Vaults of others, which need not answer: one that stalls costs the person who asked it some time, and nobody else any. So they are asked between the account's turns, and for so long at most.
/// The news, which all of them have a part in, are fetched within one turn, by <see cref="RelationshipSync"/>.
/// </summary>
internal sealed class OtherVaults
{
    /// <summary>For one thing that is asked, with all repetitions of the calls that it takes.</summary>
    public TimeSpan MostTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <param name="ask">What takes the time.</param>
    /// <param name="slow">What the person is told where it takes too much.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, Func<KeyladderException> slow, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MostTime);
        try
        {
            return await ask(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw slow();
        }
    }
}
