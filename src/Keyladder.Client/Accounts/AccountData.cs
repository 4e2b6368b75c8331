using System.Runtime.CompilerServices;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>Reads everything that a service keeps of an account, page by page.</summary>
internal static class AccountData
{
    // Millions of rows: one that never ends is not followed for ever.
    private const int MostAnswers = 100_000;

    public static async IAsyncEnumerable<StoredRows> ReadAsync(ServiceCalls calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DataPlaceMessage? place = null;
        for (var answers = 0; answers < MostAnswers; answers++)
        {
            var answer = await calls.GetAccountDataAsync(place, cancellationToken).ConfigureAwait(false);
            yield return new StoredRows(answer.Table, answer.Rows);
            if ((place = answer.Next) is null)
                yield break;
        }

        throw NeverEnds();
    }

    public static KeyladderException NeverEnds() => new(FailureReason.InvalidAnswer, "The service's list of what it keeps does not end.", "Tell its operator.");
}
