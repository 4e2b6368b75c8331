namespace Keyladder.PassphraseStore.Mail;

/// <summary>What a mail says: an embedded file, whose first line is the subject. Nothing is put into it but a code.</summary>
internal sealed class MailText
{
    private const string Code = "{code}";

    private readonly string body;

    private MailText(string name)
    {
        using var reader = new StreamReader(typeof(MailText).Assembly.GetManifestResourceStream(name)!);
        Subject = reader.ReadLine()!;
        reader.ReadLine();
        body = reader.ReadToEnd();
    }

    public static MailText RegisterCode { get; } = new("register-code");

    public static MailText AlreadyRegistered { get; } = new("already-registered");

    public static MailText ResetCode { get; } = new("reset-code");

    public static MailText NoSuchAccount { get; } = new("no-such-account");

    public static MailText Released { get; } = new("released");

    public static MailText Changed { get; } = new("changed");

    public static MailText Removed { get; } = new("removed");

    public string Subject { get; }

    /// <param name="code">Null for a text that has none.</param>
    public string Body(string? code) => body.Replace(Code, code, StringComparison.Ordinal);
}
