using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Client;

/// <summary>
/// One Keystore, as an app uses it: sign up, or unlock an account that is there. Safe to use from several threads; keep one per service.
/// </summary>
public sealed class KeyladderClient : IDisposable
{
    private readonly HttpClient? _own;

    /// <param name="address">Scheme, host and port of the service: <c>https</c>, or <c>http</c> on this machine.</param>
    /// <param name="pins">What this device remembers of accounts. Losing it loses the protection against an older account being shown as
    /// the newest.</param>
    /// <param name="http">Brings the app's own proxies, certificates or TLS settings; it must not follow redirects. It stays the caller's.
    /// Null for one with TLS 1.3 and none of those.</param>
    /// <param name="time">Null for the system's clock.</param>
    /// <exception cref="ArgumentException">The address is more than an origin, or its connection would be open to everybody on the
    /// way.</exception>
    public KeyladderClient(Uri address, IPinStore pins, HttpClient? http = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(pins);
        if (!Origin.TryCreate(address, out var origin))
            throw new ArgumentException("An address is scheme, host and port, such as https://keys.example.org.", nameof(address));
        if (!origin.IsSecure)
            throw new ArgumentException(
                "Plain HTTP is for a service on this machine; everywhere else the address starts with https.", nameof(address));

        _own = http is null ? DefaultHttpClient.Create(origin) : null;
        Pins = pins;
        Http = new ServiceHttp(ServiceKind.Keystore, http ?? _own!, origin, time ?? TimeProvider.System);
        Address = origin.Address;
    }

    /// <summary>The service's address in its one form.</summary>
    public Uri Address { get; }

    /// <summary>
    /// How long one answer may take, with its body. A call that may be sent again is sent up to three times. 30 seconds if nothing else is
    /// said.
    /// </summary>
    public TimeSpan Timeout { get => Http.Timeout; init => Http.Timeout = value; }

    /// <summary>Where this device keeps sealed copies of the Vaults that are opened, so that they can be used offline; null for nowhere.</summary>
    public LocalStore? Store { get; init; }

    /// <summary>Makes an account: a KEK and an identity keypair, generated here and wrapped under what follows from the secret.</summary>
    /// <param name="secret">Show it to the person before this, once; nobody can reset it. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call; the account may have been made, and opens with the secret then.</param>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.AccountExists"/>, the service knows this secret
    /// already; for <see cref="FailureReason.SignUpClosed"/>, it asks for an invitation or an admission, or lets nobody in.</exception>
    public Task<UnlockedAccount> SignUpAsync(UnlockSecret secret, CancellationToken cancellationToken = default) =>
        SignUpAsync(secret, invitation: null, admission: null, cancellationToken);

    /// <summary>As the other one, at a service that takes invitations.</summary>
    /// <param name="secret">As there.</param>
    /// <param name="invitation">From the service's operator; it stays the caller's, and is used up if the account is made.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="KeyladderException">As there.</exception>
    public Task<UnlockedAccount> SignUpAsync(UnlockSecret secret, InvitationCode invitation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        return SignUpAsync(secret, invitation, admission: null, cancellationToken);
    }

    /// <summary>As the other one, at a service that takes the admissions of an app.</summary>
    /// <param name="secret">As there.</param>
    /// <param name="admission">What the app's own service signed for this person a moment ago, as it came
    /// (<see cref="Admission.Sign"/>).</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="KeyladderException">As there.</exception>
    public Task<UnlockedAccount> SignUpAsync(UnlockSecret secret, string admission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admission);
        return SignUpAsync(secret, invitation: null, admission, cancellationToken);
    }

    private async Task<UnlockedAccount> SignUpAsync(
        UnlockSecret secret, InvitationCode? invitation, string? admission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        using var plan = await NewAccount.CreateAsync(
            secret, DateOnly.FromDateTime(Http.Time.GetUtcNow().UtcDateTime), cancellationToken).ConfigureAwait(false);
        return await plan.SignUpAsync(this, invitation, admission, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings an account from another service to this one: the same id, the same keys under the same ids, the same DIDs, in a history of
    /// its own (docs/spec/export.md). All of the export is verified before anything is sent. Called again after it was cut off, it goes on.
    /// Other ways to unlock the account are to be added here anew. The other service keeps its copy until the account is deleted there.
    /// </summary>
    /// <param name="export">What <see cref="UnlockedAccount.ExportAsync"/> wrote, from its beginning. It stays the caller's. In memory it takes
    /// about as much as it is long.</param>
    /// <param name="secret">The one that had unlocked the account when it was exported. It opens the account here too.</param>
    /// <param name="cancellationToken">Ends the call; the account may have been made, and some of the keys brought.</param>
    /// <remarks>Pins are remembered by account, not by service: this client's must not be those of the other service.</remarks>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.NotAllowed"/>, the export does not open with this secret, is not
    /// whole, or was altered; or these pins are another service's. For <see cref="FailureReason.AccountExists"/>, somebody else has an
    /// account with this id there, or this secret opens another one there. The others are those of a sign-up.</exception>
    public Task<UnlockedAccount> ImportAsync(Stream export, UnlockSecret secret, CancellationToken cancellationToken = default) =>
        new Import(this, invitation: null, admission: null).RunAsync(export, secret, cancellationToken);

    /// <summary>As the other one, at a service that takes invitations.</summary>
    /// <param name="export">As there.</param>
    /// <param name="secret">As there.</param>
    /// <param name="invitation">As for a sign-up. Going on with an import that was cut off takes none.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="KeyladderException">As there.</exception>
    public Task<UnlockedAccount> ImportAsync(
        Stream export, UnlockSecret secret, InvitationCode invitation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        return new Import(this, invitation, admission: null).RunAsync(export, secret, cancellationToken);
    }

    /// <summary>As the other one, at a service that takes the admissions of an app.</summary>
    /// <param name="export">As there.</param>
    /// <param name="secret">As there.</param>
    /// <param name="admission">As for a sign-up. Going on with an import that was cut off takes none.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="KeyladderException">As there.</exception>
    public Task<UnlockedAccount> ImportAsync(Stream export, UnlockSecret secret, string admission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admission);
        return new Import(this, invitation: null, admission).RunAsync(export, secret, cancellationToken);
    }

    /// <summary>
    /// Reads the file that unlocks an application's account (docs/spec/key-file.md), as <see cref="UnlockMethods.AddKeyFileAsync"/> has written it. It says at which service
    /// the account is, and which one it is: <c>new KeyladderClient(file.Service.Address, …).Account(file.Account)</c>.
    /// </summary>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="KeyladderException">It is not there, not whole, of another version, or others than its owner can read it.</exception>
    public static KeyFile ReadKeyFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return KeyFiles.Read(path);
    }

    /// <summary>An account at this service, to be unlocked.</summary>
    /// <param name="id">The account that must open; null for whichever the secret opens.</param>
    public LockedAccount Account(AccountId? id = null) => new(this, id);

    /// <summary>Closes the connections, unless they are the app's own. Accounts that are unlocked cannot be used afterwards.</summary>
    public void Dispose() => _own?.Dispose();

    internal ServiceHttp Http { get; }

    internal IPinStore Pins { get; }
}
