using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using HeldKeys = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.KeystoreHead, Keyladder.Client.StoredKey>;

namespace Keyladder.Client;

/// <summary>
/// The account is older than this device has seen it, or has another history since, and the service says that its operator restored a backup
/// (docs/spec/heads.md section 6). That may be true or a lie: nothing is used, what this device remembers stays as it was, and the person
/// chooses. They stop, or go on with <see cref="LockedAccount.UnlockRestoredAsync"/> and lose what came after the backup, but for what
/// <see cref="Restoration.PutBackAsync"/> puts back. Never choose for them.
/// </summary>
public sealed class RestoredException : KeyladderException
{
    internal RestoredException(AccountId account, HeadPin seen, HeldKeys there, IntegrityException alarm)
        : base(
            FailureReason.Restored,
            $"The service says that a backup was restored: it shows the account as of change {there.At.Number}{RestoreNotice.On(there.At.Day)}; this device has "
            + (seen.IsDeleted ? "deleted the account." : $"seen change {seen.Number}{RestoreNotice.On(seen.Day)}."),
            seen.IsDeleted
                ? "Ask the operator to delete it again, or go back to it and delete it yourself."
                : "Ask the operator whether that is so. Changes since may be lost, deleted keys be back, and an earlier passphrase be valid again.",
            alarm) =>
        (Account, Seen, SeenDay, SeenHash, There) = (account, seen.Number, seen.Day, seen.Hash, there);

    /// <summary>The account that went back.</summary>
    public AccountId Account { get; }

    /// <summary>Number of the newest head that this device has seen.</summary>
    public long Seen { get; }

    /// <summary>The day of that head, in UTC; null where it was not kept.</summary>
    public DateOnly? SeenDay { get; }

    /// <summary>Number of the head that the service shows.</summary>
    public long Shown => There.At.Number;

    /// <summary>The day of that head, in UTC.</summary>
    public DateOnly? ShownDay => There.At.Day;

    /// <summary>
    /// Both numbers and a mark of both heads, "412:398:1f3a9c2e0b7d": how a person hands their choice on from one program to the next. Numbers
    /// alone would not tell the head that they were shown from one of another history.
    /// </summary>
    public string Choice => string.Create(
        CultureInfo.InvariantCulture, $"{Seen}:{Shown}:{Hash256.Of([.. SeenHash.ToArray(), .. There.At.Hash.ToArray()]).ToString()[..12]}");

    internal Hash256 SeenHash { get; }

    /// <summary>All that the service showed, at that head.</summary>
    internal HeldKeys There { get; }

    /// <summary>What went back, by name: what an account that is still open here had listed, against what the service shows. No call is made.</summary>
    /// <param name="before">The same account, open since before the restore. It is only read.</param>
    /// <exception cref="ArgumentException"><paramref name="before"/> is another account.</exception>
    public IReadOnlyList<RestoreDifference> Compare(UnlockedAccount before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return before.Restoration.Compare(before, There, There, own: null);
    }
}
