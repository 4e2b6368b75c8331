using System.Data.Common;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore;
using Keyladder.Keystore.Keys;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>
/// What a signed read is held against: Kestrel, the same command by plain ADO.NET, every value of every row read, and an answer of the
/// same length. No signature, no limits, no proof, no JSON.
/// </summary>
internal static class BareEndpoint
{
    /// <summary>Runs until standard input ends; the first line of standard output is the address.</summary>
    public static async Task<int> RunAsync(string connectionString, string sessionKeyId, string key, int answerLength)
    {
        if (!SessionKeyId.TryParse(sessionKeyId, out var session))
            return 1;
        var table = new KeysTable(new KeystoreOptions());
        var wanted = new WantedObjects([new ObjectName(Guid.Parse(key))], table.PathOf);
        var statement = SignedRequest.SelectSession(session).Then(new ObjectReads<KeystoreHead, KeyMessage>(table).Select(wanted, TreePages.UsualLevels));
        await using DbDataSource source = connectionString.StartsWith("Host", StringComparison.Ordinal)
            ? NpgsqlDataSource.Create(connectionString)
            : SqliteFactory.Instance.CreateDataSource(connectionString);
        var answer = new byte[answerLength];
        answer.AsSpan().Fill((byte)' ');

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = statement.Text;
            statement.Bind(command.Parameters, command.CreateParameter);
            await using var reader = await command.ExecuteReaderAsync();
            var values = new object[16];
            do
            {
                while (await reader.ReadAsync())
                    reader.GetValues(values);
            }
            while (await reader.NextResultAsync());
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
