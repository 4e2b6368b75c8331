using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Vault.Attachments;

/// <summary>What the database knows of attachments: which there are, until when, and in which files their parts are.</summary>
internal static class AttachmentRows
{
    /// <summary>Whether one is complete, and where it ends so far; no row if nothing of it is there.</summary>
    public const string SelectState = """
        SELECT complete, CAST((SELECT coalesce(sum(length), 0) FROM attachment_parts
            WHERE attachment_parts.account_id = @account AND attachment_parts.attachment_id = @attachment) AS bigint)
        FROM attachments WHERE account_id = @account AND attachment_id = @attachment;
        """;

    /// <summary>Bytes of all attachments of the account, as the quota counts them: a part is a file, however little is in it.</summary>
    public static readonly string SelectBytes = string.Create(
        CultureInfo.InvariantCulture, $"SELECT CAST(coalesce(sum(CASE WHEN length < {SmallestPart} THEN {SmallestPart} ELSE length END), 0) AS bigint) FROM attachment_parts WHERE account_id = @account;");

    // A block of most file systems.
    private const int SmallestPart = 4096;

    // What is not named goes. A backup of the files that follows one of the database within this time lacks none that the database names.
    private static readonly TimeSpan Waits = TimeSpan.FromHours(24);

    /// <summary>What a part takes of the quota.</summary>
    public static long Counted(long length) => Math.Max(length, SmallestPart);

    public static long ExpiresAfter(DateTimeOffset now) => StoredTime.HourAfter(now + Waits);

    public static async Task<AttachmentState> ReadStateAsync(Rows rows, CancellationToken cancellation) =>
        await rows.FirstAsync(row => new AttachmentState(row.GetInt64(1), row.GetInt64(0) == 1), cancellation) ?? new AttachmentState(0, IsComplete: false);

    /// <exception cref="ProblemException">One of them is not there, or not complete.</exception>
    public static async Task RequireCompleteAsync(AccountId account, IReadOnlyCollection<string> ids, Transaction transaction, CancellationToken cancellation)
    {
        if (ids.Count > 0 && await CountCompleteAsync(account, ids, transaction, cancellation) != ids.Count)
            throw Problem.AttachmentMissing();
    }

    /// <summary>Those that are named do not wait for their end: the last statement of whatever may have changed what names them.</summary>
    public static Statement Keep(AccountId account) => new("""
        UPDATE attachments SET expires = NULL WHERE account_id = @account AND expires IS NOT NULL AND (
            EXISTS (SELECT 1 FROM objects WHERE objects.account_id = @account AND objects.attachment = attachments.attachment_id)
            OR EXISTS (SELECT 1 FROM versions WHERE versions.account_id = @account AND versions.attachment = attachments.attachment_id)
            OR EXISTS (SELECT 1 FROM letter_attachments WHERE letter_attachments.account_id = @account AND letter_attachments.attachment_id = attachments.attachment_id));
        """) { { "account", account.ToString() } };

    private static async Task<long> CountCompleteAsync(AccountId account, IEnumerable<string> ids, Transaction transaction, CancellationToken cancellation) =>
        (await transaction.QueryAsync(
            new Statement($"SELECT count(*) FROM attachments WHERE account_id = @account AND complete = 1 AND attachment_id IN ({Statement.EachOf("named")});")
            {
                { "account", account.ToString() },
                { "named", ids },
            },
            rows => rows.ListAsync(row => row.GetInt64(0), cancellation),
            cancellation)).Single();

    public static IEnumerable<Statement> Append(AccountId account, Guid id, AttachmentPart part, bool isLast, DateTimeOffset now) =>
    [
        new("""
            INSERT INTO attachments (account_id, attachment_id, complete, expires) VALUES (@account, @attachment, @complete, @expires)
            ON CONFLICT (account_id, attachment_id) DO UPDATE SET complete = excluded.complete, expires = excluded.expires;
            """)
        {
            { "account", account.ToString() },
            { "attachment", id.ToString() },
            { "complete", isLast ? 1 : 0 },
            { "expires", ExpiresAfter(now) },
        },
        new("INSERT INTO attachment_parts (account_id, attachment_id, start, length, file) VALUES (@account, @attachment, @start, @length, @file);")
        {
            { "account", account.ToString() },
            { "attachment", id.ToString() },
            { "start", part.Start },
            { "length", part.Length },
            { "file", part.File.ToString() },
        },
    ];
}

/// <param name="Stored">Bytes from the beginning on.</param>
internal sealed record AttachmentState(long Stored, bool IsComplete);

/// <summary>Bytes of an attachment, in a file of their own.</summary>
internal sealed record AttachmentPart(long Start, long Length, Guid File);
