using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <inheritdoc/>
internal sealed class KeystoreGoingBack(KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch pinned, TimeProvider time)
    : GoingBack<KeystoreHead>(trust, pinned, time)
{
    private readonly KeystoreTrust _trust = trust;
    private readonly TimeProvider _time = time;

    protected override HeadWatch<KeystoreHead> WatchFromNothing() => new KeystoreWatch(_trust, calls, new MemoryPinStore());

    protected override async Task<RestoredException> DescribeAsync(
        HeadWatch<KeystoreHead> watch, HeadPin seen, IntegrityException alarm, CancellationToken cancellationToken)
    {
        var there = new KeyCopy(_trust, calls, watch, new KeyLedger(_trust, calls, watch, _time));
        await there.SyncAsync(cancellationToken).ConfigureAwait(false);
        return new RestoredException(_trust.Account, seen, there.Held, alarm);
    }

    protected override async Task<bool> TryWriteAsync(SignedHead<KeystoreHead> own, CancellationToken cancellationToken)
    {
        var winner = await calls.WriteAsync(new WriteRequest(own.Jws, [], []), own.Head.Number, cancellationToken).ConfigureAwait(false);
        return winner is null || winner.Head == own.Jws || winner.Chain.Contains(own.Jws);
    }
}
