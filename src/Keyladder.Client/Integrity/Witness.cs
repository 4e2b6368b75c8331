using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// What one service, the keeper, keeps of another's heads (docs/spec/witness.md): held against what the other one shows, and replaced as the
/// account moves on. One call at a time.
/// </summary>
/// <param name="key">Seals it; the caller's.</param>
/// <param name="keeper">Where it is kept.</param>
/// <param name="watch">The heads that it is about.</param>
/// <param name="account">Whose heads they are, by the id at the service that has them.</param>
internal sealed class Witness<THead>(WitnessKey key, WitnessKeeper keeper, HeadWatch<THead> watch, AccountId account)
    where THead : Head, IHead<THead>
{
    private const int Tries = 3;

    // Anything that leaves room to grow: two services' numbers of one person should have nothing in common.
    private const int LargestFirst = 1 << 29;

    private long _sequence;
    private IReadOnlyList<WitnessedHead> _heads = [];
    private bool _isRead;

    /// <returns>Why it proves nothing; null where it proves that the head which counts is not older than it.</returns>
    /// <exception cref="IntegrityException">What the service of the heads shows cannot be true, whatever was witnessed.</exception>
    public async Task<WitnessFinding?> CompareAsync(CancellationToken cancellationToken)
    {
        _isRead = false;
        var shown = await AskAsync(cancellationToken).ConfigureAwait(false);
        if (shown is null)
            return Find(WitnessFault.Unanswered, "did not give its witness of");
        (_sequence, _heads, _isRead) = (shown.Sequence, [], true);
        if (shown.Sealed is null)
            return Find(WitnessFault.Missing, "has no witness of");
        try
        {
            _heads = key.Open(keeper.Account, shown.Sealed);
        }
        catch (OpenFailedException)
        {
            return Find(WitnessFault.DoesNotOpen, "shows what does not open as its witness of");
        }

        if (_heads.FirstOrDefault(head => head.Account == account) is not { } seen)
            return Find(WitnessFault.Missing, "has no witness of");
        if (await watch.FollowsAsync(seen, cancellationToken).ConfigureAwait(false))
            return null;
        var pin = await watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
        return seen.Number > pin.Number
            ? Find(WitnessFault.Ahead, $"has seen change {seen.Number}, and change {pin.Number} is shown as the newest of", seen, pin)
            : Find(WitnessFault.OffTheChain, $"has seen a change {seen.Number} that is not in the history now shown of", seen, pin);
    }

    /// <summary>Leaves the newest head that this device has accepted, unless it lies there already.</summary>
    /// <returns>What another client's witness, which came first, has shown to be wrong; null else.</returns>
    /// <exception cref="KeyladderException">The keeper does not take it.</exception>
    public async Task<WitnessFinding?> LeaveAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (!_isRead && await CompareAsync(cancellationToken).ConfigureAwait(false) is { } finding)
                return finding;
            var pin = await watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
            if (_heads.Any(head => head.Account == account && head.Hash == pin.Hash))
                return null;
            WitnessedHead[] heads = [.. _heads.Where(head => head.Account != account).Prepend(new(account, pin.Number, pin.Hash)).Take(WitnessKey.MaxHeads)];
            var own = new PutWitnessRequest(
                _sequence == 0 ? RandomNumberGenerator.GetInt32(1, LargestFirst) : _sequence + 1, key.Seal(keeper.Account, heads));
            var there = await keeper.Calls.PutWitnessAsync(own, cancellationToken).ConfigureAwait(false);
            _isRead = there.Sequence == own.Sequence && there.Sealed is { } @sealed && @sealed.AsSpan().SequenceEqual(own.Sealed);
            if (_isRead)
            {
                (_sequence, _heads) = (own.Sequence, heads);
                return null;
            }
        }

        return null;
    }

    // A keeper that is down, or says anything else, must not lock anybody out of the other service: it is told, like what it says.
    private async Task<WitnessResponse?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await keeper.Calls.GetWitnessAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e is not IntegrityException)
        {
            return null;
        }
    }

    private WitnessFinding Find(WitnessFault fault, string what, WitnessedHead? seen = null, HeadPin? pin = null) => new(
        fault, keeper.Of, $"{keeper.Name} {what} {keeper.Of}.", Hash256.Of([.. Encoding.UTF8.GetBytes($"{fault} {keeper.Name} {seen?.Hash} {pin?.Hash}")]));
}

/// <param name="Name">As the beginning of a sentence: "The Vault".</param>
/// <param name="Of">What it is the witness of: "the Keystore".</param>
/// <param name="Account">The person's account id there.</param>
/// <param name="Calls">The way to it.</param>
internal sealed record WitnessKeeper(string Name, string Of, AccountId Account, ServiceCalls Calls);

/// <summary>Why a witness proves nothing (docs/spec/witness.md section 3).</summary>
internal enum WitnessFault
{
    Ahead,
    OffTheChain,
    DoesNotOpen,
    Missing,
    Unanswered,
}

/// <param name="Fault">What is the matter.</param>
/// <param name="Of">Whose freshness is not proven: "the Keystore", "the Vault".</param>
/// <param name="Text">A sentence for a person.</param>
/// <param name="Mark">Another one for anything else that could be found.</param>
internal sealed record WitnessFinding(WitnessFault Fault, string Of, string Text, Hash256 Mark);
