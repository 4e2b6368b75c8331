using System.Globalization;
using System.Text.Json;
using Keyladder.Cli.Profiles;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Cli.Agent;

/// <summary>The account that the agent holds open, and what commands may ask of it.</summary>
internal sealed class OpenAccount(Profile profile) : IAsyncDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    private readonly Unlocking _unlocking = new(profile);

    private Opened? _opened;

    // Open since before a restore, and holding what the person has not said yet what to do with.
    private Opened? _former;

    public bool IsOpen => _opened is not null;

    private UnlockedAccount Account => (_opened ?? throw Failure.Locked()).Account;

    public async Task<AgentAnswer> DoAsync(AgentRequest request, Stream input, Stream output, Func<int> secondsToLock, CancellationToken cancellationToken) => request switch
    {
        Unlock unlock => await UnlockAsync(unlock, input, cancellationToken),
        PutBack => await PutBackAsync(cancellationToken),
        LockAccount => new AgentAnswer(),
        Status => new AgentAnswer(Account.Id.ToString(), _opened!.Client.Address.GetLeftPart(UriPartial.Authority), secondsToLock()),
        GenerateKeys generate => await GenerateAsync(generate, cancellationToken),
        ListKeys => Answer(await Account.Keys.ListAsync(cancellationToken)),
        ShowKey show => Answer([await FindAsync(show.Key, cancellationToken)]),
        ChangeKey change => await ChangeAsync(change, cancellationToken),
        DeleteKey delete => await DeleteAsync(delete, cancellationToken),
        Encrypt encrypt => await EncryptAsync(encrypt, input, output, cancellationToken),
        Decrypt => await DecryptAsync(input, output, cancellationToken),
        Sign sign => await SignAsync(sign, input, cancellationToken),
        ListSessions => await ListSessionsAsync(cancellationToken),
        RevokeSession revoke => await RevokeSessionAsync(revoke, cancellationToken),
        ListUnlockMethods => await ListUnlockMethodsAsync(cancellationToken),
        RemoveUnlockMethod remove => await RemoveUnlockMethodAsync(remove, cancellationToken),
        ReadAudit => await ReadAuditAsync(cancellationToken),
        ReadData => await WriteDataAsync(output, cancellationToken),
        Doctor => await DoctorAsync(cancellationToken),
        SendRequest send => await SendAsync(send, input, output, cancellationToken),
        _ => throw new InvalidOperationException("Not a request."),
    };

    /// <summary>Locks the account: from here on, requests find it locked.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReplaceAsync(null);
        await CloseAsync(Interlocked.Exchange(ref _former, null));
    }

    /// <summary>What was open is closed, whatever comes after it: nothing unlocked is ever just forgotten.</summary>
    private ValueTask ReplaceAsync(Opened? next) => CloseAsync(Interlocked.Exchange(ref _opened, next));

    private static async ValueTask CloseAsync(Opened? opened)
    {
        if (opened is not var (client, account))
            return;
        // The service should hear of it, but no silence of it may keep the keys open.
        using var limit = new CancellationTokenSource(LongestGoodbye);
        try
        {
            await account.LockAsync(limit.Token);
        }
        catch (Exception e) when (e is KeyladderException or OperationCanceledException)
        {
            // The session ends by itself.
        }

        await account.DisposeAsync();
        client.Dispose();
    }

    private async Task<AgentAnswer> UnlockAsync(Unlock request, Stream input, CancellationToken cancellationToken)
    {
        var opened = await _unlocking.RunAsync(request, input, (_former ?? _opened)?.Account, cancellationToken);
        if (!opened.IsQuestion)
            await CloseAsync(Interlocked.Exchange(ref _former, null));
        else
            _former ??= Interlocked.Exchange(ref _opened, null);
        await ReplaceAsync(new Opened(opened.Client, opened.Account));
        return new AgentAnswer(opened.Account.Id.ToString(), Notice: opened.Account.Restoration.Notice?.Message, WentBack: opened.WentBack);
    }

    private async Task<AgentAnswer> PutBackAsync(CancellationToken cancellationToken)
    {
        var former = _former ?? throw new Failure(ExitCode.NotFound, "There is nothing to put back.", "Nothing needs to be done.");
        var wentBack = RestoreLine.Of(await Account.Restoration.PutBackAsync(former.Account, cancellationToken));
        await CloseAsync(Interlocked.Exchange(ref _former, null));
        return new AgentAnswer(WentBack: wentBack);
    }

    private async Task<AgentAnswer> GenerateAsync(GenerateKeys request, CancellationToken cancellationToken)
    {
        var purpose = request.Kind switch
        {
            "personal" => KeyPurpose.PersonalDek,
            "sharing" => KeyPurpose.SharingDek,
            _ => KeyPurpose.Signing,
        };
        CheckLabel(request.Label);
        var keys = await Account.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(purpose, request.Label), request.Count)], cancellationToken);
        var ids = keys.Select(key => key.Id).ToList();
        foreach (var key in keys)
            key.Dispose();
        return Answer(await Account.Keys.GetManyAsync(ids, cancellationToken));
    }

    private async Task<AgentAnswer> ChangeAsync(ChangeKey request, CancellationToken cancellationToken)
    {
        CheckLabel(request.Label);
        var key = await FindAsync(request.Key, cancellationToken);
        if (request.State is not null && KeyStates.TryParse(request.State, out var state))
            await Account.Keys.SetStateAsync(key.Id, state, cancellationToken);
        if (request.Label is not null)
            await Account.Keys.RenameAsync(key.Id, request.Label.Length > 0 ? request.Label : null, cancellationToken);
        return Answer([await Account.Keys.GetAsync(key.Id, cancellationToken)]);
    }

    private async Task<AgentAnswer> DeleteAsync(DeleteKey request, CancellationToken cancellationToken)
    {
        var key = await FindAsync(request.Key, cancellationToken);
        await Account.Keys.DeleteAsync(key.Id, cancellationToken);
        return Answer([key]);
    }

    private async Task<AgentAnswer> EncryptAsync(Encrypt request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        var key = request.Key is null ? await NewestPersonalAsync(cancellationToken) : await FindAsync(request.Key, cancellationToken);
        using DataEncryptionKey dek = key.Purpose == KeyPurpose.SharingDek ? Account.Keys.UnwrapSharing(key) : Account.Keys.UnwrapPersonal(key);
        await dek.SealFileAsync(input, output, cancellationToken);
        return Answer([key]);
    }

    private async Task<AgentAnswer> DecryptAsync(Stream input, Stream output, CancellationToken cancellationToken)
    {
        await using var content = await OpenAsync(input, cancellationToken);
        await content.CopyToAsync(output, 256 * 1024, cancellationToken);
        return new AgentAnswer();
    }

    /// <summary>To the person, a file that was altered at its beginning and one that was altered further on are the same thing.</summary>
    private async Task<Stream> OpenAsync(Stream input, CancellationToken cancellationToken)
    {
        try
        {
            return await Account.Keys.OpenFileAsync(input, cancellationToken);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.NotFound or FailureReason.NotAllowed)
        {
            throw new Failure(ExitCode.Refused, e.Message, e.NextStep);
        }
    }

    private async Task<AgentAnswer> SignAsync(Sign request, Stream input, CancellationToken cancellationToken)
    {
        using var keypair = Account.Keys.UnwrapSigning(await FindAsync(request.Key, cancellationToken));
        return new AgentAnswer(Text: await keypair.SignAsync(input, TimeProvider.System.GetUtcNow(), cancellationToken));
    }

    private async Task<AgentAnswer> ListSessionsAsync(CancellationToken cancellationToken)
    {
        var sessions = await Account.Sessions.ListAsync(cancellationToken);
        return new AgentAnswer(Sessions: [.. sessions.Select(session => new SessionLine(
            session.Id.ToString(),
            session.UnlockMethod.ToString(),
            session.Created.ToString("O", CultureInfo.InvariantCulture),
            session.Expires.ToString("u", CultureInfo.InvariantCulture),
            session.Current))]);
    }

    private async Task<AgentAnswer> RevokeSessionAsync(RevokeSession request, CancellationToken cancellationToken)
    {
        if (!SessionId.TryParse(request.Id, out var id))
            throw Failure.Usage("That is not the id of a session.", "Copy one from `keyladder session list`.");
        await Account.Sessions.RevokeAsync(id, cancellationToken);
        return new AgentAnswer();
    }

    private async Task<AgentAnswer> ListUnlockMethodsAsync(CancellationToken cancellationToken)
    {
        var methods = await Account.UnlockMethods.ListAsync(cancellationToken);
        return new AgentAnswer(UnlockMethods: [.. methods.Select(method => new UnlockMethodLine(method.Id.ToString(), method.Kind, method.Current))]);
    }

    private async Task<AgentAnswer> RemoveUnlockMethodAsync(RemoveUnlockMethod request, CancellationToken cancellationToken)
    {
        if (!SlotId.TryParse(request.Id, out var id))
            throw Failure.Usage("That is not the id of a way to unlock.", "Copy one from `keyladder unlock-method list`.");
        await Account.UnlockMethods.RemoveAsync(id, cancellationToken);
        return new AgentAnswer();
    }

    private async Task<AgentAnswer> ReadAuditAsync(CancellationToken cancellationToken)
    {
        var events = await Account.ReadAuditAsync(cancellationToken);
        return new AgentAnswer(Events: [.. events.Select(known => new EventLine(
            known.Number,
            known.Hour.ToString("yyyy-MM-dd HH':00'", CultureInfo.InvariantCulture),
            known.Kind,
            known.Session.ToString(),
            known.Subject?.ToString(),
            known.IsSigned))]);
    }

    private async Task<AgentAnswer> WriteDataAsync(Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(output);
        string? table = null;
        writer.WriteStartArray();
        await foreach (var stored in Account.ReadDataAsync(cancellationToken))
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

    private async Task<AgentAnswer> DoctorAsync(CancellationToken cancellationToken)
    {
        var findings = await Account.ExamineAsync(cancellationToken);
        return new AgentAnswer(Checks: [.. findings.Select(finding => new CheckLine(finding.What, finding.IsGood, finding.Problem))]);
    }

    private async Task<AgentAnswer> SendAsync(SendRequest request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        byte[]? body = null;
        if (request.HasBody)
        {
            using var buffer = new MemoryStream();
            await input.CopyToAsync(buffer, cancellationToken);
            body = buffer.ToArray();
        }

        var (status, answer) = await Account.SendAsync(new HttpMethod(request.Method), request.PathAndQuery, body, cancellationToken);
        await output.WriteAsync(answer, cancellationToken);
        return new AgentAnswer(Status: status);
    }

    private async Task<AccountKey> NewestPersonalAsync(CancellationToken cancellationToken) =>
        (await Account.Keys.ListAsync(cancellationToken)).LastOrDefault(key => key is { Purpose: KeyPurpose.PersonalDek, State: KeyState.Active })
        ?? throw new Failure(ExitCode.NotFound, "The account has no active personal key.", "Make one: keyladder key generate personal");

    /// <summary>An id, the start of one, a label or a DID; it must name exactly one key.</summary>
    private async Task<AccountKey> FindAsync(string text, CancellationToken cancellationToken)
    {
        var keys = await Account.Keys.ListAsync(cancellationToken);
        List<AccountKey> found =
        [
            .. keys.Where(key => key.Label == text
                || key.Did?.ToString() == text
                || (text.Length >= 8 && key.Id.ToString().StartsWith(text, StringComparison.Ordinal))),
        ];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new Failure(ExitCode.NotFound, "There is no such key.", "`keyladder key list` shows what there is: name a key by id, by 8 or more characters of it, by label or by DID."),
            _ => throw Failure.Usage("That names several keys.", "Name one by its id; `keyladder key list` shows them."),
        };
    }

    private static void CheckLabel(string? label)
    {
        if (label is { Length: > 0 } && !KeyOverview.IsLabel(label))
            throw Failure.Usage($"A label has at most {KeyOverview.MaxLabelLength} bytes and no control characters.", "Choose a shorter or simpler one.");
    }

    private static AgentAnswer Answer(IReadOnlyList<AccountKey> keys) => new(Keys: [.. keys.Select(key => new KeyLine(
        key.Id.ToString(),
        key.Purpose.ToText(),
        key.State.ToText(),
        key.Label,
        key.Created.ToString("O", CultureInfo.InvariantCulture),
        key.Did?.ToString()))]);

    private sealed record Opened(KeyladderClient Client, UnlockedAccount Account);
}
