using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>
/// A Passphrase Store and a Keystore, which is its Guardian and has the account besides: real services over real databases, each with somebody
/// in front who listens and may lie.
/// </summary>
internal sealed class RecoveryScene : IAsyncDisposable
{
    public const string Password = "seven herons over a grey canal";
    public const string OtherPassword = "nine cranes under a red bridge";
    public const string ThirdPassword = "five owls upon a yellow barn";

    private readonly List<IDisposable> _open = [];
    private readonly List<UnlockedAccount> _accounts = [];

    private RecoveryScene(LyingProxy storeProxy, LyingProxy guardianProxy, PassphraseStoreHost store, KeystoreHost keystore) =>
        (StoreProxy, GuardianProxy, Store, Keystore) = (storeProxy, guardianProxy, store, keystore);

    public LyingProxy StoreProxy { get; }

    /// <summary>The Keystore's, for all that it is asked.</summary>
    public LyingProxy GuardianProxy { get; }

    public PassphraseStoreHost Store { get; }

    public KeystoreHost Keystore { get; }

    public Username Username { get; } = Username.TryParse("person@example.org", out var username) ? username : throw new InvalidOperationException();

    public static async Task<RecoveryScene> BeginAsync(Engine engine)
    {
        var storeProxy = await LyingProxy.StartAsync();
        var guardianProxy = await LyingProxy.StartAsync();
        var keystore = await KeystoreHost.StartAsync(engine, origin: guardianProxy.Address);
        var store = await PassphraseStoreHost.StartAsync(
            engine, origin: storeProxy.Address, settings: options => options with { Guardian = guardianProxy.Address.GetLeftPart(UriPartial.Authority) });
        guardianProxy.StandBefore(keystore.Address);
        storeProxy.StandBefore(store.Address);
        return new RecoveryScene(storeProxy, guardianProxy, store, keystore);
    }

    /// <summary>One device's way to the Store, which knows nothing else.</summary>
    public PassphraseStore Device() => Keep(new PassphraseStore(StoreProxy.Address));

    public KeyladderClient Client() => Keep(new KeyladderClient(GuardianProxy.Address, new MemoryPinStore()));

    public RecoveryPassword Typed(string password) => Keep(RecoveryPassword.TryParse(password, out var typed, out var error) ? typed : throw new InvalidOperationException(error.ToString()));

    /// <summary>The code of the next mail that has one.</summary>
    public async Task<string> CodeAsync(PassphraseStore device, string purpose)
    {
        var before = Store.MailsTo(Username.Text).Count;
        await device.SendCodeAsync(Username, purpose, Cancellation);

        // The word of a change that was made before may come in between.
        for (var number = before + 1; ; number++)
        {
            if (PassphraseStoreHost.CodeIn(await Store.MailAsync(Username.Text, number)) is { } code)
                return code;
        }
    }

    /// <summary>Registers a new account, with words of both sides' making.</summary>
    public async Task<OpenedRecovery> RegisterAsync(PassphraseStore device, string password = Password)
    {
        var code = await CodeAsync(device, CodePurposes.Register);
        using var registration = await device.RegisterAsync(Username, Typed(password), cancellationToken: Cancellation);
        using var secret = UnlockSecret.FromWords(registration.Words);
        var account = Keep(await Client().SignUpAsync(secret, Cancellation));
        using var typedAgain = registration.RecoveryCode.Copy();
        return Keep(await registration.CompleteAsync(account, code, typedAgain, Cancellation));
    }

    public async Task<OpenedRecovery> FetchAsync(PassphraseStore device, string password = Password) =>
        Keep(await device.FetchAsync(Username, Typed(password), Cancellation));

    public static string Write(Words words)
    {
        var text = new char[Words.MaxTextLength];
        return new string(text, 0, words.DangerousWriteTo(text));
    }

    public static string Write(RecoveryCode code)
    {
        var text = new char[RecoveryCode.TextLength];
        code.DangerousWriteTo(text);
        return new string(text);
    }

    public T Keep<T>(T opened)
        where T : IDisposable
    {
        _open.Add(opened);
        return opened;
    }

    public UnlockedAccount Keep(UnlockedAccount account)
    {
        _accounts.Add(account);
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _accounts)
            await account.DisposeAsync();
        _open.ForEach(each => each.Dispose());
        await StoreProxy.DisposeAsync();
        await GuardianProxy.DisposeAsync();
        await Store.DisposeAsync();
        await Keystore.DisposeAsync();
    }
}
