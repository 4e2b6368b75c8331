namespace Keyladder.Client;

/// <summary>What is wrong with what the service shows (docs/spec/heads.md section 5).</summary>
public enum Alarm
{
    /// <summary>The account is older than this device has seen it.</summary>
    RolledBack,

    /// <summary>The account's history is another than the one this device has seen.</summary>
    Forked,

    /// <summary>A head is not signed by the account, not about it, or not as it must be.</summary>
    HeadInvalid,

    /// <summary>The proof does not lead to the root of the head.</summary>
    ProofInvalid,

    /// <summary>An object is not the one that the account signed for: changed, swapped, withheld or invented.</summary>
    ObjectInvalid,

    /// <summary>An envelope does not open under the key, in the place and in the role it was shown for.</summary>
    DoesNotOpen,

    /// <summary>The list of the account's events is not the one that the account signed for.</summary>
    AuditInvalid,

    /// <summary>
    /// What is shown may be true and old: the witness at the other service says otherwise, or says nothing (docs/spec/witness.md). The
    /// person decides whether to go on: <see cref="AccountVaults.OpenUnprovenAsync"/>.
    /// </summary>
    FreshnessUnproven,
}

/// <summary>
/// The service shows something that cannot be true. Nothing of it is used, and what this device remembers stays as it was. A service can do
/// this by fault, by a restored backup or on purpose; the client cannot tell which, and never repairs it by itself.
/// </summary>
public sealed class IntegrityException : KeyladderException
{
    internal IntegrityException(
        Alarm alarm, string @object, string whatHappened, Exception? innerException = null, string? nextStep = null, string? choice = null)
        : base(
            FailureReason.Integrity,
            whatHappened,
            nextStep ?? "Change nothing, keep this device as it is, and ask the service's operator what happened.",
            innerException)
    {
        Alarm = alarm;
        Object = @object;
        Choice = choice;
    }

    /// <summary>What cannot be true about the object.</summary>
    public Alarm Alarm { get; }

    /// <summary>What the alarm is about: "head 12", "key 6f1c…", "the wrapped KEK".</summary>
    public string Object { get; }

    /// <summary>
    /// A mark of what was found, for <see cref="Alarm.FreshnessUnproven"/>: how a person who goes on all the same says with what. Null for
    /// all others.
    /// </summary>
    public string? Choice { get; }
}
