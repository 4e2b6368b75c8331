namespace Keyladder.PassphraseStore.Mail;

/// <summary>A mail that was not taken. What a mail server says may quote the recipient: its text goes nowhere.</summary>
/// <param name="why">A name that the program or the platform fixes.</param>
internal sealed class MailNotSentException(string why, bool isWorthAnotherTry) : Exception("A mail was not taken.")
{
    public string Why { get; } = why;

    public bool IsWorthAnotherTry { get; } = isWorthAnotherTry;
}
