using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>One of the secrets that unlock an account; the account signed that it is.</summary>
/// <param name="Id">Names it; it says nothing about the secret.</param>
/// <param name="Kind">One of <see cref="SlotKind"/>.</param>
/// <param name="Current">Whether the account was unlocked with it here.</param>
public sealed record UnlockMethod(SlotId Id, string Kind, bool Current);

/// <summary>
/// The secrets that unlock an account, each with a wrapped KEK of its own; a recovery key is nothing else than a second set of words. Every
/// change ends all sessions of the account; this client signs in again by itself.
/// </summary>
public sealed class UnlockMethods
{
    private const int Tries = 5;

    private readonly KeystoreTrust _trust;
    private readonly SignedConnection _connection;
    private readonly KeystoreCalls _calls;
    private readonly KeystoreWatch _watch;
    private readonly KeyCopy _copy;
    private readonly LocalStore? _store;

    // What the service keeps of the slots that this client unlocked with or made: ciphertext, should it have to be put back.
    private readonly ConcurrentDictionary<SlotId, SlotMessage> _held = [];

    internal UnlockMethods(
        KeystoreTrust trust, SignedConnection connection, KeystoreCalls calls, KeystoreWatch watch, KeyCopy copy, LocalStore? store) =>
        (_trust, _connection, _calls, _watch, _copy, _store) = (trust, connection, calls, watch, copy, store);

    private TimeProvider Time => _connection.Http.Time;

    /// <summary>All that the account signed for, the newest state.</summary>
    public async Task<IReadOnlyList<UnlockMethod>> ListAsync(CancellationToken cancellationToken = default)
    {
        var (head, _, _) = await _watch.ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        return [.. head.Head.Slots.Select(slot => new UnlockMethod(slot.Id, slot.Kind, slot.Id == _trust.OwnSlot.Id))];
    }

    /// <summary>Adds a secret, for example the words of a recovery key or the secret of a device.</summary>
    /// <param name="secret">The new one.</param>
    /// <param name="typedAgain">The new one as the person typed it from paper, or as the device reads it from where it keeps it. It has to
    /// open what the first one sealed, before anything is sent.</param>
    /// <param name="cancellationToken">Ends the call; the change may have landed.</param>
    public async Task<UnlockMethod> AddAsync(UnlockSecret secret, UnlockSecret typedAgain, CancellationToken cancellationToken = default)
    {
        using var added = await NewSlot.CreateAsync(_trust.Kek, secret, typedAgain, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(new SlotChange(added, Remove: null), cancellationToken).ConfigureAwait(false);
        return new UnlockMethod(added.Slot.Id, added.Slot.Kind, Current: false);
    }

    /// <summary>
    /// Adds a device that is an application, with nobody there to type: what unlocks the account is written to a new file that only its owner can read, and
    /// read back, before the service hears of it. <see cref="KeyladderClient.ReadKeyFile"/> reads it. Where this fails, there is no file.
    /// </summary>
    /// <param name="path">Where no file is.</param>
    /// <param name="cancellationToken">Ends the call; the file is deleted, and what may have landed opens with nothing then.</param>
    /// <exception cref="KeyladderException">The file cannot be written, or the service not be asked.</exception>
    public async Task<UnlockMethod> AddKeyFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var made = NewKeyFile();
        KeyFiles.Write(path, made);
        try
        {
            using var kept = KeyFiles.Read(path);
            using var secret = made.ToUnlockSecret();
            using var readBack = kept.ToUnlockSecret();
            return await AddAsync(secret, readBack, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>
    /// Removes a secret: it opens the account no more. A device that had unlocked with it keeps what it has in memory until it is locked.
    /// </summary>
    /// <exception cref="KeyladderException">There is none with this id, or it is the one that unlocked the account here.</exception>
    public Task RemoveAsync(SlotId id, CancellationToken cancellationToken = default) =>
        id == _trust.OwnSlot.Id
            ? throw Failures.NotAllowed(
                "This is the secret that unlocked the account here.", "Change it, or unlock with another one and remove it from there.")
            : ChangeAsync(new SlotChange(Add: null, id), cancellationToken);

    internal async Task ReplaceOwnAsync(UnlockSecret secret, UnlockSecret typedAgain, CancellationToken cancellationToken)
    {
        using var added = await NewSlot.CreateAsync(_trust.Kek, secret, typedAgain, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(new SlotChange(added, _trust.OwnSlot.Id), cancellationToken).ConfigureAwait(false);
    }

    internal void Hold(SlotMessage slot) => _held[new SlotId(slot.Id)] = slot;

    /// <returns>Null where this client knows no more of the slot than heads say.</returns>
    internal SlotMessage? Held(SlotId id) => _held.GetValueOrDefault(id);

    /// <summary>Adds a slot as it was before a restore.</summary>
    /// <returns>False if the service does not take it.</returns>
    internal async Task<bool> TryPutBackAsync(SlotMessage message, CancellationToken cancellationToken)
    {
        if (!Ed25519PublicKey.TryImport(message.Login, out var login))
            return false;
        using var slot = NewSlot.Of(message, new HeadSlot(new SlotId(message.Id), message.Kind, login, Hash256.Of(message.Wrapped)));
        try
        {
            await ChangeAsync(new SlotChange(slot, Remove: null), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.AccountExists or FailureReason.Rejected or FailureReason.NotAllowed)
        {
            return false;
        }
    }

    /// <summary>Removes a slot that came back with a restore.</summary>
    /// <returns>False if it unlocked the account here, or if without it a person could type nothing that opens the account.</returns>
    internal async Task<bool> TryRemoveAgainAsync(SlotId id, CancellationToken cancellationToken)
    {
        var others = (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(method => method.Id != id);
        if (id == _trust.OwnSlot.Id || others.All(method => method.Kind == SlotKind.Device))
            return false;
        await ChangeAsync(new SlotChange(Add: null, id), cancellationToken).ConfigureAwait(false);
        return true;
    }

    private KeyFile NewKeyFile()
    {
        var secret = DeviceSecret.Generate();
        try
        {
            return new KeyFile(_connection.Http.Origin, _trust.Account, secret);
        }
        catch (ArgumentException e)
        {
            secret.Dispose();
            throw KeyFileFailures.NotForThis(_connection.Http.Origin, e);
        }
    }

    private async Task ChangeAsync(SlotChange change, CancellationToken cancellationToken)
    {
        if (change.Add is { } added && added.Message.Locator.AsSpan().SequenceEqual(_connection.SignInKey.Locator))
            throw Failures.NotAllowed("This is the secret that the account has already.", "Take a new one.");
        // What this device keeps would go on opening with the secret that goes.
        if (change.Remove is not null && _store is not null)
            await _store.ForgetAsync(_trust.Account, () => ChangeForCertainAsync(change, cancellationToken), cancellationToken).ConfigureAwait(false);
        else
            await ChangeForCertainAsync(change, cancellationToken).ConfigureAwait(false);
    }

    private async Task ChangeForCertainAsync(SlotChange change, CancellationToken cancellationToken)
    {
        try
        {
            await ChangeWithRetriesAsync(change, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (change.Sent > 0 && change.Remove == _trust.OwnSlot.Id
            && e is OperationCanceledException or KeyladderException { Reason: not FailureReason.OutcomeUnknown })
        {
            // Whatever the last answer was: with which of the two secrets the account opens, the service shows by letting one in.
            var landed = await _watch.InTurnAsync(
                () => _connection.ExclusivelyAsync(_ => TryAdoptAsync(change, e), CancellationToken.None), CancellationToken.None)
                .ConfigureAwait(false);
            if (e is OperationCanceledException or IntegrityException)
                throw;
            if (!landed && (change.IsOpen || e is KeyladderException { Reason: FailureReason.SessionEnded }))
                throw Failures.OutcomeUnknown(e);
            if (!landed)
                throw;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.PinUnreadable && change.Sent > 0 && change.Add?.Slot.Id == _trust.OwnSlot.Id)
        {
            // It has landed. That this device cannot write it down, the next call says.
        }
    }

    private async Task ChangeWithRetriesAsync(SlotChange change, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (tries > 0)
                await Backoff.WaitAsync(tries, Time, cancellationToken).ConfigureAwait(false);
            if (await _watch.InTurnAsync(
                () => TryChangeAsync(change, again: tries > 0, cancellationToken), cancellationToken).ConfigureAwait(false))
                return;
        }

        throw Failures.Conflict();
    }

    /// <returns>Whether the account is as it should be; if not, nothing of this has landed and it may be tried again.</returns>
    private async Task<bool> TryChangeAsync(SlotChange change, bool again, CancellationToken cancellationToken)
    {
        var (head, pin, audit) = await _watch.ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        if (again && change.IsDoneIn(head.Head))
            return true; // The answer was lost, not the change.

        var today = DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);
        var own = _trust.Identity.Sign(
            pin.Next(head, today, head.Head.Root, head.Head.Count) with { Slots = change.Apply(head.Head.Slots), Audit = audit });
        var proof = await _connection.SignInKey.ProveAsync(_connection.Http, own.Hash.ToArray(), cancellationToken).ConfigureAwait(false);
        return await _connection.ExclusivelyAsync(
            session => TrySendAsync(change, own, pin, proof, session, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TrySendAsync(
        SlotChange change, SignedHead<KeystoreHead> own, HeadPin pin, string proof, Session session, CancellationToken cancellationToken)
    {
        (change.Sent, change.IsOpen) = (own.Head.Number, true);
        try
        {
            var landed = await _calls.TryChangeSlotsAsync(change.ToRequest(own.Jws, proof), session, cancellationToken).ConfigureAwait(false);
            change.IsOpen = false;
            if (!landed)
                return false;
        }
        catch (KeyladderException e) when (e is RefusedException || e.Reason is FailureReason.AccountExists or FailureReason.SignInFailed)
        {
            change.IsOpen = false;
            if (e is RefusedException { Problem.Type: ProblemTypes.NonceExpired or ProblemTypes.SignInRequired })
                return false;
            throw;
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Unreachable or FailureReason.ServiceFailed)
        {
            // Whether it landed, the next look at the account tells; with which key to look is the question where the own slot was
            // replaced.
            if (change.Remove == _trust.OwnSlot.Id)
                await TryAdoptAsync(change, e).ConfigureAwait(false);
            return false;
        }

        if (change.Remove == _trust.OwnSlot.Id)
            Adopt(change.Add!, own.Head.Number, session: null);
        // Acknowledged: no cancellation from here on, so that this device does not forget what it has been promised.
        var next = _watch.Verify(pin, own.Jws, []).Pin;
        if (change.Add is { } added)
            Hold(added.Message);
        _copy.Follow(new Written<KeystoreHead, StoredKey>(pin, next, own, []));
        await _watch.MoveAsync(pin, next, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Tries the new secret at the service. A caller who has given up by now still needs to know which of two secrets opens the account.
    /// </summary>
    /// <returns>False if it does not open the account, so far: what is still on its way may land later.</returns>
    /// <exception cref="KeyladderException">There is no telling.</exception>
    private async Task<bool> TryAdoptAsync(SlotChange change, Exception loss)
    {
        var added = change.Add!;
        try
        {
            var session = await added.SignInKey.SignInAsync(_connection.Http, CancellationToken.None).ConfigureAwait(false);
            if (session.KeyId.Account == _trust.Account)
            {
                Adopt(added, change.Sent, session);
                return true;
            }

            // The secret opens another account: that is why this one could not have it.
            session.Dispose();
            return false;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            return false;
        }
        catch (KeyladderException)
        {
            throw Failures.OutcomeUnknown(loss);
        }
    }

    private void Adopt(NewSlot added, long number, Session? session)
    {
        _trust.ReplaceOwnSlot(number, added.Slot);
        _connection.Adopt(added.HandOverSignInKey(), session);
    }
}
