using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Client;

/// <summary>
/// The DIDs by which the person signs in elsewhere (docs/spec/did-sign-in.md): keypairs for signing, each for one origin, which its sealed label
/// names. An app learns the DID made for it, and nothing by which another could know the same person.
/// </summary>
public sealed class AccountDids
{
    private const string LabelPrefix = "sign-in ";

    private readonly AccountKeys _keys;

    internal AccountDids(AccountKeys keys) => _keys = keys;

    /// <summary>The label of the keypairs that sign in at an origin. A key that is given it, or loses it, is for that origin or no more.</summary>
    public static string LabelOf(Origin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return LabelPrefix + origin;
    }

    /// <summary>Answers an app that wants to know which DID to link to the user who is signed in there.</summary>
    /// <param name="link">What the app's page shows. Show the person its origin, and ask before this is called.</param>
    /// <param name="key">Which of the keypairs for that origin; null for the newest, or for a new one where there is none.</param>
    /// <param name="isAnother">Whether to make a further keypair for that origin, for another DID there.</param>
    /// <param name="cancellationToken">Ends the call; a keypair may have been stored.</param>
    /// <exception cref="KeyladderException">The link is for something else, or the key is not an active one for that origin.</exception>
    public async Task<DidSignInAnswer> LinkAsync(
        DidSignInLink link, KeyId? key = null, bool isAnother = false, CancellationToken cancellationToken = default)
    {
        Require(link, DidSignInPurpose.Link);
        var label = LabelOf(link.Origin);
        if (Encoding.UTF8.GetByteCount(label) > KeyOverview.MaxLabelLength)
            throw Failures.NotAllowed("The origin of that app is too long to keep a key for it.", "Tell who runs the app; nothing was signed.");
        if (!isAnother && await FindAsync(link.Origin, key, cancellationToken).ConfigureAwait(false) is { } known)
            return Answer(link, known);
        using var keypair = await _keys.GenerateSigningAsync(label, cancellationToken).ConfigureAwait(false);
        return new DidSignInAnswer(keypair.Id, keypair.Did, keypair.SignIn(link), link);
    }

    /// <summary>Answers an app that wants to know which DID signs in.</summary>
    /// <param name="link">What the app's page shows. Show the person its origin, and ask before this is called.</param>
    /// <param name="key">Which of the keypairs for that origin; null for the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">The link is for something else, the key is not an active one for that origin, or there is none.</exception>
    public async Task<DidSignInAnswer> SignInAsync(DidSignInLink link, KeyId? key = null, CancellationToken cancellationToken = default)
    {
        Require(link, DidSignInPurpose.SignIn);
        return await FindAsync(link.Origin, key, cancellationToken).ConfigureAwait(false) is { } found
            ? Answer(link, found)
            : throw new KeyladderException(
                FailureReason.NotFound, $"The account has no DID for {link.Origin}.", "Sign in there in another way, and link one; or check that the address is the right one.");
    }

    private static void Require(DidSignInLink link, DidSignInPurpose purpose)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (link.Purpose != purpose)
        {
            throw Failures.NotAllowed(
                purpose == DidSignInPurpose.Link ? "That link is one to sign in, not to link a DID." : "That link is one to link a DID, not to sign in.",
                "Nothing was signed. If it is what you mean, answer it as what it is.");
        }
    }

    private async Task<AccountKey?> FindAsync(Origin origin, KeyId? id, CancellationToken cancellationToken)
    {
        var label = LabelOf(origin);
        if (id is not { } named)
        {
            return (await _keys.ListAsync(cancellationToken).ConfigureAwait(false))
                .LastOrDefault(key => key is { Purpose: KeyPurpose.Signing, State: KeyState.Active } && key.Label == label);
        }

        var key = await _keys.GetAsync(named, cancellationToken).ConfigureAwait(false);
        return key.Label == label && key is { Purpose: KeyPurpose.Signing, State: KeyState.Active }
            ? key
            : throw Failures.NotAllowed(
                $"That key is not an active one for {origin}; nothing was signed.",
                "Let the program choose: one DID in two places would tell both that they know the same person.");
    }

    private DidSignInAnswer Answer(DidSignInLink link, AccountKey key)
    {
        using var keypair = _keys.UnwrapSigning(key);
        return new DidSignInAnswer(keypair.Id, keypair.Did, keypair.SignIn(link), link);
    }
}

/// <summary>What goes back to an app.</summary>
public sealed class DidSignInAnswer
{
    internal DidSignInAnswer(KeyId key, Did did, string response, DidSignInLink link) =>
        (Key, Did, Challenge, Response, Address) = (key, did, link.Challenge, response, link.AnswerWith(response));

    /// <summary>Which key signed.</summary>
    public KeyId Key { get; }

    /// <summary>Its DID, made for that app.</summary>
    public Did Did { get; }

    /// <summary>The app's challenge, which goes back with the response.</summary>
    public string Challenge { get; }

    /// <summary>The statement, a JWS.</summary>
    public string Response { get; }

    /// <summary>To be opened in the browser that shows the page, and nowhere else: both are in its fragment.</summary>
    public Uri Address { get; }
}
