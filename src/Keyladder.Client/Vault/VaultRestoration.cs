namespace Keyladder.Client;

/// <summary>What a restored backup took from an open Vault, and how it comes back (docs/spec/vault.md section 7): from this device's copy.</summary>
public sealed class VaultRestoration
{
    private readonly VaultGoingBack _back;
    private readonly VaultPutBack _putBack;
    private readonly VaultWork _work;
    private readonly Func<Func<Task<IReadOnlyList<ItemDifference>>>, CancellationToken, Task<IReadOnlyList<ItemDifference>>> _inTurn;

    /// <param name="back">Knows what went back.</param>
    /// <param name="putBack">Puts it back.</param>
    /// <param name="work">Looks what is there.</param>
    /// <param name="inTurn">Runs it while no other call of the Vault does.</param>
    internal VaultRestoration(
        VaultGoingBack back,
        VaultPutBack putBack,
        VaultWork work,
        Func<Func<Task<IReadOnlyList<ItemDifference>>>, CancellationToken, Task<IReadOnlyList<ItemDifference>>> inTurn) =>
        (_back, _putBack, _work, _inTurn) = (back, putBack, work, inTurn);

    /// <summary>What the person is to be told; null, as nearly always, for nothing.</summary>
    public RestoreNotice? Notice => _back.Notice;

    /// <summary>What this device held of the Vault and that has no more, or has older, and what is back there; none where nothing went back.</summary>
    /// <exception cref="IntegrityException">Something in it does not open.</exception>
    public Task<IReadOnlyList<ItemDifference>> CompareAsync(CancellationToken cancellationToken = default) =>
        SyncAsync(() => Task.FromResult(_putBack.WentBack), cancellationToken);

    /// <summary>
    /// Puts back what this device still holds since before the Vault went back: items that are gone, and what was changed of others. What is known to
    /// have been deleted since the backup goes again. Attachments come back where the Vault still has their content; earlier versions do not.
    /// </summary>
    /// <param name="cancellationToken">Ends the call; a part may have been put back.</param>
    /// <returns>All that differed, and whether it was put back.</returns>
    /// <exception cref="KeyladderException">The Vault cannot be reached.</exception>
    public Task<IReadOnlyList<ItemDifference>> PutBackAsync(CancellationToken cancellationToken = default) =>
        SyncAsync(() => _putBack.RunAsync(cancellationToken), cancellationToken);

    private Task<IReadOnlyList<ItemDifference>> SyncAsync(Func<Task<IReadOnlyList<ItemDifference>>> next, CancellationToken cancellationToken) => _inTurn(
        async () =>
        {
            await _work.SyncAsync(isRequired: false, cancellationToken).ConfigureAwait(false);
            return await next().ConfigureAwait(false);
        },
        cancellationToken);
}
