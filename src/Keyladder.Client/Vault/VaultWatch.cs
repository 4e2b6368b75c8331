using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <inheritdoc/>
internal sealed class VaultWatch(VaultTrust trust, VaultCalls calls, IPinStore pins) : HeadWatch<VaultHead>(trust, pins)
{
    public override Task<(SignedHead<VaultHead> Head, HeadPin Pin, Hash256 Audit)> ReadAccountAsync(CancellationToken cancellationToken) => ReadAsync(
        since => calls.FetchAsync([], since, cancellationToken),
        answer => (answer.Head, answer.Chain),
        (answer, head, pin) => (head, pin, AuditTail.Continue(trust.Account, head.Head, answer.Events)),
        cancellationToken);

    protected override async Task<(string Head, string[] Chain)> ShowAsync(long since, CancellationToken cancellationToken)
    {
        var answer = await calls.FetchAsync([], since, cancellationToken).ConfigureAwait(false);
        return (answer.Head, answer.Chain);
    }
}
