using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using System.Text;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Keyladder.Benchmarks.Recovery;

/// <summary>
/// What a guess is held against: Kestrel, the same counts by the same statements in the same transactions, by plain ADO.NET, the mark beside the database, and an answer of the same
/// length. No OPRF, no look-up, no seal, no limits, no JSON.
/// </summary>
internal static class BareCount
{
    public const string Guardian = "record";
    public const string Store = "username";

    private const string CountAddress = """
        INSERT INTO limits (limiter, count, expires) VALUES (@limiter, 1, @expires)
        ON CONFLICT (limiter) DO UPDATE SET count = limits.count + 1 RETURNING limiter, count;
        """;

    // As BeginCountAsync of the service's engine.
    private const string Durable = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';";

    /// <summary>Runs until standard input ends; the first line of standard output is the address.</summary>
    /// <param name="kind">Of subjects; a <see cref="Store"/> counts the address of who asks besides, in a transaction of its own.</param>
    public static async Task<int> RunAsync(string connectionString, string markFile, string kind, int answerLength)
    {
        var isPostgres = connectionString.StartsWith("Host", StringComparison.Ordinal);
        await using DbDataSource source = isPostgres ? NpgsqlDataSource.Create(connectionString) : SqliteFactory.Instance.CreateDataSource(connectionString);
        // SQLite has one writer: one connection, and those who wait do so here.
        await using var writer = isPostgres ? null : await OpenAsync(source);
        using var gate = new SemaphoreSlim(1, 1);
        using var mark = File.OpenHandle(markFile, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var markLock = new Lock();
        RandomAccess.Write(mark, new byte[sizeof(long)], 0);
        var limiter = new byte[32];
        var answer = new byte[answerLength];
        answer.AsSpan().Fill((byte)' ');

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            if (kind == Store)
                await CountAsync(new Statement(CountAddress) { { "limiter", limiter }, { "expires", ((now / 3_600_000) + 1) * 3_600_000 } });
            var counted = await CountAsync(Guesses.Counting($"{kind}/{Name(body.GetBuffer())}", now));
            Raise(counted[0]);
            context.Response.StatusCode = counted.Count == 3 ? 200 : 429; // the total, how many are used, the end of the wait
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        return 0;

        async Task<List<long>> CountAsync(Statement statement)
        {
            if (writer is null)
            {
                await using var connection = await source.OpenConnectionAsync();
                return await CountOnAsync(connection, statement);
            }

            await gate.WaitAsync();
            try
            {
                return await CountOnAsync(writer, statement);
            }
            finally
            {
                gate.Release();
            }
        }

        void Raise(long total)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            lock (markLock)
            {
                RandomAccess.Read(mark, bytes, 0);
                if (BinaryPrimitives.ReadInt64BigEndian(bytes) >= total)
                    return;
                BinaryPrimitives.WriteInt64BigEndian(bytes, total);
                RandomAccess.Write(mark, bytes, 0);
            }
        }
    }

    private static async Task<DbConnection> OpenAsync(DbDataSource source)
    {
        var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <returns>The last value of each row.</returns>
    private static async Task<List<long>> CountOnAsync(DbConnection connection, Statement statement)
    {
        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(IsolationLevel.Serializable, deferred: false)
            : await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        if (connection is NpgsqlConnection)
        {
            await using var durable = connection.CreateCommand();
            durable.Transaction = transaction;
            durable.CommandText = Durable;
            await durable.ExecuteNonQueryAsync();
        }

        var values = new List<long>();
        await using (var command = connection.CreateCommand())
        {
            command.Transaction = transaction;
            command.CommandText = statement.Text;
            statement.Bind(command.Parameters, command.CreateParameter);
            await using var reader = await command.ExecuteReaderAsync();
            do
            {
                while (await reader.ReadAsync())
                    values.Add(reader.FieldCount == 2 && reader.GetFieldType(0) == typeof(long) ? reader.GetInt64(0) : reader.GetInt64(reader.FieldCount - 1));
            }
            while (await reader.NextResultAsync());
        }

        await transaction.CommitAsync();
        return values;
    }

    // The first value of the body: the handle or the username.
    private static string Name(byte[] body)
    {
        var from = body.AsSpan().IndexOf((byte)':') + 2;
        return Encoding.UTF8.GetString(body, from, body.AsSpan(from).IndexOf((byte)'"'));
    }
}
