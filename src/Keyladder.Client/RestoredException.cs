using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// The account is older than this device has seen it, or has another history since, and the service says that its operator restored a backup
/// (docs/spec/heads.md section 6). That may be true or a lie: nothing is used, what this device remembers stays as it was, and the person
/// chooses. They stop, or go on with <see cref="LockedAccount.UnlockRestoredAsync"/> and lose what came after the backup, but for what
/// <see cref="AccountKeys.PutBackAsync"/> puts back. Never choose for them.
/// </summary>
public sealed class RestoredException : KeyladderException
{
    internal RestoredException(HeadPin seen, HeadPin shown, IntegrityException alarm)
        : base(
            FailureReason.Restored,
            seen.IsDeleted
                ? $"The service says that a backup was restored: it shows the account as of change {shown.Number}; this device has deleted the account."
                : $"The service says that a backup was restored: it shows the account as of change {shown.Number}; this device has seen change {seen.Number}.",
            seen.IsDeleted
                ? "Ask the operator to delete it again, or go back to it and delete it yourself."
                : "Ask the operator whether that is so. Changes since may be lost, deleted keys be back, and an earlier passphrase be valid again.",
            alarm) =>
        (Seen, SeenHash, Shown, ShownHash) = (seen.Number, seen.Hash, shown.Number, shown.Hash);

    /// <summary>Number of the newest head that this device has seen.</summary>
    public long Seen { get; }

    /// <summary>Number of the head that the service shows.</summary>
    public long Shown { get; }

    internal Hash256 SeenHash { get; }

    internal Hash256 ShownHash { get; }
}
