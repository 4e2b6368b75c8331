using System.Globalization;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of an open account itself: where and how it is opened, what happened to it, what is kept of it.</summary>
internal sealed class AccountRequests(UnlockedAccount account)
{
    /// <param name="at">Of the Keystore or of a Vault.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<AgentAnswer> ListSessionsAsync(AccountSessions at, CancellationToken cancellationToken)
    {
        return Answer(await at.ListAsync(cancellationToken));
    }

    /// <inheritdoc cref="ListSessionsAsync"/>
    public static async Task<AgentAnswer> RevokeSessionAsync(AccountSessions at, RevokeSession request, CancellationToken cancellationToken)
    {
        var list = $"`keyladder {(request.AtVault ? "vault " : "")}session list`";
        if (request.Id.Length < 8 || !request.Id.All(letter => char.IsAsciiHexDigitLower(letter) || letter == '-'))
            throw Failure.Usage("That is not the id of a session.", $"Copy one from {list}, or 8 or more characters of it.");
        var found = (await at.ListAsync(cancellationToken)).Where(session => session.Id.ToString().StartsWith(request.Id, StringComparison.Ordinal)).ToList();
        if (found.Count > 1)
            throw Failure.Usage("That names several sessions.", $"Give more of the id; {list} shows them.");
        if (found.Count == 0)
            throw new Failure(ExitCode.NotFound, "There is no such session: it has ended, or never was.", $"{list} shows which there are.");
        await at.RevokeAsync(found[0].Id, cancellationToken);
        return Answer(found);
    }

    private static AgentAnswer Answer(IEnumerable<AccountSession> sessions) => new(Sessions: [.. sessions.Select(session => new SessionLine(
        session.Id.ToString(),
        session.UnlockMethod.ToString(),
        session.Created.ToString("O", CultureInfo.InvariantCulture),
        session.Expires.ToString("u", CultureInfo.InvariantCulture),
        session.Current))]);

    public async Task<AgentAnswer> ListUnlockMethodsAsync(CancellationToken cancellationToken)
    {
        var methods = await account.UnlockMethods.ListAsync(cancellationToken);
        return new AgentAnswer(UnlockMethods: [.. methods.Select(method => new UnlockMethodLine(method.Id.ToString(), method.Kind, method.Current))]);
    }

    public async Task<AgentAnswer> RemoveUnlockMethodAsync(RemoveUnlockMethod request, CancellationToken cancellationToken)
    {
        if (!SlotId.TryParse(request.Id, out var id))
            throw Failure.Usage("That is not the id of a way to unlock.", "Copy one from `keyladder unlock-method list`.");
        await account.UnlockMethods.RemoveAsync(id, cancellationToken);
        return new AgentAnswer();
    }

    public async Task<AgentAnswer> ReadAuditAsync(CancellationToken cancellationToken) => Answer(await account.ReadAuditAsync(cancellationToken));

    /// <summary>Events of the account, at the Keystore or at its Vault.</summary>
    public static AgentAnswer Answer(IEnumerable<AccountEvent> events) => new(Events: [.. events.Select(known => new EventLine(
        known.Number,
        known.Hour.ToString("yyyy-MM-dd HH':00'", CultureInfo.InvariantCulture),
        known.Kind,
        known.Session.ToString(),
        known.Subject?.ToString(),
        known.IsSigned))]);

    /// <param name="kept">By the Keystore or by a Vault.</param>
    /// <param name="output">Takes it, as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<AgentAnswer> WriteDataAsync(IAsyncEnumerable<StoredRows> kept, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(output);
        string? table = null;
        writer.WriteStartArray();
        await foreach (var stored in kept.WithCancellation(cancellationToken))
        {
            if (stored.Table != table)
            {
                if (table is not null)
                    EndTable(writer);
                table = stored.Table;
                writer.WriteStartObject();
                writer.WriteString("table", table);
                writer.WriteStartArray("rows");
            }

            foreach (var row in stored.Rows)
            {
                writer.WriteStartObject();
                foreach (var (column, value) in row)
                    writer.WriteString(column, value);
                writer.WriteEndObject();
            }

            await writer.FlushAsync(cancellationToken);
        }

        if (table is not null)
            EndTable(writer);
        writer.WriteEndArray();
        await writer.FlushAsync(cancellationToken);
        return new AgentAnswer();

        static void EndTable(Utf8JsonWriter writer)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    public async Task<AgentAnswer> DoctorAsync(CancellationToken cancellationToken)
    {
        var findings = await account.ExamineAsync(cancellationToken);
        return new AgentAnswer(Checks: [.. findings.Select(finding => new CheckLine(finding.What, finding.IsGood, finding.Problem))]);
    }

    public async Task<AgentAnswer> SendAsync(SendRequest request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        byte[]? body = null;
        if (request.HasBody)
        {
            using var buffer = new MemoryStream();
            await input.CopyToAsync(buffer, cancellationToken);
            body = buffer.ToArray();
        }

        var (status, answer) = await account.SendAsync(new HttpMethod(request.Method), request.PathAndQuery, body, cancellationToken);
        await output.WriteAsync(answer, cancellationToken);
        return new AgentAnswer(Status: status);
    }
}
