using System.Reflection;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Microsoft.AspNetCore.Http;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// A request that says whose guest it is: of a channel, a record of recovery, a device (docs/spec/sign-in.md section 7). Whether it speaks the truth shows with the key of that, and before that
/// the endpoint does nothing.
/// </summary>
public sealed class GuestRequest
{
    private readonly GuestSignature signature;
    private readonly CoveredComponents covered;
    private readonly ClientAddress address;
    private readonly RequestLimits limits;
    private bool counted;

    internal GuestRequest(GuestSignature signature, CoveredComponents covered, ClientAddress address, RequestLimits limits)
    {
        this.signature = signature;
        this.covered = covered;
        this.address = address;
        this.limits = limits;
    }

    /// <summary>What the request names as that whose key has signed it.</summary>
    public Guid KeyId => signature.KeyId;

    public static ValueTask<GuestRequest> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<GuestRequest>() ?? throw new InvalidOperationException("An endpoint that is not for guests asks for one."));

    /// <param name="key">Of what <see cref="KeyId"/> names, 32 bytes; where there is no such thing, a key that nobody has.</param>
    /// <exception cref="ProblemException">It is not signed by this key, or this guest asks too often.</exception>
    public void RequireSignedBy(ReadOnlySpan<byte> key)
    {
        if (!Ed25519PublicKey.TryImport(key, out var guest) || !signature.Verify(covered, guest))
        {
            limits.TakeUnsigned(address);
            throw Problem.SignInRequired();
        }

        // Once, however often the endpoint looks; and not before it is known to be the guest's own.
        if (!counted)
            limits.TakeGuest(KeyId);
        counted = true;
    }
}
