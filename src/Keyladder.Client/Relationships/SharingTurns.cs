using Keyladder.Keys.Vault;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// What is shared is read and written in one turn. Attachments that turn out to be missing are sent between two turns, so that nothing else has to wait, and all is read anew after that: nothing that was
/// changed or deleted meanwhile comes back by it.
/// </summary>
/// <param name="vault">Has the attachments.</param>
/// <param name="turn">Of the account's calls.</param>
internal sealed class SharingTurns(Vault vault, Relationships.Turn turn)
{
    private const int Tries = 16;

    /// <param name="attachments">Those that have been sent.</param>
    /// <param name="step">To be taken in a turn. Given whether what shares have had until now counts no more.</param>
    /// <param name="failure">Where there is no end of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<T> RunAsync<T>(SharedAttachments attachments, Func<bool, Task<SharingStep<T>>> step, Func<KeyladderException> failure, CancellationToken cancellationToken)
        where T : class
    {
        var isAnew = false;
        for (var tries = 0; tries < Tries; tries++)
        {
            try
            {
                var taken = (SharingStep<T>)(await turn(async () => await step(isAnew).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))!;
                if (taken.Result is not null)
                    return taken.Result;
                if (taken.Relationship is not null)
                    await attachments.SendAsync(vault, taken.Relationship, taken.Missing!, cancellationToken).ConfigureAwait(false);
            }
            catch (RefusedException e) when (e.Problem.Type == ProblemTypes.AttachmentMissing)
            {
                if (isAnew)
                    throw RelationshipFailures.AttachmentNotKept(e);
                // What was sent more than a day ago, or before a restore.
                attachments.Forget();
                isAnew = true;
            }
        }

        throw failure();
    }
}

/// <param name="Result">Null where something is to be sent first, or another device came first.</param>
/// <param name="Relationship">To send for; null for none.</param>
/// <param name="Missing">What is to be sent.</param>
internal sealed record SharingStep<T>(T? Result, RelationshipItem? Relationship = null, IReadOnlyList<Attachment>? Missing = null);
