using Keyladder.Cryptography.Dids;

namespace Keyladder.Cli.Commands;

/// <summary>Resolves a DID that a person typed; what stands in the way of it becomes a failure.</summary>
internal static class DidLookup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>One with a document.</returns>
    public static async Task<DidResolution> ResolveAsync(string did, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience };
        var resolution = await DidResolution.ResolveAsync(did, http, cancellationToken);
        return resolution.Error switch
        {
            null => resolution,
            DidResolutionError.InvalidDid or DidResolutionError.MethodNotSupported =>
                throw Failure.Usage(resolution.Error.Value.Title(), "Give a did:key, did:jwk or did:web, all of it; `keyladder key list` shows your own."),
            DidResolutionError.NotFound => throw new Failure(ExitCode.NotFound, resolution.Error.Value.Title(), "Ask whose DID it is."),
            DidResolutionError.InternalError => throw new Failure(ExitCode.Unreachable, resolution.Error.Value.Title(), "Check the network, and ask whose DID it is whether the address answers by itself."),
            _ => throw new Failure(ExitCode.Refused, resolution.Error.Value.Title(), "Do not trust it; ask whose DID it is."),
        };
    }
}
