using Keyladder.Cryptography.Signing;
using Keyladder.Hosting;
using Keyladder.PassphraseStore.Mail;

namespace Keyladder.PassphraseStore;

/// <inheritdoc/>
public sealed record PassphraseStoreOptions : ServiceOptions
{
    public PassphraseStoreOptions() => Urls = "http://127.0.0.1:5430";

    public override string Name => "passphrase-store";

    /// <summary>Origin of the Guardian that new records name: a Keystore, best that of another operator.</summary>
    public string? Guardian { get; init; }

    public MailOptions Mail { get; init; } = new();

    /// <summary>Mails with a code, or with the word that there is none, that one username is sent in an hour.</summary>
    public int MailsPerUsername { get; init; } = 5;

    /// <summary>Such mails that one address may ask for in an hour.</summary>
    public int MailsPerAddress { get; init; } = 20;

    /// <summary>Guesses that one address may make in an hour, whatever usernames it names.</summary>
    public int AttemptsPerAddress { get; init; } = 60;

    /// <returns>The Guardian's origin.</returns>
    /// <exception cref="StartupException">A setting of the Passphrase Store alone is wrong.</exception>
    internal Origin ValidatePassphraseStore()
    {
        if (!Cryptography.Signing.Origin.TryParse(Guardian ?? "", out var guardian) || !guardian.IsSecure)
            throw Wrong(nameof(Guardian), "is not the origin of a Keystore", "Set it to the address of the Keystore that is the Guardian, such as https://keys.example.org");
        if (Cryptography.Signing.Origin.TryCreate(new Uri(Origin ?? Urls), out var own) && own == guardian)
            throw Wrong(nameof(Guardian), "is the Passphrase Store itself", "Name another service: neither of the two may hold both halves.");
        if (Mail.WhatIsWrong() is { } mail)
            throw Wrong($"{nameof(Mail)}:{mail.Setting}", mail.What, mail.Remedy);
        foreach (var (name, value) in new[] { (nameof(MailsPerUsername), MailsPerUsername), (nameof(MailsPerAddress), MailsPerAddress), (nameof(AttemptsPerAddress), AttemptsPerAddress) })
        {
            if (value < 1)
                throw Wrong(name, "is not a number above 0", "Write how many in an hour.");
        }

        return guardian;
    }
}
