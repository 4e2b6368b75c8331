using System.Diagnostics;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests.Worker;

/// <summary>A Keystore and a Vault over Kestrel; an application with an account of its own, its operator, who holds another secret of it, and Alice.</summary>
internal sealed class WorkerScene : IAsyncDisposable
{
    public const string Terms = "For payouts only.";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<KeyladderClient> _clients = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-worker-");

    public KeystoreHost Keystore { get; private set; } = null!;

    public VaultHost VaultService { get; private set; } = null!;

    public UnlockedAccount Operator { get; private set; } = null!;

    /// <summary>The application's, as its operator has it open.</summary>
    public Client.Vault OperatorsVault { get; private set; } = null!;

    public Client.Vault Alice { get; private set; } = null!;

    public RelationshipId WithWorker { get; private set; }

    public UnlockMethod Device { get; private set; } = null!;

    public string KeyFile => Path.Combine(_folder.FullName, "worker.key");

    public string State => Path.Combine(_folder.FullName, "state");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<WorkerScene> BeginAsync(Engine engine)
    {
        var scene = new WorkerScene { Keystore = await KeystoreHost.StartAsync(engine), VaultService = await VaultHost.StartAsync(engine) };
        scene.Operator = await scene.SignUpAsync();
        scene.OperatorsVault = await scene.Operator.Vaults.CreateAsync(scene.VaultService.Origin, cancellationToken: Cancellation);
        scene.Device = await scene.Operator.UnlockMethods.AddKeyFileAsync(scene.KeyFile, Cancellation);
        scene.Alice = await (await scene.SignUpAsync()).Vaults.CreateAsync(scene.VaultService.Origin, cancellationToken: Cancellation);
        return scene;
    }

    private static ItemDraft Iban(ItemDraft draft, string iban) => draft.With(ItemAttribute.Text("iban", iban));

    public WorkerProcess StartWorker() => WorkerProcess.Start(KeyFile, State);

    /// <summary>The operator invites or accepts; what follows for the application the worker hears by itself.</summary>
    public async Task ConnectAsync(bool applicationInvites)
    {
        if (applicationInvites)
            await InviteAsync(OperatorsVault.Relationships, Alice.Relationships);
        else
            await InviteAsync(Alice.Relationships, OperatorsVault.Relationships);
        WithWorker = (await HearsAsync(async () => Assert.Single(await Alice.Relationships.ListAsync(Cancellation)), with => with.Status == RelationshipStatus.Established)).Id;

        static async Task InviteAsync(Relationships one, Relationships other) =>
            await other.AcceptAsync((await one.InviteAsync("the other", cancellationToken: Cancellation)).DangerousLink.ToString().AsMemory(), "the other", Cancellation);
    }

    /// <summary>Alice shares a new item.</summary>
    public async Task<GivenShare> ShareAsync(string? terms = Terms)
    {
        var bank = (await Alice.PutAsync(Iban(ItemDraft.New("Bank", "account"), "DE02120300000000202051"), Cancellation)).Id;
        return Assert.Single(await Alice.Relationships.ShareAsync([WithWorker], bank, terms: new ShareTerms(terms, TellWhenRead: true), cancellationToken: Cancellation));
    }

    public async Task<GivenShare> UpdateAsync(GivenShare share, string iban)
    {
        await Alice.PutAsync(Iban((await Alice.GetAsync(share.Item, Cancellation)).Edit(), iban), Cancellation);
        return await Alice.Relationships.UpdateAsync(share, cancellationToken: Cancellation);
    }

    /// <summary>The share, once Alice has heard what she waits for.</summary>
    public Task<GivenShare> HearsAsync(ShareId share, Func<GivenShare, bool> what) =>
        HearsAsync(async () => (await Alice.Relationships.ListGivenAsync(Cancellation)).Single(given => given.Id == share), what);

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _open)
            await account.DisposeAsync();
        _clients.ForEach(client => client.Dispose());
        await VaultService.DisposeAsync();
        await Keystore.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<T> HearsAsync<T>(Func<Task<T>> read, Func<T, bool> what)
    {
        for (var begun = Stopwatch.GetTimestamp(); ; Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, "Alice does not hear what she waits for."))
        {
            await Alice.Relationships.SyncAsync(TimeSpan.FromSeconds(1), Cancellation);
            if (await read() is var heard && what(heard))
                return heard;
        }
    }

    private async Task<UnlockedAccount> SignUpAsync()
    {
        var client = new KeyladderClient(Keystore.Origin, new MemoryPinStore());
        _clients.Add(client);
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        var account = await client.SignUpAsync(secret, Cancellation);
        _open.Add(account);
        return account;
    }
}
