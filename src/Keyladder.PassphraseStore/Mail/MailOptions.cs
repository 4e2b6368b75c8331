using System.Net;
using MimeKit;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>Where the Passphrase Store's mails go: to the operator's mail server, or for development into a folder.</summary>
public sealed record MailOptions
{
    /// <summary>Name of the mail server.</summary>
    public string? Host { get; init; }

    public int Port { get; init; } = 587;

    public MailTls Tls { get; init; } = MailTls.StartTls;

    /// <summary>Of the sign-in at the mail server. Absent: none.</summary>
    public string? User { get; init; }

    /// <summary>File whose first line is the password of <see cref="User"/>. Read at each sign-in.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The sender's address.</summary>
    public string? From { get; init; }

    /// <summary>Each mail becomes a file in this folder, and goes nowhere.</summary>
    public string? Folder { get; init; }

    /// <returns>The first setting that is wrong; null where all are good.</returns>
    internal (string Setting, string What, string Remedy)? WhatIsWrong()
    {
        if ((Host is null) == (Folder is null))
            return (nameof(Host), "and passphrase-store:mail:folder are both missing or both there", "Set passphrase-store:mail:host to the name of a mail server, or passphrase-store:mail:folder, for development, to a folder for the mails.");
        if (From is null || !MailboxAddress.TryParse(From, out _))
            return (nameof(From), "is not an address", "Set it to what the mails come from, such as recovery@example.org");
        if (Port is < 1 or > ushort.MaxValue)
            return (nameof(Port), "is not a port", "Write a number from 1 to 65535.");
        if (!Enum.IsDefined(Tls) || (Tls == MailTls.None && Host is not null && !IsLoopback(Host)))
            return (nameof(Tls), "leaves the way to the mail server open", "Write starttls or implicit; none is for a mail server on this machine.");
        return (User is null) != (PasswordFile is null)
            ? (nameof(PasswordFile), "and passphrase-store:mail:user belong together", "Set both, or neither.")
            : null;
    }

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

/// <summary>How the way to the mail server is protected.</summary>
public enum MailTls
{
    /// <summary>By the command of this name, which must be there.</summary>
    StartTls,

    /// <summary>From the first byte on.</summary>
    Implicit,

    /// <summary>Not at all.</summary>
    None,
}
