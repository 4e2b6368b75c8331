using System.Security.Cryptography;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>
/// A Keystore, which is the Guardian too, a Vault and a Passphrase Store, each with its own database, that six people have used: items, registering, mistyped passwords, an empty
/// device that gets the words back and opens everything, resets, changes, known devices, a withdrawal. All three have been stopped since.
/// </summary>
public sealed class RecoveredTown : IAsyncDisposable
{
    public const int People = 6;

    private RecoveredTown(KeystoreHost keystore, VaultHost vault, PassphraseStoreHost store) => (Keystore, Vault, Store) = (keystore, vault, store);

    public KeystoreHost Keystore { get; }

    public VaultHost Vault { get; }

    public PassphraseStoreHost Store { get; }

    public static async Task<RecoveredTown> BuildAsync(Engine engine)
    {
        var keystore = await KeystoreHost.StartAsync(engine);
        var guardian = keystore.Origin.GetLeftPart(UriPartial.Authority);
        var town = new RecoveredTown(
            keystore, await VaultHost.StartAsync(engine), await PassphraseStoreHost.StartAsync(engine, settings: options => options with { Guardian = guardian }));
        for (var number = 0; number < People; number++)
            await town.LiveAsync(number);
        await town.Store.StopAsync();
        await town.Vault.StopAsync();
        await town.Keystore.StopAsync();
        return town;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Vault.DisposeAsync();
        await Keystore.DisposeAsync();
    }

    private async Task LiveAsync(int number)
    {
        _ = Username.TryParse($"{RandomNumberGenerator.GetHexString(10, lowercase: true)}@example.org", out var username);
        using var words = Words.Generate();
        await using var person = new Person(Keystore.Origin) { Secret = UnlockSecret.FromWords(words) };
        var account = await person.SignUpAsync();
        await using (var vault = await account.Vaults.CreateAsync(Vault.Origin, cancellationToken: Cancellation))
            await vault.PutManyAsync([.. Enumerable.Range(0, 5).Select(_ => VaultTests.Login(Typed(), Typed()))], Cancellation);

        using var password = Password();
        using var next = Password();
        using var recoveryCode = await RegisterAsync(username!, password, words, account);
        using var empty = new PassphraseStore(Store.Origin);
        for (var mistyped = 0; mistyped < number; mistyped++)
            await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => empty.FetchAsync(username!, next, Cancellation));
        using (var fetched = await empty.FetchAsync(username!, password, Cancellation))
        {
            using var client = new KeyladderClient(Keystore.Origin, new MemoryPinStore());
            await using var there = await fetched.UnlockAsync(client, Cancellation);
            await using var vault = await there.Vaults.OpenAsync(Vault.Origin, cancellationToken: Cancellation);
            await vault.PutAsync(VaultTests.Login(Typed(), Typed()), Cancellation);
        }

        using var opened = number % 2 == 0
            ? await empty.ReleaseAsync(username!, await CodeAsync(empty, username!, CodePurposes.Reset), recoveryCode, Cancellation)
            : await empty.FetchAsync(username!, password, Cancellation);
        using var change = await opened.ChangePasswordAsync(next, Cancellation);
        using var typed = change.RecoveryCode.Copy();
        using var changed = await change.CompleteAsync(typed, Cancellation);
        using var known = await changed.AddDeviceAsync(cancellationToken: Cancellation);
        if (number == People - 1)
            await changed.WithdrawAsync(Cancellation);
        else
            await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => empty.FetchAsync(known, password, Cancellation));
    }

    private async Task<RecoveryCode> RegisterAsync(Username username, RecoveryPassword password, Words words, UnlockedAccount account)
    {
        using var device = new PassphraseStore(Store.Origin);
        var code = await CodeAsync(device, username, CodePurposes.Register);
        using var registration = await device.RegisterAsync(username, password, words, Cancellation);
        using var typed = registration.RecoveryCode.Copy();
        using var registered = await registration.CompleteAsync(account, code, typed, Cancellation);
        using var known = await registered.AddDeviceAsync(cancellationToken: Cancellation);
        return registration.RecoveryCode.Copy();
    }

    // Mails without a code may come in between: they tell of what was done.
    private async Task<string> CodeAsync(PassphraseStore device, Username username, string purpose)
    {
        var number = Store.MailsTo(username.Text).Count;
        await device.SendCodeAsync(username, purpose, Cancellation);
        while (true)
        {
            if (PassphraseStoreHost.CodeIn(await Store.MailAsync(username.Text, ++number)) is { } code)
                return code;
        }
    }

    private static RecoveryPassword Password() =>
        RecoveryPassword.TryParse($"{Typed()} {Typed()}", out var password, out var error) ? password : throw new InvalidOperationException(error.ToString());

    private static string Typed() => RandomNumberGenerator.GetHexString(12, lowercase: true);
}

/// <summary>A fixture: one for each engine, when a test first asks for it.</summary>
public sealed class RecoveredTowns : IAsyncDisposable
{
    private readonly Lazy<Task<RecoveredTown>> _sqlite = new(() => RecoveredTown.BuildAsync(Engine.Sqlite));
    private readonly Lazy<Task<RecoveredTown>> _postgres = new(() => RecoveredTown.BuildAsync(Engine.Postgres));

    public Task<RecoveredTown> On(Engine engine) => (engine == Engine.Sqlite ? _sqlite : _postgres).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var town in new[] { _sqlite, _postgres }.Where(town => town.IsValueCreated && town.Value.IsCompletedSuccessfully))
            await (await town.Value).DisposeAsync();
    }
}
