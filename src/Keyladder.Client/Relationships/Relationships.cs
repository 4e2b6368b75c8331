using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// A person's relationships with others, people or applications, and what they share (docs/spec/relationships.md). Each has keys, ids and a DID of its own:
/// nothing that one of the others has tells that it is the same person. No service is believed: what counts is signed by a key that is pinned.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KeyladderException"/> where it cannot do what it says; all of them need the person's Vault. All may be called side by side.
/// </remarks>
public sealed class Relationships
{
    /// <summary>How long an invitation is good for unless something else is said.</summary>
    public static readonly TimeSpan UsualValidity = TimeSpan.FromDays(7);

    private const int Tries = 8;

    private readonly SharingTurns _turns;
    private readonly RelationshipBook _book;
    private readonly Uri _page;
    private readonly Inviting _inviting;
    private readonly Managing _managing;
    private readonly Sharing _sharing;
    private readonly HeldShares _held;
    private readonly Receipts _receipts;
    private readonly OtherVaults _others;
    private readonly RelationshipSync _sync;
    private readonly ChannelSettling _settling;
    private readonly VaultWork _work;
    private readonly Turn _turn;

    // Heard while something was opened, or before a synchronization failed; told with the next one.
    private RelationshipNews? _untold;

    internal delegate Task<object?> Turn(Func<Task<object?>> work, CancellationToken cancellationToken);

    internal Relationships(
        SharingTurns turns, RelationshipBook book, Uri page, Inviting inviting, Managing managing, Sharing sharing, HeldShares held, Receipts receipts, OtherVaults others, RelationshipSync sync, ChannelSettling settling, VaultWork work, Turn turn) =>
        (_turns, _book, _page, _inviting, _managing, _sharing, _held, _receipts, _others, _sync, _settling, _work, _turn) = (turns, book, page, inviting, managing, sharing, held, receipts, others, sync, settling, work, turn);

    /// <inheritdoc cref="OtherVaults.MostTime"/>
    internal TimeSpan MostTime
    {
        set => _others.MostTime = value;
    }

    /// <summary>All there are, by name.</summary>
    public Task<IReadOnlyList<Relationship>> ListAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyList<Relationship>>(
        async () =>
        {
            var described = new List<Relationship>();
            foreach (var item in await ReadAsync(cancellationToken).ConfigureAwait(false))
                described.Add(await _book.DescribeAsync(item, cancellationToken).ConfigureAwait(false));
            return [.. described.OrderBy(relationship => relationship.Name, StringComparer.CurrentCulture).ThenBy(relationship => relationship.Id.Value)];
        },
        cancellationToken);

    /// <summary>
    /// Invites somebody, who needs no account yet. The link is to be handed over in a way that reaches only them: who has it first is who is invited. It can be
    /// taken once; <see cref="SyncAsync"/> learns of it.
    /// </summary>
    /// <param name="name">What this person calls the other one: 1 to 256 bytes of UTF-8 without control characters. Nobody else sees it.</param>
    /// <param name="validFor">How long; null for <see cref="UsualValidity"/>.</param>
    /// <param name="cancellationToken">Ends the call; the invitation may have been made, and can be ended.</param>
    public Task<MadeInvitation> InviteAsync(string name, TimeSpan? validFor = null, CancellationToken cancellationToken = default)
    {
        var validity = validFor ?? UsualValidity;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validity, TimeSpan.Zero, nameof(validFor));
        return InTurnAsync(
            async () =>
            {
                await BeginAsync(cancellationToken).ConfigureAwait(false);
                var (item, invitation) = await _inviting.InviteAsync(name, validity, cancellationToken).ConfigureAwait(false);
                using (invitation)
                {
                    return new MadeInvitation(await _book.DescribeAsync(item, cancellationToken).ConfigureAwait(false), invitation.DangerousToLink(_page));
                }
            },
            cancellationToken);
    }

    /// <summary>Takes an invitation. The relationship is established once the inviter has confirmed it: <see cref="SyncAsync"/> learns of that.</summary>
    /// <param name="link">The whole link, or what the code says; the caller clears it.</param>
    /// <param name="name">What this person calls the inviter; as for <see cref="InviteAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; the invitation may have been taken, which the next synchronization goes on with.</param>
    /// <exception cref="KeyladderException">It is no invitation, is over, or was taken already.</exception>
    /// <exception cref="IntegrityException">The inviter's Vault shows keys that are not the inviter's.</exception>
    public async Task<Relationship> AcceptAsync(ReadOnlyMemory<char> link, string name, CancellationToken cancellationToken = default)
    {
        if (!RelationshipInvitation.TryParse(link.Span, out var invitation))
            throw RelationshipFailures.NotAnInvitation();
        using (invitation)
        {
            await InTurnAsync(() => BeginAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            var inviter = await _inviting.ReadOfferAsync(invitation, cancellationToken).ConfigureAwait(false);
            var (item, accepted) = await InTurnAsync(
                async () =>
                {
                    var item = await _inviting.AcceptAsync(invitation, inviter, name, cancellationToken).ConfigureAwait(false);
                    return (item, await _book.DescribeAsync(item, cancellationToken).ConfigureAwait(false));
                },
                cancellationToken).ConfigureAwait(false);
            await _inviting.TellAcceptedAsync(item, cancellationToken).ConfigureAwait(false);
            return accepted;
        }
    }

    /// <summary>Fetches what the others have left, and verifies it. What is refused is said, and does not keep back the rest.</summary>
    /// <param name="wait">How long to wait, at the person's Vault and at those of 32 others, for a letter where there is none; at most 30 seconds. Meanwhile other calls wait too.</param>
    /// <param name="cancellationToken">Ends the call; what was not written down is fetched again.</param>
    public Task<RelationshipNews> SyncAsync(TimeSpan wait = default, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wait, TimeSpan.FromSeconds(VaultRoutes.MaxWaitSeconds));
        return InTurnAsync(
            async () =>
            {
                await BeginAsync(cancellationToken).ConfigureAwait(false);
                Keep(await HearAsync(wait, cancellationToken).ConfigureAwait(false));
                var news = _untold!;
                _untold = null;
                return news;
            },
            cancellationToken);
    }

    /// <summary>Shares an item, or one attribute of it, with any number of others: each gets a copy of its own, under keys and ids of its own.</summary>
    /// <param name="with">Established relationships.</param>
    /// <param name="item">Its attachments are sealed anew, and sent, for each of them.</param>
    /// <param name="attribute">Of the item; null for all of it.</param>
    /// <param name="terms">On what conditions; null for none.</param>
    /// <param name="progress">Hears how many bytes of attachments have been sealed and arrived, for all of them together.</param>
    /// <param name="cancellationToken">Ends the call; it may be shared with some.</param>
    public async Task<IReadOnlyList<GivenShare>> ShareAsync(
        IReadOnlyCollection<RelationshipId> with,
        ItemId item,
        AttributeId? attribute = null,
        ShareTerms? terms = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(with);
        terms ??= new ShareTerms();
        var (attachments, left, given) = (new SharedAttachments(progress), with.Distinct().ToList(), new List<GivenShare>());
        do
        {
            given.AddRange(await _turns.RunAsync(
                attachments,
                async _ =>
                {
                    var all = await ReadAsync(cancellationToken).ConfigureAwait(false);
                    var opened = await _work.OpenThereAsync(item, cancellationToken).ConfigureAwait(false);
                    var chosen = left.ConvertAll(id => RelationshipBook.Existing(all, id));
                    await _sharing.TryOutAsync(chosen, opened, attribute, terms, cancellationToken).ConfigureAwait(false);
                    // Without attachments all at once; else what was sent for one is shared before anything is sent for the next.
                    if (Sharing.AttachmentsOf(opened, attribute).Any())
                        chosen = [.. chosen.Take(1)];
                    if (chosen is [var one] && attachments.MissingFor(one, Sharing.AttachmentsOf(opened, attribute), []) is [_, ..] missing)
                        return new SharingStep<IReadOnlyList<GivenShare>>(null, one, missing);
                    return new(await _sharing.ShareAsync(chosen, opened, attribute, terms, attachments, cancellationToken).ConfigureAwait(false));
                },
                () => RelationshipFailures.ItemChanged(item),
                cancellationToken).ConfigureAwait(false));
            left.RemoveAll(id => given.Exists(share => share.Relationship == id));
        }
        while (left.Count > 0);
        return given;
    }

    /// <summary>Gives the holder what the item is now. Terms and last day stay; attachments that he has are not sent again.</summary>
    /// <exception cref="KeyladderException">The share is over, or other devices change it all the time.</exception>
    public Task<GivenShare> UpdateAsync(GivenShare share, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(share);
        var attachments = new SharedAttachments(progress);
        return _turns.RunAsync(
            attachments,
            async isAnew =>
            {
                var all = await ReadAsync(cancellationToken).ConfigureAwait(false); // the item as other devices have left it
                var relationship = RelationshipBook.Existing(all, share.Relationship);
                var present = Sharing.Existing(relationship, share.Id);
                var opened = await _work.OpenThereAsync(share.Item, cancellationToken).ConfigureAwait(false);
                var missing = attachments.MissingFor(relationship, Sharing.AttachmentsOf(opened, present.Attribute), isAnew ? [] : present.Record.Attachments ?? []);
                if (present.State == ShareStates.Given && missing.Count > 0)
                {
                    await _sharing.TryOutAsync([relationship], opened, present.Attribute, Sharing.TermsOf(present), cancellationToken).ConfigureAwait(false);
                    return new SharingStep<GivenShare>(null, relationship, missing);
                }

                return new(await _sharing.UpdateAsync(present, opened, attachments, cancellationToken).ConfigureAwait(false));
            },
            () => RelationshipFailures.OwnShareChanged(share),
            cancellationToken);
    }

    /// <summary>
    /// Takes a share back: the copy goes from this person's Vault, its DEK is destroyed, and the holder is told. What the holder has read, he has read. Where the Keystore
    /// does not answer for the DEK, it is destroyed with a later <see cref="SyncAsync"/>.
    /// </summary>
    public Task RevokeAsync(GivenShare share, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(share);
        return KnownAsync(() => _sharing.EndAsync(share.Relationship, [share.Id], ShareStates.Revoked, cancellationToken), cancellationToken);
    }

    /// <summary>Ends the shares whose last day is over, by the clock here: as <see cref="RevokeAsync"/>. Nothing does this by itself, for a clock may be wrong.</summary>
    /// <returns>Those that are over.</returns>
    public Task<IReadOnlyList<GivenShare>> EndExpiredAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyList<GivenShare>>(
        async () =>
        {
            var all = await ReadAsync(cancellationToken).ConfigureAwait(false);
            var over = all.SelectMany(Sharing.GivenIn).Where(share => share.State == ShareStates.Given && share.Expires < _book.Today).ToList();
            foreach (var group in over.GroupBy(share => share.Relationship))
                await _sharing.EndAsync(group.Key, [.. group.Select(share => share.Id)], ShareStates.Expired, cancellationToken).ConfigureAwait(false);
            return over;
        },
        cancellationToken);

    /// <summary>What this person shares, in all relationships.</summary>
    public Task<IReadOnlyList<GivenShare>> ListGivenAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyList<GivenShare>>(
        async () => [.. (await ReadAsync(cancellationToken).ConfigureAwait(false)).SelectMany(Sharing.GivenIn)], cancellationToken);

    /// <summary>What others share with this person.</summary>
    public Task<IReadOnlyList<HeldShare>> ListHeldAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyList<HeldShare>>(
        async () => [.. (await ReadAsync(cancellationToken).ConfigureAwait(false)).SelectMany(_held.ListIn)], cancellationToken);

    /// <summary>Accepts the terms of a share, as they are here, and tells who shared it.</summary>
    /// <exception cref="KeyladderException">It has changed since: its terms may be others. Or they are accepted here and it could not be told: call it again.</exception>
    public async Task AcceptTermsAsync(HeldShare share, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(share);
        var accepted = await InTurnAsync(
            async () =>
            {
                await ReadAsync(cancellationToken).ConfigureAwait(false); // another device may have heard of it
                return await _held.AcceptAsync(share, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await _receipts.TellAcceptedAsync(accepted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches what is shared and opens it, as it is now.</summary>
    /// <exception cref="KeyladderException">It was taken back or is over, its terms are not accepted, or the other Vault does not answer.</exception>
    /// <exception cref="IntegrityException">What that Vault shows is not what was shared.</exception>
    public async Task<SharedContent> OpenAsync(HeldShare share, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(share);
        long? unfound = null;
        for (var tries = 0; tries < Tries; tries++)
        {
            var asked = await InTurnAsync(() => AskAsync(share, unfound, cancellationToken), cancellationToken).ConfigureAwait(false);
            try
            {
                if (await _held.TryFetchAsync(asked, cancellationToken).ConfigureAwait(false) is { } letter)
                {
                    var content = await InTurnAsync(() => _held.OpenAsync(asked, letter, cancellationToken), cancellationToken).ConfigureAwait(false);
                    await _receipts.TryNoteOpenedAsync(asked, HeldRecord.NameOf(content), cancellationToken).ConfigureAwait(false);
                    return content;
                }
            }
            catch (ObjectDisposedException)
            {
                // The keys went with the relationship, unless it is the Vault that was closed: either is said here.
                await InTurnAsync(() => AskAsync(share, unfound: null, cancellationToken), cancellationToken).ConfigureAwait(false);
                throw;
            }

            unfound = asked.Share.Record.Letter;
            var news = await InTurnAsync(
                async () =>
                {
                    var news = await HearAsync(wait: default, cancellationToken).ConfigureAwait(false);
                    Keep(news);
                    return news;
                },
                cancellationToken).ConfigureAwait(false);
            if (news.Shut.Contains(share.Relationship))
                throw RelationshipFailures.Shut(share.Relationship);
            if (news.Unreachable.TryGetValue(share.Relationship, out var why))
                throw why;
        }

        throw Failures.Conflict();
    }

    /// <summary>Opens an attachment of a share. Nothing is fetched before it is read, and then what is read, from wherever that is.</summary>
    /// <param name="share">What it belongs to.</param>
    /// <param name="attachment">From what <see cref="OpenAsync"/> has opened.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>As <see cref="Vault.Open"/>. Reading fails once it is taken back.</returns>
    /// <exception cref="KeyladderException">It was taken back or is over, or its terms are not accepted.</exception>
    public Task<Stream> OpenAttachmentAsync(HeldShare share, Attachment attachment, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentNullException.ThrowIfNull(attachment);
        return InTurnAsync(
            async () =>
            {
                var relationship = RelationshipBook.Existing(await ReadAsync(cancellationToken).ConfigureAwait(false), share.Relationship);
                return await _held.OpenAttachmentAsync(relationship, HeldShares.Existing(relationship, share.Id), attachment, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Calls the other one something else. He does not hear of it.</summary>
    public Task RenameAsync(RelationshipId id, string name, CancellationToken cancellationToken = default) =>
        KnownAsync(() => _managing.RenameAsync(id, name, cancellationToken), cancellationToken);

    /// <summary>Hears nothing more from the other one, and gives nothing more, until it is unblocked. He finds this person's Vault shut, and is told nothing.</summary>
    public Task BlockAsync(RelationshipId id, CancellationToken cancellationToken = default) => KnownAsync(() => _managing.BlockAsync(id, cancellationToken), cancellationToken);

    /// <summary>Takes back <see cref="BlockAsync"/>.</summary>
    public Task UnblockAsync(RelationshipId id, CancellationToken cancellationToken = default) => KnownAsync(() => _managing.UnblockAsync(id, cancellationToken), cancellationToken);

    /// <summary>
    /// Takes new keys, and with them another DID, for this one relationship: for when a device that had the old ones is lost. The other side accepts them because the
    /// old ones have signed them; the safety words are new.
    /// </summary>
    public Task<Relationship> ChangeKeysAsync(RelationshipId id, CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            return await _book.DescribeAsync(await _managing.ChangeKeysAsync(id, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>
    /// Ends a relationship, or an invitation that nobody has taken, on this side: its keys are destroyed, and all that was shared in it goes. Where the Keystore does not
    /// answer for that, they are destroyed with a later <see cref="SyncAsync"/>.
    /// </summary>
    public Task EndAsync(RelationshipId id, CancellationToken cancellationToken = default) => KnownAsync(() => _managing.EndAsync(id, cancellationToken), cancellationToken);

    /// <param name="share">To be opened.</param>
    /// <param name="unfound">Number of the letter that was looked for before, in vain; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task<AskedShare> AskAsync(HeldShare share, long? unfound, CancellationToken cancellationToken)
    {
        var relationship = RelationshipBook.Existing(await ReadAsync(cancellationToken).ConfigureAwait(false), share.Relationship);
        var present = HeldShares.Existing(relationship, share.Id);
        // Looked for once more, and no letter has come in its place: not here, and not on another device.
        return present.Record.Letter == unfound
            ? throw RelationshipFailures.LetterRefused(relationship, "that this device knows of is withheld")
            : await _held.AskAsync(relationship, present, cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> KnownAsync(Func<Task> work, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false); // another device may have begun it
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <returns>What came; also what was heard while something else was done.</returns>
    private async Task<RelationshipNews> HearAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var news = new RelationshipNews();
        try
        {
            await _sync.RunAsync(news, wait, cancellationToken).ConfigureAwait(false);
            return news;
        }
        catch
        {
            // What was written down is not told a second time.
            Keep(news);
            throw;
        }
    }

    private void Keep(RelationshipNews news)
    {
        if (_untold is null)
            _untold = news;
        else
            _untold.Add(news);
    }

    private Task BeginAsync(CancellationToken cancellationToken) => _work.BeginAsync(cancellationToken);

    private async Task<IReadOnlyList<RelationshipItem>> ReadAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            await _work.SyncAsync(isRequired: false, cancellationToken).ConfigureAwait(false);
            if (await _book.TryReadAsync(cancellationToken).ConfigureAwait(false) is not { } all)
                continue;
            if (!_work.IsOffline)
                await _settling.RunAsync(all, cancellationToken).ConfigureAwait(false);
            return all;
        }

        throw Failures.Conflict();
    }

    private Task<bool> InTurnAsync(Func<Task> work, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        (T)(await _turn(async () => await work().ConfigureAwait(false), cancellationToken).ConfigureAwait(false))!;
}
