using Keyladder.Hosting;
using Keyladder.Hosting.Backups;
using Keyladder.Keystore;
using Keyladder.PassphraseStore;
using Keyladder.Vault;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Server;

/// <summary>A service that this process can run: with a listener, a database and a secret of its own.</summary>
/// <param name="Title">As people call it.</param>
/// <param name="Options">Its section of the settings.</param>
/// <param name="Backups">Of its database.</param>
/// <param name="Build">The service, not started.</param>
internal sealed record Service(string Title, ServiceOptions Options, ServiceBackups Backups, Func<Action<ILoggingBuilder>, WebApplication> Build)
{
    private const string Option = "--service";

    /// <summary>The section that its settings stand in, and the word for it in commands.</summary>
    public string Name => Options.Name;

    public static IReadOnlyList<Service> AllOf(Settings settings) =>
    [
        new("Keystore", settings.Keystore, KeystoreService.Backups, logging => KeystoreService.Build(settings.Keystore, logging: logging)),
        new("Vault", settings.Vault, VaultService.Backups, logging => VaultService.Build(settings.Vault, logging: logging)),
        new("Passphrase Store", settings.PassphraseStore, PassphraseStoreService.Backups, logging => PassphraseStoreService.Build(settings.PassphraseStore, logging: logging)),
    ];

    /// <summary>The one that a command is about: that of <c>--service NAME</c> among its arguments, else the Keystore.</summary>
    /// <param name="arguments">Of the command; settings besides.</param>
    /// <exception cref="StartupException">There is no such service, or the settings are not good.</exception>
    public static Service Read(string[] arguments)
    {
        var at = Array.IndexOf(arguments, Option);
        if (at < 0)
            return AllOf(Settings.Read(arguments))[0];
        var name = at + 1 < arguments.Length ? arguments[at + 1] : "";
        return AllOf(Settings.Read([.. arguments[..at], .. arguments.Skip(at + 2)])).FirstOrDefault(service => service.Name == name)
            ?? throw new StartupException($"{Option} is not followed by the name of a service.", $"Write {Option} keystore, {Option} vault or {Option} passphrase-store.");
    }
}
