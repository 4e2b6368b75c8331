using System.Globalization;
using System.Text;
using Keyladder.Client;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of the Vault of an open account. It is opened by the first that needs it, and stays open with the account.</summary>
internal sealed class VaultRequests(UnlockedAccount account) : IAsyncDisposable
{
    private static readonly TimeSpan SecretWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private Vault? _vault;
    private RestoreNotice? _told;

    public async Task<AgentAnswer> CreateAsync(CreateVault request, Stream input, CancellationToken cancellationToken)
    {
        using var invitation = await ReadInvitationAsync(input, cancellationToken);
        await _opening.WaitAsync(cancellationToken);
        try
        {
            // Its copy on this device has one user at a time.
            if (_vault is { } open && open.Address == new Uri(request.Address))
                return await AnswerAsync(open, cancellationToken);
            var vault = await account.Vaults.CreateAsync(new Uri(request.Address), invitation, cancellationToken: cancellationToken);
            await Replace(vault);
            return new AgentAnswer(vault.Id.ToString(), Vaults: [Text(vault.Address)]);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Opens the Vault anew, whatever the one that is open has found out since.</summary>
    public async Task<AgentAnswer> OpenAsync(OpenVault request, CancellationToken cancellationToken)
    {
        if (request is { PutBack: true, Restored: null })
            return await PutBackAsync(cancellationToken);
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var told = await AskOpenAsync(request, cancellationToken);
            var address = await AddressAsync(cancellationToken);
            await Replace(null);
            _vault = await OpenAsync(address, request, told, cancellationToken);
            return await AnswerAsync(_vault, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <returns>What the person is to be told of a restore, once; null for nothing.</returns>
    /// <param name="isShown">Whether the answer itself shows what could be put back.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<string?> TakeNoticeAsync(bool isShown, CancellationToken cancellationToken)
    {
        if (_vault is not { Restoration.Notice: { } notice } vault || notice == _told)
            return null;
        _told = notice;
        try
        {
            return !isShown && RestoreLine.IsAny(RestoreLine.Of(await vault.Restoration.CompareAsync(cancellationToken)).Where(line => !line.PutBack))
                ? $"{notice.Message} This device still holds some of what went back. To put it back, before the account locks: keyladder vault open --put-back"
                : notice.Message;
        }
        catch (Exception e) when (e is KeyladderException or ObjectDisposedException)
        {
            return notice.Message;
        }
    }

    public async Task<AgentAnswer> SyncAsync(CancellationToken cancellationToken)
    {
        var vault = await OpenAsync(cancellationToken);
        var changed = await vault.SyncAsync(cancellationToken);
        var items = await vault.ListAsync(cancellationToken);
        var answer = ItemRequests.Answer(vault, items.Where(item => vault.Queued.Contains(item.Id))) with { Vaults = [Text(vault.Address)], Status = changed.Count };
        return items.Any(item => item.ConflictOf is not null && changed.Contains(item.Id))
            ? answer with { Notice = "Two devices had changed the same thing: both versions were kept, each as an item of its own. `keyladder item list` shows which." }
            : answer;
    }

    /// <summary>What commands ask of its items.</summary>
    public ItemRequests Items => new(OpenAsync);

    /// <summary>What commands ask of its relationships.</summary>
    public RelationshipRequests Relationships => new(OpenAsync);

    /// <summary>What commands ask of what is shared in them.</summary>
    public ShareRequests Shares => new(OpenAsync);

    public async Task<AgentAnswer> ReplaceKeyAsync(CancellationToken cancellationToken)
    {
        var address = await AddressAsync(cancellationToken);
        await account.Vaults.ReplaceKeyAsync(address, cancellationToken: cancellationToken);
        return new AgentAnswer(Vaults: [Text(address)]);
    }

    public async Task<AgentAnswer> ListAsync(CancellationToken cancellationToken) =>
        new(Vaults: [.. (await account.Vaults.ListAsync(cancellationToken)).Select(Text)]);

    public async Task<AgentAnswer> ReadAuditAsync(CancellationToken cancellationToken) =>
        AccountRequests.Answer(await (await OpenAsync(cancellationToken)).ReadAuditAsync(cancellationToken));

    public async Task<AccountSessions> GetSessionsAsync(CancellationToken cancellationToken) => (await OpenAsync(cancellationToken)).Sessions;

    public async Task<AgentAnswer> WriteDataAsync(Stream output, CancellationToken cancellationToken) =>
        await AccountRequests.WriteDataAsync((await OpenAsync(cancellationToken)).ReadDataAsync(cancellationToken), output, cancellationToken);

    /// <summary>The account there, then its keys: what the account has signed is answered though the keys could not be deleted.</summary>
    public async Task<AgentAnswer> DeleteAsync(DeleteVault request, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var address = new Uri(request.Address);
            if (request.KeysAlone)
            {
                await account.Vaults.ForgetAsync(address, unproven: true, cancellationToken);
                await Replace(null);
                return new AgentAnswer(Vaults: [Text(address)], Deletion: new DeletionLine(null, null, []));
            }

            var deleted = await account.Vaults.DeleteAsync(address, cancellationToken: cancellationToken);
            await Replace(null);
            var answer = new AgentAnswer(
                Vaults: [Text(address)], Deletion: new DeletionLine(deleted?.Statement, deleted?.Day is { } day ? ItemLines.Text(day) : null, new(deleted?.Rows ?? new Dictionary<string, long>())));
            try
            {
                await account.Vaults.ForgetAsync(address, cancellationToken: cancellationToken);
                return answer;
            }
            catch (Exception e) when (deleted is not null && e is KeyladderException or OperationCanceledException)
            {
                return answer with { Notice = "The Vault's keys are still among the account's. Run the command again to delete them." };
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The file is opened here, by its full path: what is in it goes through no socket. How far it is does, as a line of "DONE ALL" now and then.</summary>
    public async Task<AgentAnswer> ImportAsync(ImportVault request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        using var secret = await ReadSecretAsync(request, input, cancellationToken);
        await using var file = FileTransfer.OpenFile(request.File);
        using var export = await ExportedVault.OpenAsync(file, secret, cancellationToken);
        var vault = await OpenAsync(cancellationToken);
        var done = new LastReport();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var importing = vault.ImportAsync(export, done, stop.Token);
        try
        {
            do
                await output.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{done.Value} {export.Items.Count}\n")), cancellationToken);
            while (await Task.WhenAny(importing, Task.Delay(BetweenReports, CancellationToken.None)) != importing);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The command is gone: what it had asked for ends with it. What is in the Vault by then is found there when it is asked for again.
            await stop.CancelAsync();
        }

        var (imported, present) = await importing;
        return new AgentAnswer(Imported: imported, Present: present);
    }

    public ValueTask CloseAsync() => Replace(null);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _opening.Dispose();
    }

    private ValueTask Replace(Vault? next) => Interlocked.Exchange(ref _vault, next) is { } before ? before.DisposeAsync() : ValueTask.CompletedTask;

    private async Task<Vault> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_vault is { } open)
                return open;
            return _vault = await account.Vaults.OpenAsync(await AddressAsync(cancellationToken), cancellationToken: cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Where no copy is kept, what could be put back is held by the Vault that is open, and by nothing else.</summary>
    /// <returns>What it says of a restore, and the person has chosen about; null for nothing.</returns>
    /// <exception cref="RestoredException">They have not, or about something else: it stays open.</exception>
    private async Task<RestoredException?> AskOpenAsync(OpenVault request, CancellationToken cancellationToken)
    {
        try
        {
            if (_vault is { } open)
                await open.SyncAsync(cancellationToken);
        }
        catch (RestoredException e) when (request.Restored == e.Choice)
        {
            return e;
        }
        catch (KeyladderException e) when (e is not RestoredException)
        {
            // The one that is opened in its place says so, or is better off.
        }

        return null;
    }

    private async Task<Vault> OpenAsync(Uri address, OpenVault request, RestoredException? told, CancellationToken cancellationToken)
    {
        try
        {
            return request.Unproven is { } choice
                ? await account.Vaults.OpenUnprovenAsync(address, choice, cancellationToken: cancellationToken)
                : await account.Vaults.OpenAsync(address, cancellationToken: cancellationToken);
        }
        catch (RestoredException e)
        {
            if (request.Restored != e.Choice)
                throw;
            var chosen = told?.Choice == e.Choice ? told : e;
            if (request.PutBack && chosen.Items is null)
                throw new Failure(ExitCode.Locked, "This device holds nothing of the Vault that could be put back.", $"To go back all the same: keyladder vault open --accept-restore {e.Choice}");
            return await account.Vaults.OpenRestoredAsync(address, chosen, request.PutBack, cancellationToken: cancellationToken);
        }
    }

    private async Task<AgentAnswer> PutBackAsync(CancellationToken cancellationToken)
    {
        var vault = await OpenAsync(cancellationToken);
        if (await vault.Restoration.PutBackAsync(cancellationToken) is [])
            throw new Failure(ExitCode.NotFound, "There is nothing to put back.", "Nothing needs to be done.");
        return await AnswerAsync(vault, cancellationToken);
    }

    private static async Task<AgentAnswer> AnswerAsync(Vault vault, CancellationToken cancellationToken) => new(
        vault.Id.ToString(),
        Notice: ItemRequests.Notice(vault),
        Text: ItemLines.Text(vault.LastChanged),
        Vaults: [Text(vault.Address)],
        WentBack: RestoreLine.Of(await vault.Restoration.CompareAsync(cancellationToken)));

    private async Task<Uri> AddressAsync(CancellationToken cancellationToken) =>
        await account.Vaults.ListAsync(cancellationToken) is [var first, ..]
            ? first
            : throw new Failure(ExitCode.NotFound, "The account has no Vault.", "Make one: keyladder vault create ADDRESS");

    /// <summary>A command that stays silent does not keep the account open: what follows is work, which is not cut off.</summary>
    private static async Task<UnlockSecret> ReadSecretAsync(ImportVault request, Stream input, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SecretWait);
        return await Unlocking.ReadTypedAsync(request.SecretKeyLength, input, limit.Token);
    }

    private static async Task<InvitationCode?> ReadInvitationAsync(Stream input, CancellationToken cancellationToken)
    {
        var text = await ItemRequests.ReadAllAsync(input, cancellationToken);
        using var wiped = new Wiped(text);
        if (text.Length == 0)
            return null;
        using var typed = TypedSecret.FromUtf8(text);
        return InvitationCode.TryParse(typed.Text, out var code)
            ? code
            : throw Failure.Usage("This is no invitation, or it has a mistake in it.", "An invitation is KI1- and four groups of eight letters and digits: copy it whole.");
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private sealed class LastReport : IProgress<int>
    {
        private int _value;

        public int Value => Volatile.Read(ref _value);

        public void Report(int value) => Volatile.Write(ref _value, value);
    }
}
