using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Heads;

/// <summary>The account's heads. A head is never changed once it is there.</summary>
public static class HeadRows
{
    public const string SelectNewest = "SELECT jws FROM heads WHERE account_id = @account ORDER BY number DESC LIMIT 1;";

    public static async Task<SignedHead<THead>> NewestAsync<THead>(Rows rows, CancellationToken cancellation)
        where THead : Head, IHead<THead> => (await rows.ListAsync(row => Read<THead>(row.GetString(0)), cancellation)).Single();

    /// <summary>The heads between <paramref name="newest"/> and a number (docs/spec/heads.md section 4). Heads stay as they are, so a second look at the database sees the same history.</summary>
    public static async Task<string[]> ChainAsync<THead>(SignedRequest caller, SignedHead<THead> newest, long since, CancellationToken cancellation)
        where THead : Head, IHead<THead>
    {
        var numbers = HeadChain.NumbersBetween(newest.Head.Number, since).ToList();
        if (numbers.Count == 0)
            return [];
        return await caller.ReadAsync(
            Select(numbers),
            async rows => (await rows.ListAsync(row => row.GetString(0), cancellation)).ToArray(),
            cancellation);
    }

    /// <summary>For the heads with these numbers, the newest first.</summary>
    public static Statement Select(IReadOnlyCollection<long> numbers)
    {
        var list = string.Join(", ", numbers.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $"@number{index}")));
        var statement = new Statement($"SELECT jws FROM heads WHERE account_id = @account AND number IN ({list}) ORDER BY number DESC;");
        foreach (var (index, number) in numbers.Index())
            statement.Add(string.Create(CultureInfo.InvariantCulture, $"number{index}"), number);
        return statement;
    }

    /// <summary>The compare-and-swap: of two that put the same number, one gets no row or is made to run again.</summary>
    /// <param name="audited">Number of the event that the head signs for; 0 for none.</param>
    public static Statement Insert<THead>(AccountId account, SignedHead<THead> head, long audited)
        where THead : Head, IHead<THead> =>
        new("INSERT INTO heads (account_id, number, jws, audited) VALUES (@account, @number, @jws, @audited) ON CONFLICT DO NOTHING;")
        {
            { "account", account.ToString() },
            { "number", head.Head.Number },
            { "jws", head.Jws },
            { "audited", audited },
        };

    public static SignedHead<THead> Read<THead>(string jws)
        where THead : Head, IHead<THead> => THead.TryRead(jws, out var head) ? head : throw new InvalidDataException("A stored head is damaged.");
}
