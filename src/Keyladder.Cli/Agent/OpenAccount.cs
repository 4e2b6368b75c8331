using Keyladder.Cli.Profiles;
using Keyladder.Client;

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

    private KeyRequests Keys => new(Account);

    private AccountRequests Requests => new(Account);

    private VaultRequests Vaults => (_opened ?? throw Failure.Locked()).Vaults;

    private UnlockedAccount Account => (_opened ?? throw Failure.Locked()).Account;

    public async Task<AgentAnswer> DoAsync(AgentRequest request, Stream input, Stream output, Func<int> secondsToLock, CancellationToken cancellationToken)
    {
        var answer = await AnswerAsync(request, input, output, secondsToLock, cancellationToken);
        return _opened is { } opened && await opened.Vaults.TakeNoticeAsync(isShown: request is OpenVault, cancellationToken) is { } told ? answer with { Told = told } : answer;
    }

    private async Task<AgentAnswer> AnswerAsync(AgentRequest request, Stream input, Stream output, Func<int> secondsToLock, CancellationToken cancellationToken) => request switch
    {
        Unlock unlock => await UnlockAsync(unlock, input, cancellationToken),
        PutBack => await PutBackAsync(cancellationToken),
        LockAccount => new AgentAnswer(),
        Status => new AgentAnswer(Account.Id.ToString(), _opened!.Client.Address.GetLeftPart(UriPartial.Authority), secondsToLock()),
        GenerateKeys generate => await Keys.GenerateAsync(generate, cancellationToken),
        ListKeys => await Keys.ListAsync(cancellationToken),
        ShowKey show => await Keys.ShowAsync(show, cancellationToken),
        ChangeKey change => await Keys.ChangeAsync(change, cancellationToken),
        DeleteKey delete => await Keys.DeleteAsync(delete, cancellationToken),
        ExportPrivateKey export => await Keys.ExportAsync(export, output, cancellationToken),
        Encrypt encrypt => await Keys.EncryptAsync(encrypt, input, output, cancellationToken),
        Decrypt => await Keys.DecryptAsync(input, output, cancellationToken),
        Sign sign => await Keys.SignAsync(sign, input, cancellationToken),
        AnswerApp answer => await Keys.AnswerAsync(answer, cancellationToken),
        ListSessions list => await AccountRequests.ListSessionsAsync(await SessionsAsync(list.AtVault, cancellationToken), cancellationToken),
        RevokeSession revoke => await AccountRequests.RevokeSessionAsync(await SessionsAsync(revoke.AtVault, cancellationToken), revoke, cancellationToken),
        ListUnlockMethods => await Requests.ListUnlockMethodsAsync(cancellationToken),
        RemoveUnlockMethod remove => await Requests.RemoveUnlockMethodAsync(remove, cancellationToken),
        ReadAudit => await Requests.ReadAuditAsync(cancellationToken),
        ReadData { AtVault: true } => await Vaults.WriteDataAsync(output, cancellationToken),
        ReadData => await AccountRequests.WriteDataAsync(Account.ReadDataAsync(cancellationToken), output, cancellationToken),
        Doctor => await Requests.DoctorAsync(cancellationToken),
        CreateVault create => await Vaults.CreateAsync(create, input, cancellationToken),
        OpenVault open => await Vaults.OpenAsync(open, cancellationToken),
        ReplaceVaultKey => await Vaults.ReplaceKeyAsync(cancellationToken),
        SyncVault => await Vaults.SyncAsync(cancellationToken),
        DiscardItem discard => await Vaults.Items.DiscardAsync(discard, cancellationToken),
        ListVaults => await Vaults.ListAsync(cancellationToken),
        ReadVaultAudit => await Vaults.ReadAuditAsync(cancellationToken),
        DeleteVault delete => await Vaults.DeleteAsync(delete, cancellationToken),
        ListItems list => await Vaults.Items.ListAsync(list, cancellationToken),
        ShowItem show => await Vaults.Items.ShowAsync(show, output, cancellationToken),
        ListVersions list => await Vaults.Items.ListVersionsAsync(list, cancellationToken),
        PutItem put => await Vaults.Items.PutAsync(put, input, cancellationToken),
        DeleteItem delete => await Vaults.Items.DeleteAsync(delete, cancellationToken),
        Attach attach => await Vaults.Items.AttachAsync(attach, input, cancellationToken),
        ReadAttachment read => await Vaults.Items.ReadAttachmentAsync(read, output, cancellationToken),
        ImportVault import => await Vaults.ImportAsync(import, input, output, cancellationToken),
        ListRelationships list => await Vaults.Relationships.ListAsync(list, cancellationToken),
        SyncRelationships sync => await Vaults.Relationships.SyncAsync(sync, cancellationToken),
        Invite invite => await Vaults.Relationships.InviteAsync(invite, output, cancellationToken),
        AcceptInvitation accept => await Vaults.Relationships.AcceptAsync(accept, input, cancellationToken),
        RenameRelationship rename => await Vaults.Relationships.RenameAsync(rename, cancellationToken),
        BlockRelationship block => await Vaults.Relationships.BlockAsync(block, cancellationToken),
        ChangeRelationshipKeys change => await Vaults.Relationships.ChangeKeysAsync(change, cancellationToken),
        EndRelationship end => await Vaults.Relationships.EndAsync(end, cancellationToken),
        GiveShare give => await Vaults.Shares.GiveAsync(give, cancellationToken),
        ListShares => await Vaults.Shares.ListAsync(cancellationToken),
        DescribeShare describe => await Vaults.Shares.DescribeAsync(describe, cancellationToken),
        ShowShare show => await Vaults.Shares.ShowAsync(show, output, cancellationToken),
        ReadSharedAttachment read => await Vaults.Shares.ReadAttachmentAsync(read, output, cancellationToken),
        AcceptTerms accept => await Vaults.Shares.AcceptAsync(accept, cancellationToken),
        UpdateShares update => await Vaults.Shares.UpdateAsync(update, cancellationToken),
        RevokeShares revoke => await Vaults.Shares.RevokeAsync(revoke, cancellationToken),
        EndExpiredShares => await Vaults.Shares.EndExpiredAsync(cancellationToken),
        SendRequest send => await Requests.SendAsync(send, input, output, cancellationToken),
        _ => throw new InvalidOperationException("Not a request."),
    };

    private async Task<AccountSessions> SessionsAsync(bool atVault, CancellationToken cancellationToken) =>
        atVault ? await Vaults.GetSessionsAsync(cancellationToken) : Account.Sessions;

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
        await opened.Vaults.DisposeAsync();
        client.Dispose();
    }

    private async Task<AgentAnswer> UnlockAsync(Unlock request, Stream input, CancellationToken cancellationToken)
    {
        var opened = await _unlocking.RunAsync(request, input, (_former ?? _opened)?.Account, cancellationToken);
        if (!opened.IsQuestion)
            await CloseAsync(Interlocked.Exchange(ref _former, null));
        else
            _former ??= Interlocked.Exchange(ref _opened, null);
        // Its keys are what may be put back; the copy of the Vault is for the one that is open now.
        if (_former is { } former)
            await former.Vaults.CloseAsync();
        await ReplaceAsync(new Opened(opened.Client, opened.Account));
        return new AgentAnswer(opened.Account.Id.ToString(), Notice: opened.Notice ?? opened.Account.Restoration.Notice?.Message, WentBack: opened.WentBack);
    }

    private async Task<AgentAnswer> PutBackAsync(CancellationToken cancellationToken)
    {
        var former = _former ?? throw new Failure(ExitCode.NotFound, "There is nothing to put back.", "Nothing needs to be done.");
        var wentBack = RestoreLine.Of(await Account.Restoration.PutBackAsync(former.Account, cancellationToken));
        await CloseAsync(Interlocked.Exchange(ref _former, null));
        return new AgentAnswer(WentBack: wentBack);
    }

    private sealed record Opened(KeyladderClient Client, UnlockedAccount Account)
    {
        public VaultRequests Vaults { get; } = new(Account);
    }
}
