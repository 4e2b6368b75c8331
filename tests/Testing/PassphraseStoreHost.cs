using System.Text.RegularExpressions;
using Keyladder.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using MimeKit;

namespace Keyladder.Testing;

/// <inheritdoc/>
public sealed partial class PassphraseStoreHost : ServiceHost
{
    /// <summary>The Guardian that records name; whether there is one does not matter to the Store.</summary>
    public const string Guardian = "https://guardian.example.org";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Func<PassphraseStoreOptions, PassphraseStoreOptions>? _settings;

    private PassphraseStoreHost(
        TestDatabase database, bool ownsDatabase, MovableTime time, RecordingProxy? proxy, Uri? origin, Func<PassphraseStoreOptions, PassphraseStoreOptions>? settings)
        : base(database, ownsDatabase, time, proxy, origin) => _settings = settings;

    /// <summary>Where the service puts its mails, unless the test has named a mail server.</summary>
    public string MailFolder => Path.Combine(Database.Folder.FullName, "mails");

    /// <inheritdoc cref="KeystoreHost.StartAsync"/>
    public static async Task<PassphraseStoreHost> StartAsync(
        Engine engine, bool recorded = false, Uri? origin = null, Func<PassphraseStoreOptions, PassphraseStoreOptions>? settings = null)
    {
        var host = new PassphraseStoreHost(
            await TestDatabase.CreateAsync(engine, "passphrase-store"), ownsDatabase: true, new(), recorded ? await RecordingProxy.StartAsync() : null, origin, settings);
        await host.StartAsync();
        return host;
    }

    /// <summary>All mails to an address, in the order in which they were sent.</summary>
    public IReadOnlyList<MimeMessage> MailsTo(string address) => Directory.Exists(MailFolder)
        ? [.. Directory.GetFiles(MailFolder, "*.eml").Order(StringComparer.Ordinal).Select(file => MimeMessage.Load(file)).Where(mail => mail.To.Mailboxes.Any(to => to.Address == address))]
        : [];

    /// <summary>Waits for the mail with this number, from 1, to an address.</summary>
    public async Task<MimeMessage> MailAsync(string address, int number)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var mails = MailsTo(address);
            if (mails.Count >= number)
                return mails[number - 1];
            await Task.Delay(20, patience.Token);
        }
    }

    /// <returns>The code of a mail; null where it has none.</returns>
    public static string? CodeIn(MimeMessage mail) => Code().Match(mail.TextBody) is { Success: true } match ? match.Groups[1].Value : null;

    private protected override ServiceHost Another() => new PassphraseStoreHost(Database, ownsDatabase: false, Time, proxy: null, Origin, _settings);

    private protected override WebApplication Build()
    {
        var options = Settings<PassphraseStoreOptions>() with
        {
            Guardian = Guardian,
            Mail = new() { Folder = MailFolder, From = "recovery@example.org" },
            MailsPerUsername = Many,
            MailsPerAddress = Many,
            AttemptsPerAddress = Many,
        };
        return PassphraseStoreService.Build(_settings?.Invoke(options) ?? options, Time, Log);
    }

    [GeneratedRegex(@"Your code is ([0-9]{8})\b")]
    private static partial Regex Code();
}

/// <inheritdoc/>
public sealed class PassphraseStores() : ServiceHosts<PassphraseStoreHost>(engine => PassphraseStoreHost.StartAsync(engine));
