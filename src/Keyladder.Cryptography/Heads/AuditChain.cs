namespace Keyladder.Cryptography.Heads;

/// <summary>The hashes that tie an account's events together, computed alike by client and service (docs/spec/audit.md section 2); each service has a chain of its own label.</summary>
public sealed class AuditChain
{
    private readonly string label;

    private AuditChain(string label) => this.label = label;

    public static AuditChain Keystore { get; } = new("keystore/v1/audit-event");

    public static AuditChain Vault { get; } = new("vault/v1/audit-event");

    /// <param name="previous">Hash of the event before it; <see cref="Hash256.Zero"/> for the first.</param>
    /// <param name="account">Whose event it is.</param>
    /// <param name="number">From 1, without a gap.</param>
    /// <param name="hour">A full hour, in Unix milliseconds.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="session">The session that acted.</param>
    /// <param name="subject">What it was done to; null where the kind names nothing.</param>
    /// <param name="head">Number of the head that it brought; null where it brought none.</param>
    /// <returns>Hash of the event, which stands for it and for all before it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public Hash256 Next(Hash256 previous, AccountId account, long number, long hour, string kind, SessionId session, Guid? subject, long? head) =>
        Hash256.Of(Fields.Encode(
            label,
            previous,
            account,
            number,
            hour,
            kind,
            session,
            subject?.ToByteArray(bigEndian: true) ?? [],
            head ?? 0));
}
