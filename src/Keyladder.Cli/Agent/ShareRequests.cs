using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of what people share.</summary>
/// <param name="open">Opens the Vault, unless it is open.</param>
internal sealed class ShareRequests(Func<CancellationToken, Task<Vault>> open)
{
    public async Task<AgentAnswer> GiveAsync(GiveShare request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var item = ItemLines.Find(await vault.ListAsync(cancellationToken), request.Item, "keyladder item list");
        var attribute = request.Attribute is { } name
            ? (await vault.GetAsync(item.Id, cancellationToken)).Attributes.FirstOrDefault(each => each.Content.Name == name)
                ?? throw new Failure(ExitCode.NotFound, "The item has no attribute with that name.", "`keyladder item show ITEM` lists them.")
            : null;
        var (with, news) = await ChooseAsync(vault, request.With, cancellationToken);
        var terms = new ShareTerms(request.Terms, request.Until, request.Receipt);
        var given = await vault.Relationships.ShareAsync(with, item.Id, attribute?.Id, terms, cancellationToken: cancellationToken);
        return await AnswerAsync(vault, given, cancellationToken) with { News = await RelationshipRequests.DescribeAsync(vault, news, cancellationToken) };
    }

    public async Task<AgentAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var (news, notice) = await RelationshipRequests.TrySyncAsync(vault, cancellationToken);
        var names = await NamesAsync(vault, cancellationToken);
        var answer = await AnswerAsync(vault, await vault.Relationships.ListGivenAsync(cancellationToken), cancellationToken);
        return answer with
        {
            Held = [.. (await vault.Relationships.ListHeldAsync(cancellationToken)).Select(share => ShareLines.Of(share, names[share.Relationship]))],
            News = await RelationshipRequests.DescribeAsync(vault, news, cancellationToken),
            Notice = notice,
        };
    }

    public async Task<AgentAnswer> DescribeAsync(DescribeShare request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var share = await FindHeldAsync(vault, request.Share, cancellationToken);
        if (!request.IsFetched && share is not { State: ShareStates.Given, IsAccepted: false })
            return await AnswerAsync(vault, share, cancellationToken) with { KnownTerms = share.Terms };
        // A person is not to be asked about the terms of a copy that another has taken the place of, or that was taken back.
        var (news, notice) = await RelationshipRequests.TrySyncAsync(vault, cancellationToken);
        return await AnswerAsync(vault, await FindAgainAsync(vault, share, cancellationToken), cancellationToken) with
        {
            KnownTerms = share.Terms,
            News = await RelationshipRequests.DescribeAsync(vault, news, cancellationToken),
            Notice = notice,
        };
    }

    public async Task<AgentAnswer> ShowAsync(ShowShare request, Stream output, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var share = await FindHeldAsync(vault, request.Share, cancellationToken);
        var content = await vault.Relationships.OpenAsync(share, cancellationToken);
        await ItemLines.WriteAttributesAsync(content.Attributes.Select(attribute => new OpenedAttribute(attribute.Id, attribute.Content)), output);
        // As it is now: another copy may have taken the place of the one that was found.
        var answer = await AnswerAsync(vault, await FindAgainAsync(vault, share, cancellationToken), cancellationToken);
        return new AgentAnswer(Shared: new SharedLine(answer.Held![0], content.Name, content.Kind));
    }

    public async Task<AgentAnswer> ReadAttachmentAsync(ReadSharedAttachment request, Stream output, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var share = await FindHeldAsync(vault, request.Share, cancellationToken);
        var shared = await vault.Relationships.OpenAsync(share, cancellationToken);
        var attachment = ItemLines.FindAttachment(shared.Attributes.Select(attribute => attribute.Content), request.Name, "keyladder share show SHARE");
        await using var content = await vault.Relationships.OpenAttachmentAsync(share, attachment, cancellationToken);
        await content.CopyToAsync(output, cancellationToken);
        return new AgentAnswer();
    }

    public async Task<AgentAnswer> AcceptAsync(AcceptTerms request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var share = await FindHeldAsync(vault, request.Share, cancellationToken);
        if (share.Terms != request.Terms)
            throw new Failure(ExitCode.Refused, "The terms have changed since you have read them.", "Run the command again and read them anew.");
        await vault.Relationships.AcceptTermsAsync(share, cancellationToken);
        return await AnswerAsync(vault, await FindAgainAsync(vault, share, cancellationToken), cancellationToken);
    }

    public async Task<AgentAnswer> UpdateAsync(UpdateShares request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var all = await vault.Relationships.ListGivenAsync(cancellationToken);
        var chosen = request.Shares is { Length: > 0 } named ? named.Select(text => Find(all, share => share.Id, text)).ToList() : await ChangedAsync(vault, all, cancellationToken);
        var (updated, left) = (new List<GivenShare>(), new List<string>());
        foreach (var share in chosen.DistinctBy(share => share.Id))
        {
            try
            {
                updated.Add(await vault.Relationships.UpdateAsync(share, cancellationToken: cancellationToken));
            }
            catch (KeyladderException e) when (request.Shares is [] && e.Reason is FailureReason.NotAllowed or FailureReason.NotFound)
            {
                // One that can no longer be what it was, such as of an attribute that is gone, keeps back none of the others.
                left.Add($"Share {share.Id} stays as it is. {e.Message} To take it back: keyladder share revoke {share.Id}");
            }
        }

        return await AnswerAsync(vault, updated, cancellationToken) with { Notice = left.Count == 0 ? null : string.Join('\n', left) };
    }

    public async Task<AgentAnswer> RevokeAsync(RevokeShares request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var all = await vault.Relationships.ListGivenAsync(cancellationToken);
        // All are found before the first is taken back.
        var chosen = request.Shares.Select(text => Find(all, share => share.Id, text)).DistinctBy(share => share.Id).ToList();
        foreach (var share in chosen)
            await vault.Relationships.RevokeAsync(share, cancellationToken);
        return await AnswerAsync(vault, chosen.Select(share => share.Id), cancellationToken);
    }

    public async Task<AgentAnswer> EndExpiredAsync(CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var over = await vault.Relationships.EndExpiredAsync(cancellationToken);
        return await AnswerAsync(vault, over.Select(share => share.Id), cancellationToken);
    }

    /// <summary>Who has accepted an invitation may be shared with, whether or not this device has heard of it yet.</summary>
    private static async Task<(List<RelationshipId> With, RelationshipNews? News)> ChooseAsync(Vault vault, string[] with, CancellationToken cancellationToken)
    {
        RelationshipNews? news = null;
        var all = await vault.Relationships.ListAsync(cancellationToken);
        if (with.Any(text => RelationshipRequests.Find(all, text).Status is RelationshipStatus.Invited or RelationshipStatus.Accepted))
        {
            news = await vault.Relationships.SyncAsync(cancellationToken: cancellationToken);
            all = await vault.Relationships.ListAsync(cancellationToken);
        }

        var chosen = with.Select(text => RelationshipRequests.Find(all, text)).DistinctBy(each => each.Id).ToList();
        return chosen.FirstOrDefault(each => each.Status != RelationshipStatus.Established) is { } other
            ? throw NotConnected(other)
            : (chosen.ConvertAll(each => each.Id), news);
    }

    private static Failure NotConnected(Relationship relationship) => relationship.Status switch
    {
        RelationshipStatus.Invited => new(
            ExitCode.Refused, $"{relationship.Name} has not accepted your invitation yet.", "Wait, or hand it over again by another way: keyladder connect end NAME, then connect invite NAME"),
        RelationshipStatus.Accepted => new(
            ExitCode.Refused, $"{relationship.Name} has not confirmed yet that you accepted.", "That happens when their program next synchronizes; then run the command again."),
        _ => new(ExitCode.Refused, $"{relationship.Name} is blocked.", "keyladder connect unblock NAME, then run the command again."),
    };

    private static async Task<List<GivenShare>> ChangedAsync(Vault vault, IEnumerable<GivenShare> all, CancellationToken cancellationToken)
    {
        var items = (await vault.ListAsync(cancellationToken)).ToDictionary(item => item.Id);
        return [.. all.Where(share => share.State == ShareStates.Given && items.TryGetValue(share.Item, out var item) && !share.IsCurrent(item))];
    }

    /// <summary>
    /// An id, the start of one, or either behind a NAME/ of whoever shares it: sharers choose the ids, and two may choose the same. What has come since this device last fetched
    /// is not looked for: what comes with it is told by the commands that fetch.
    /// </summary>
    private static async Task<HeldShare> FindHeldAsync(Vault vault, string text, CancellationToken cancellationToken)
    {
        var all = await vault.Relationships.ListHeldAsync(cancellationToken);
        if (text.LastIndexOf('/') is >= 0 and var end)
        {
            var from = RelationshipRequests.Find(await vault.Relationships.ListAsync(cancellationToken), text[..end]);
            return Find(all.Where(share => share.Relationship == from.Id), share => share.Id, text[(end + 1)..]);
        }

        if (!all.Any(share => ShareLines.Names(share.Id, text))
            && (await vault.Relationships.ListGivenAsync(cancellationToken)).FirstOrDefault(share => ShareLines.Names(share.Id, text)) is { } given)
            throw Failure.Usage("That is a share that you give.", $"What it shows is yours: keyladder item show {given.Item}; an attachment of it: keyladder item save {given.Item} NAME --output FILE");
        return Find(all, share => share.Id, text);
    }

    private static Task<HeldShare> FindAgainAsync(Vault vault, HeldShare share, CancellationToken cancellationToken) => FindHeldAsync(vault, $"{share.Relationship}/{share.Id}", cancellationToken);

    internal static T Find<T>(IEnumerable<T> all, Func<T, ShareId> id, string text)
    {
        var found = all.Where(share => ShareLines.Names(id(share), text)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new Failure(ExitCode.NotFound, "There is no such share.", "`keyladder share list` fetches what there is and shows it: name a share by its id, or by 8 or more characters of it."),
            _ when found.Select(id).Distinct().Count() == 1 => throw Failure.Usage(
                "Several people share something with you under that id.", "Say whose you mean, as NAME/ID: `keyladder share list` shows both."),
            _ => throw Failure.Usage("That names several shares.", "Give more of the id; `keyladder share list` shows them."),
        };
    }

    private static async Task<Dictionary<RelationshipId, string>> NamesAsync(Vault vault, CancellationToken cancellationToken) =>
        (await vault.Relationships.ListAsync(cancellationToken)).ToDictionary(each => each.Id, each => each.Name);

    private static async Task<AgentAnswer> AnswerAsync(Vault vault, HeldShare share, CancellationToken cancellationToken) =>
        new(Held: [ShareLines.Of(share, (await NamesAsync(vault, cancellationToken))[share.Relationship])]);

    private static async Task<AgentAnswer> AnswerAsync(Vault vault, IEnumerable<ShareId> shares, CancellationToken cancellationToken)
    {
        var ids = shares.ToHashSet();
        return await AnswerAsync(vault, [.. (await vault.Relationships.ListGivenAsync(cancellationToken)).Where(share => ids.Contains(share.Id))], cancellationToken);
    }

    private static async Task<AgentAnswer> AnswerAsync(Vault vault, IReadOnlyCollection<GivenShare> given, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(vault, cancellationToken);
        var items = (await vault.ListAsync(cancellationToken)).ToDictionary(item => item.Id);
        // Names of attributes are sealed in them: what has to be opened for that is opened, and no more.
        ItemId[] single = [.. given.Where(share => share.Attribute is not null && items.ContainsKey(share.Item)).Select(share => share.Item).Distinct()];
        var opened = (await vault.GetManyAsync(single, cancellationToken)).ToDictionary(item => item.Id);
        return new AgentAnswer(Given:
        [
            .. given.Select(share => ShareLines.Of(share, names[share.Relationship], items.GetValueOrDefault(share.Item), opened.GetValueOrDefault(share.Item))),
        ]);
    }
}
