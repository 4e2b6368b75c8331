namespace Keyladder.Cryptography.Heads;

/// <summary>The hashes that tie an account's events together, computed alike by client and service (docs/spec/audit.md section 2).</summary>
public static class AuditChain
{
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
    public static Hash256 Next(
        Hash256 previous, AccountId account, long number, long hour, string kind, SessionId session, Guid? subject, long? head) =>
        Hash256.Of(Fields.Encode(
            "keystore/v1/audit-event",
            previous.ToArray(),
            account,
            number,
            hour,
            kind,
            session,
            subject?.ToByteArray(bigEndian: true) ?? [],
            head ?? 0));
}
