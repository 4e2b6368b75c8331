using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>
/// A Passphrase Store: who has nothing at hand but a username and a password gets the words of the account back
/// (docs/spec/passphrase-store.md). It and the Guardian that it names do it together, and neither can alone.
/// </summary>
/// <remarks>Whoever operates both can try passwords at the price of Argon2id for each: say so where a person chooses one.</remarks>
public sealed class PassphraseStore : IDisposable
{
    private readonly HttpClient? _own;
    private readonly GuardianConnections _guardians;

    /// <param name="address">Scheme, host and port, as the person entered it: <c>https://passphrases.example.org</c>.</param>
    /// <param name="http">To reach it; null for a client of its own. It is never used for the Guardian, and remembers no cookies.</param>
    /// <param name="guardianHttp">To reach the Guardian; null for a client of its own for each.</param>
    /// <param name="time">Null for the system's clock.</param>
    /// <exception cref="ArgumentException">The address is more than an origin, its connection would be open to everybody, or the two clients are one.</exception>
    public PassphraseStore(Uri address, HttpClient? http = null, HttpClient? guardianHttp = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!Origin.TryCreate(address, out var origin) || !origin.IsSecure)
            throw new ArgumentException("An address is scheme, host and port, such as https://passphrases.example.org; plain HTTP is for this machine.", nameof(address));
        if (http is not null && ReferenceEquals(http, guardianHttp))
            throw new ArgumentException("One client for both would let its connections be joined.", nameof(guardianHttp));
        _own = http is null ? DefaultHttpClient.Create(origin) : null;
        Calls = new StoreCalls(new ServiceHttp(ServiceKind.PassphraseStore, http ?? _own!, origin, time ?? TimeProvider.System));
        _guardians = new GuardianConnections(guardianHttp, Calls.Http.Time);
    }

    /// <summary>The Store's address in its one form.</summary>
    public Uri Address => Origin.Address;

    /// <summary>The Guardian that records here must name; null for whichever the Store names.</summary>
    public Uri? Guardian { get; init; }

    /// <summary>How long one answer may take. 30 seconds if nothing else is said.</summary>
    public TimeSpan Timeout
    {
        get => Calls.Http.Timeout;
        init => Calls.Http.Timeout = _guardians.Timeout = value;
    }

    internal StoreCalls Calls { get; }

    internal Origin Origin => Calls.Http.Origin;

    /// <summary>Has a code sent to the person's address, to register or to reset. Whether there is such a person, only the mail tells.</summary>
    /// <param name="username">The address.</param>
    /// <param name="purpose">One of <see cref="CodePurposes"/>.</param>
    /// <param name="cancellationToken">Ends the call; a mail may have been sent.</param>
    public Task SendCodeAsync(Username username, string purpose, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(username);
        ArgumentNullException.ThrowIfNull(purpose);
        return ReachAsync(Calls.Http, () => Calls.SendCodeAsync(username, purpose, cancellationToken));
    }

    /// <summary>
    /// Begins a registration: words of both sides' making for an account that is to be made, or the words that an account has. Nothing is
    /// kept anywhere before <see cref="RecoveryRegistration.CompleteAsync"/>.
    /// </summary>
    /// <param name="username">Whose record it will be.</param>
    /// <param name="password">Stays the caller's, and is not needed afterwards.</param>
    /// <param name="words">The generated words of an account; null for new ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>To be disposed of.</returns>
    public async Task<RecoveryRegistration> RegisterAsync(
        Username username, RecoveryPassword password, Words? words = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(username);
        ArgumentNullException.ThrowIfNull(password);
        var seed = RandomNumberGenerator.GetBytes(RecoveryLimits.SeedBytes);
        var place = new RecoveryPlace(Origin, RecoveryRecordId.FromSeed(seed));
        var draft = await RecordDraft.CreateAsync(this, username, password, place, guardian: null, cancellationToken).ConfigureAwait(false);
        return new RecoveryRegistration(this, draft, seed, words is null ? Words.GenerateWith(draft.ServiceRandom, place) : words.Copy());
    }

    /// <summary>Gets back what was registered, with username and password. It costs a guess at both services, which a success gives back.</summary>
    /// <param name="username">As it was registered.</param>
    /// <param name="password">Stays the caller's, and is not needed afterwards.</param>
    /// <param name="cancellationToken">Ends the call; the guess may have been counted.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.SignInFailed"/>, the password or the username is another; for
    /// <see cref="FailureReason.TooManyRequests"/>, see <see cref="KeyladderException.RetryAfter"/>.</exception>
    /// <exception cref="IntegrityException">The Store names another Guardian, or shows a kit that does not open.</exception>
    public Task<OpenedRecovery> FetchAsync(Username username, RecoveryPassword password, CancellationToken cancellationToken = default) =>
        FetchAsync(username, password, device: null, cancellationToken);

    /// <summary>As the other one, on a device that is known: guesses of others do not make it wait, and another account than the one it knows is an alarm.</summary>
    /// <param name="device">Stays the caller's.</param>
    /// <param name="password">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="IntegrityException">As there; or what is shown is not the record, the Guardian or the account that this device knows.</exception>
    /// <exception cref="KeyladderException">As there; for <see cref="FailureReason.SessionEnded"/>, the password was changed elsewhere, and this device is known no longer.</exception>
    public Task<OpenedRecovery> FetchAsync(RecoveryDevice device, RecoveryPassword password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        return FetchAsync(device.Username, password, device, cancellationToken);
    }

    /// <summary>
    /// Opens the record without its password: with a code by mail for the Store's share, and the recovery code for the Guardian's and the person's own.
    /// <see cref="OpenedRecovery.ChangePasswordAsync"/> sets a new password then.
    /// </summary>
    /// <param name="username">As it was registered.</param>
    /// <param name="code">From the mail that <see cref="SendCodeAsync"/> had sent to reset.</param>
    /// <param name="recoveryCode">From paper or a known device. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call; the code may have been used up.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.SignInFailed"/>, one of the two codes is not right.</exception>
    public async Task<OpenedRecovery> ReleaseAsync(Username username, string code, RecoveryCode recoveryCode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(username);
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(recoveryCode);
        var released = await ReachAsync(Calls.Http, () => Calls.ReleaseAsync(username, code, cancellationToken)).ConfigureAwait(false);
        try
        {
            return await OpenReleasedAsync(username, released, recoveryCode, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.SignInFailed or FailureReason.Unreachable or FailureReason.TooManyRequests)
        {
            throw RecoveryFailures.CodeUsedUp(e);
        }
    }

    /// <summary>What the Store says has happened to the record of a known device, the oldest first.</summary>
    public Task<IReadOnlyList<RecoveryEvent>> ReadEventsAsync(RecoveryDevice device, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        return ReachAsync(Calls.Http, () => Calls.GetEventsAsync(device.AtStore, cancellationToken));
    }

    /// <summary>Proves at the Guardian that a recovery code is the one of a record: a rehearsal, which changes nothing and can be repeated.</summary>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.SignInFailed"/>, it is not; for <see cref="FailureReason.SessionEnded"/>, the device is known no longer.</exception>
    public async Task RehearseAsync(RecoveryDevice device, RecoveryCode recoveryCode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        try
        {
            await RehearseAsync(device.GuardianPlace, recoveryCode, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            // Where the record was replaced, no code is the right one at the place that this device knows; then that is said.
            await ReadEventsAsync(device, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connections that are its own.</summary>
    public void Dispose()
    {
        _own?.Dispose();
        _guardians.Dispose();
    }

    internal GuardianCalls GuardianAt(Origin origin) => _guardians.To(origin);

    /// <exception cref="IntegrityException">It is another one than the expected.</exception>
    internal Origin RequireGuardian(string named, Origin? known = null)
    {
        // One that is the Store itself would be no second party.
        if (!Origin.TryParse(named, out var origin) || !origin.IsSecure || origin == Origin)
            throw RecoveryFailures.InsecureGuardian();
        var expected = known ?? (Guardian is null ? null : Origin.TryCreate(Guardian, out var given) ? given : throw RecoveryFailures.OtherGuardian());
        return expected is null || expected == origin ? origin : throw RecoveryFailures.OtherGuardian();
    }

    internal async Task RehearseAsync(GuardianPlace place, RecoveryCode recoveryCode, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recoveryCode);
        var guardian = GuardianAt(place.Guardian);
        using var releaseKey = recoveryCode.DeriveReleaseKey(place);
        var share = await ReachAsync(
            guardian.Http, () => guardian.ReleaseAsync(new RecoverySigner(place.Handle.Value, releaseKey), cancellationToken)).ConfigureAwait(false);
        CryptographicOperations.ZeroMemory(share);
    }

    internal static SecretBytes Finalize(OprfBlinding blinding, byte[] evaluated, ServiceKind kind)
    {
        try
        {
            return blinding.Finalize(evaluated);
        }
        catch (CryptographicException e)
        {
            throw RecoveryFailures.NoElement(kind, e);
        }
    }

    /// <summary>Says of a service that does not answer which one it is, and what that means.</summary>
    internal static async Task<T> ReachAsync<T>(ServiceHttp http, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable && e is not RefusedException)
        {
            throw RecoveryFailures.Unreachable(http, e);
        }
    }

    internal static Task ReachAsync(ServiceHttp http, Func<Task> call) => ReachAsync(http, async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    });

    private async Task<OpenedRecovery> OpenReleasedAsync(Username username, ReleaseResponse released, RecoveryCode recoveryCode, CancellationToken cancellationToken)
    {
        var place = new RecoveryPlace(Origin, new RecoveryRecordId(released.Id));
        var guardianPlace = new GuardianPlace(RequireGuardian(released.Guardian), new GuardianHandle(released.Handle));
        var guardian = GuardianAt(guardianPlace.Guardian);
        using var releaseKey = recoveryCode.DeriveReleaseKey(guardianPlace);
        var share = await ReachAsync(
            guardian.Http, () => guardian.ReleaseAsync(new RecoverySigner(released.Handle, releaseKey), cancellationToken)).ConfigureAwait(false);
        using var secret = ResetSecret.Combine(released.Share, share, recoveryCode);
        if (!secret.TryUnwrap(new Wrapped<RecoveryKey>(released.ResetSlot), place, out var key))
            throw RecoveryFailures.WrongRecoveryCode();
        return OpenedRecovery.Open(this, username, key, new OpenedRecord(place, guardianPlace, released.Kit, released.Revision), device: null);
    }

    private async Task<OpenedRecovery> FetchAsync(Username username, RecoveryPassword password, RecoveryDevice? device, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(username);
        ArgumentNullException.ThrowIfNull(password);
        using var stretched = await password.StretchAsync(Origin, username, cancellationToken).ConfigureAwait(false);
        using var atStore = stretched.Blind();
        using var atGuardian = stretched.Blind();
        var shown = await ReachAsync(
            Calls.Http,
            () => device is null ? Calls.AttemptAsync(username, atStore, cancellationToken) : Calls.AttemptAsync(device.AtStore, atStore, cancellationToken)).ConfigureAwait(false);
        using var store = Finalize(atStore, shown.Evaluated, ServiceKind.PassphraseStore);
        var place = new RecoveryPlace(Origin, new RecoveryRecordId(shown.Id));
        var guardianPlace = new GuardianPlace(RequireGuardian(shown.Guardian, device?.GuardianPlace.Guardian), new GuardianHandle(shown.Handle));
        if (device is not null && (place != device.Place || guardianPlace != device.GuardianPlace))
            throw RecoveryFailures.OtherRecord();
        var guardian = GuardianAt(guardianPlace.Guardian);
        var evaluated = await ReachAsync(
            guardian.Http,
            () => device is null
                ? guardian.AttemptAsync(guardianPlace.Handle, atGuardian, cancellationToken)
                : guardian.AttemptAsync(device.AtGuardian, atGuardian, cancellationToken)).ConfigureAwait(false);
        using var second = Finalize(atGuardian, evaluated, ServiceKind.Guardian);
        using var slotKey = stretched.DeriveSlotKey(store, second, place);
        if (!slotKey.TryUnwrap(new Wrapped<RecoveryKey>(shown.PasswordSlot), out var key))
            throw RecoveryFailures.WrongPassword();
        var opened = OpenedRecovery.Open(this, username, key, new OpenedRecord(place, guardianPlace, shown.Kit, shown.Revision), device);
        await opened.SignalSuccessAsync(cancellationToken).ConfigureAwait(false);
        return opened;
    }
}
