using Keyladder.Cryptography;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Limits;

/// <summary>How many calls an address may make without a signature, and an account or a guest with one (docs/decisions/0011-where-limits-are-counted.md).</summary>
internal sealed class RequestLimits(LimitOptions options, TimeProvider time)
{
    private readonly TokenBuckets<ClientAddress> addresses = new(options.Unsigned, time);
    private readonly TokenBuckets<AccountId> accounts = new(options.Signed, time);
    private readonly TokenBuckets<Guid> guests = new(options.Guest, time);

    /// <exception cref="ProblemException">Too many.</exception>
    public void TakeUnsigned(ClientAddress address) => addresses.Take(address);

    /// <param name="account">Whose signature has been verified: nobody else may use up an account's calls.</param>
    /// <exception cref="ProblemException">Too many.</exception>
    public void TakeSigned(AccountId account) => accounts.Take(account);

    /// <param name="keyId">Whose guest's signature has been verified.</param>
    /// <exception cref="ProblemException">Too many.</exception>
    public void TakeGuest(Guid keyId) => guests.Take(keyId);
}
