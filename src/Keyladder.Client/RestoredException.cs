using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using HeldKeys = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.KeystoreHead, Keyladder.Client.StoredKey>;

namespace Keyladder.Client;

/// <summary>
/// The account is older than this device has seen it, or has another history since, and the service says that its operator restored a backup
/// (docs/spec/heads.md section 6). That may be true or a lie: nothing is used, what this device remembers stays as it was, and the person
/// chooses. They stop, or go on with <see cref="LockedAccount.UnlockRestoredAsync"/>, at a Vault with <see cref="AccountVaults.OpenRestoredAsync"/>,
/// and lose what came after the backup, but for what is put back: <see cref="Restoration.PutBackAsync"/>, <see cref="VaultRestoration.PutBackAsync"/>.
/// Never choose for them.
/// </summary>
public sealed class RestoredException : KeyladderException
{
    internal RestoredException(AccountId account, HeadPin seen, HeldKeys there, IntegrityException alarm)
        : this(account, seen, there.At, "The service", "Changes since may be lost, deleted keys be back, and an earlier passphrase be valid again.", alarm) => There = there;

    internal RestoredException(AccountId account, HeadPin seen, Uri vault, ItemSides items, IntegrityException alarm)
        : this(account, seen, items.Restored!.At, "The Vault", "Items that were written or changed since may be lost, and deleted ones be back.", alarm) =>
        (Vault, Sides, Items) = (vault, items, items.IsAnyHeld ? items.Compare(items.Restored!) : null);

    private RestoredException(AccountId account, HeadPin seen, HeadPin shown, string service, string maybe, IntegrityException alarm)
        : base(
            FailureReason.Restored,
            $"{service} says that a backup was restored: it shows the account as of change {shown.Number}{RestoreNotice.On(shown.Day)}; this device has "
            + (seen.IsDeleted ? "deleted the account." : $"seen change {seen.Number}{RestoreNotice.On(seen.Day)}."),
            seen.IsDeleted
                ? "Ask the operator to delete it again, or go back to it and delete it yourself."
                : $"Ask the operator whether that is so. {maybe}",
            alarm) =>
        (Account, Seen, SeenDay, SeenHash, Shown, ShownDay, ShownHash) = (account, seen.Number, seen.Day, seen.Hash, shown.Number, shown.Day, shown.Hash);

    /// <summary>The account that went back: at the Keystore, or at the Vault.</summary>
    public AccountId Account { get; }

    /// <summary>The Vault's address; null where it is the account at the Keystore that went back.</summary>
    public Uri? Vault { get; }

    /// <summary>Number of the newest head that this device has seen.</summary>
    public long Seen { get; }

    /// <summary>The day of that head, in UTC; null where it was not kept.</summary>
    public DateOnly? SeenDay { get; }

    /// <summary>Number of the head that the service shows.</summary>
    public long Shown { get; }

    /// <summary>The day of that head, in UTC.</summary>
    public DateOnly? ShownDay { get; }

    /// <summary>
    /// What went back, by name: what this device holds of the Vault, against what the Vault shows. Null where this device holds nothing of it, and
    /// at the Keystore: see <see cref="Compare"/>.
    /// </summary>
    public IReadOnlyList<ItemDifference>? Items { get; }

    /// <summary>
    /// Both numbers and a mark of both heads, "412:398:1f3a9c2e0b7d": how a person hands their choice on from one program to the next. Numbers
    /// alone would not tell the head that they were shown from one of another history.
    /// </summary>
    public string Choice => string.Create(
        CultureInfo.InvariantCulture, $"{Seen}:{Shown}:{Hash256.Of([.. SeenHash.ToArray(), .. ShownHash.ToArray()]).ToString()[..12]}");

    internal Hash256 SeenHash { get; }

    internal Hash256 ShownHash { get; }

    /// <summary>All that the Keystore showed, at that head.</summary>
    internal HeldKeys? There { get; }

    /// <summary>What this device holds of the Vault, and all that the Vault showed.</summary>
    internal ItemSides? Sides { get; }

    /// <summary>What went back at the Keystore, by name: what an account that is still open here had listed, against what the service shows. No call is made.</summary>
    /// <param name="before">The same account, open since before the restore. It is only read.</param>
    /// <exception cref="ArgumentException"><paramref name="before"/> is another account, or it is a Vault that went back.</exception>
    public IReadOnlyList<RestoreDifference> Compare(UnlockedAccount before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return before.Restoration.Compare(
            before, There ?? throw new ArgumentException("It is a Vault that went back, and not this account.", nameof(before)), There, own: null);
    }
}
