using System.Globalization;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// Deletes the account at the service, and remembers that it did (docs/spec/heads.md section 7): the statement takes the place of the next
/// head, so that a service that shows the account again, from a backup or because it kept it, is noticed here.
/// </summary>
internal sealed class Deletion<THead>(RootOfTrust<THead> trust, SignedConnection connection, ServiceCalls calls, HeadWatch<THead> watch)
    where THead : Head, IHead<THead>
{
    private const int Tries = 5;

    public async Task<DeletedAccount> RunAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (tries > 0)
                await Backoff.WaitAsync(tries, connection.Http.Time, cancellationToken).ConfigureAwait(false);
            if (await watch.InTurnAsync(() => TryAsync(cancellationToken), cancellationToken).ConfigureAwait(false) is { } deleted)
                return deleted;
        }

        throw Failures.Conflict();
    }

    /// <returns>Null if another head came first, or the session ended: nothing has happened.</returns>
    private async Task<DeletedAccount?> TryAsync(CancellationToken cancellationToken)
    {
        var (head, pin, _) = await watch.ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        var today = DateOnly.FromDateTime(connection.Http.Time.GetUtcNow().UtcDateTime);
        var statement = trust.Sign(
            new AccountDeletion(connection.Http.Origin, trust.Account, pin.Number + 1, today, head.Hash, trust.Signer));
        var deleted = pin.After(statement);
        var proof = await connection.SignInKey.ProveAsync(connection.Http, deleted.Hash.ToArray(), cancellationToken).ConfigureAwait(false);
        return await connection.ExclusivelyAsync(
            async session =>
            {
                if (await TrySendAsync(statement, proof, session, cancellationToken).ConfigureAwait(false) is not { } answer)
                    return null;
                await RememberAsync(pin, deleted).ConfigureAwait(false);
                return answer;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<DeletedAccount?> TrySendAsync(string statement, string proof, Session session, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.TryDeleteAccountAsync(new DeleteAccountRequest(statement, proof), session, cancellationToken).ConfigureAwait(false);
            return answer is null ? null : Describe(statement, answer);
        }
        catch (RefusedException e) when (e.Problem.Type is ProblemTypes.NonceExpired or ProblemTypes.SignInRequired)
        {
            return null;
        }
        catch (Exception e) when (
            e is OperationCanceledException or KeyladderException { Reason: FailureReason.Unreachable or FailureReason.ServiceFailed or FailureReason.InvalidAnswer })
        {
            // Whether it happened, the service shows by letting the secret in or not; a caller who has given up by now needs to know too.
            if (!await IsGoneAsync(e).ConfigureAwait(false))
                throw;
            return new DeletedAccount(trust.Account, statement, Day: null, new Dictionary<string, long>());
        }
    }

    /// <exception cref="KeyladderException">There is no telling.</exception>
    private async Task<bool> IsGoneAsync(Exception loss)
    {
        try
        {
            using var session = await connection.SignInKey.SignInAsync(connection.Http, CancellationToken.None).ConfigureAwait(false);
            return false;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            return true;
        }
        catch (KeyladderException)
        {
            throw Failures.DeletionUnknown(connection.Http.Kind, loss);
        }
    }

    // No cancellation: it has happened. Where this device cannot write it down it is deleted all the same; what would be lost with an
    // exception is the statement.
    private async Task RememberAsync(HeadPin pin, HeadPin deleted)
    {
        try
        {
            await watch.MoveAsync(pin, deleted, CancellationToken.None).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.PinUnreadable)
        {
        }
    }

    // The account is gone whatever the answer says: what cannot be read of it is left out.
    private DeletedAccount Describe(string statement, DeleteAccountResponse answer) => new(
        trust.Account,
        statement,
        DateOnly.TryParseExact(answer.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
        answer.Rows.OfType<DeletedRowsMessage>().DistinctBy(row => row.Table).ToDictionary(row => row.Table, row => row.Count));
}
