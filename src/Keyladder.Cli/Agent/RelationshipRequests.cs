using System.Text;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of a person's relationships.</summary>
/// <param name="open">Opens the Vault, unless it is open.</param>
internal sealed class RelationshipRequests(Func<CancellationToken, Task<Vault>> open)
{
    public async Task<AgentAnswer> ListAsync(ListRelationships request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var (news, notice) = await TrySyncAsync(vault, cancellationToken);
        var all = await vault.Relationships.ListAsync(cancellationToken);
        return await AnswerAsync(vault, request.Relationship is { } text ? [Find(all, text)] : all, news, notice, cancellationToken);
    }

    public async Task<AgentAnswer> SyncAsync(SyncRelationships request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var news = await vault.Relationships.SyncAsync(TimeSpan.FromSeconds(request.Wait), cancellationToken);
        return new AgentAnswer(News: await DescribeAsync(vault, news, cancellationToken));
    }

    public async Task<AgentAnswer> InviteAsync(Invite request, Stream output, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        RequireFree(await vault.Relationships.ListAsync(cancellationToken), request.Name);
        var made = await vault.Relationships.InviteAsync(request.Name, request.ValidFor, cancellationToken);
        var link = Encoding.ASCII.GetBytes(made.DangerousLink.AbsoluteUri);
        using var wiped = new Wiped(link);
        await output.WriteAsync(link, cancellationToken);
        return Answer([made.Relationship]);
    }

    public async Task<AgentAnswer> AcceptAsync(AcceptInvitation request, Stream input, CancellationToken cancellationToken)
    {
        var sent = await ItemRequests.ReadAllAsync(input, cancellationToken);
        using var wiped = new Wiped(sent);
        var link = Encoding.UTF8.GetChars(sent);
        try
        {
            if (!RelationshipInvitation.TryParse(link, out var invitation))
                throw Failure.Usage("This is no invitation, or not all of one.", "Copy the whole link, with everything behind its #, and run the command again.");
            invitation.Dispose();
            var vault = await open(cancellationToken);
            var all = await vault.Relationships.ListAsync(cancellationToken);
            RequireFree(all, request.Name);
            var accepted = await vault.Relationships.AcceptAsync(link, request.Name, cancellationToken);
            return Answer([accepted]) with { Notice = all.FirstOrDefault(each => accepted.OtherDid!.Equals(each.OtherDid)) is { } known ? Again(known, accepted) : null };
        }
        finally
        {
            Array.Clear(link);
        }
    }

    public async Task<AgentAnswer> RenameAsync(RenameRelationship request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var all = await vault.Relationships.ListAsync(cancellationToken);
        var found = Find(all, request.Relationship);
        RequireFree(all.Where(each => each.Id != found.Id), request.Name);
        await vault.Relationships.RenameAsync(found.Id, request.Name, cancellationToken);
        return await AnswerAsync(vault, found.Id, cancellationToken);
    }

    public async Task<AgentAnswer> BlockAsync(BlockRelationship request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var found = await FindAsync(vault, request.Relationship, cancellationToken);
        await (request.IsBlocked ? vault.Relationships.BlockAsync(found.Id, cancellationToken) : vault.Relationships.UnblockAsync(found.Id, cancellationToken));
        return await AnswerAsync(vault, found.Id, cancellationToken);
    }

    public async Task<AgentAnswer> ChangeKeysAsync(ChangeRelationshipKeys request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var found = await FindAsync(vault, request.Relationship, cancellationToken);
        return Answer([await vault.Relationships.ChangeKeysAsync(found.Id, cancellationToken)]);
    }

    public async Task<AgentAnswer> EndAsync(EndRelationship request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var found = await FindAsync(vault, request.Relationship, cancellationToken);
        await vault.Relationships.EndAsync(found.Id, cancellationToken);
        return Answer([found]);
    }

    /// <summary>Fetches what the others have left. Where this person's own services do not answer, what this device has kept serves.</summary>
    /// <returns>What came; and what the person is to be told where nothing could be fetched.</returns>
    public static async Task<(RelationshipNews? News, string? Notice)> TrySyncAsync(Vault vault, CancellationToken cancellationToken)
    {
        try
        {
            return (await vault.Relationships.SyncAsync(cancellationToken: cancellationToken), null);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
        {
            return (null, $"What others have left could not be fetched: this is what this device has kept. {e.Message}");
        }
    }

    public static async Task<NewsLine?> DescribeAsync(Vault vault, RelationshipNews? news, CancellationToken cancellationToken)
    {
        if (news is null)
            return null;
        var names = (await vault.Relationships.ListAsync(cancellationToken)).ToDictionary(each => each.Id, each => each.Name);
        var held = (await vault.Relationships.ListHeldAsync(cancellationToken)).ToLookup(share => share.Id); // two sharers may choose one id
        return new NewsLine(
            People(news.Established),
            [.. news.Changed.Select(change => new KeyChangeLine(change.Relationship.ToString(), NameOf(change.Relationship), change.Change.Next.ToString(), change.Jws))],
            [.. news.Shares.Distinct().SelectMany(share => held[share]).Select(share => ShareLines.Of(share, NameOf(share.Relationship)))],
            [
                .. news.Events.Select(told => new ShareEventLine(
                    told.Relationship.ToString(), NameOf(told.Relationship), told.Event.Event, told.Event.Attribute.ToString(), told.Event.Number, told.Jws)),
            ],
            [.. news.Refused.Select(refused => $"{refused.Message} {refused.NextStep}")],
            People(news.Unreachable.Keys),
            People(news.Shut));

        PersonLine[] People(IEnumerable<RelationshipId> ids) => [.. ids.Distinct().Select(id => new PersonLine(id.ToString(), NameOf(id)))];

        string NameOf(RelationshipId id) => names.GetValueOrDefault(id, id.ToString());
    }

    // Said afterwards, and to the person alone: to refuse it would tell the inviter that both names are one account.
    private static string Again(Relationship known, Relationship accepted) =>
        $"You know this inviter already, as {known.Name}. Nothing has told them that both of you are one. If it was a mistake: keyladder connect end {accepted.Id}";

    /// <summary>An id, the start of one, or a name; it must name exactly one.</summary>
    public static Relationship Find(IEnumerable<Relationship> all, string text)
    {
        var found = all.Where(each => each.Name == text || (text.Length >= 8 && each.Id.ToString().StartsWith(text, StringComparison.Ordinal))).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new Failure(
                ExitCode.NotFound, "There is nobody by that name.", "`keyladder connect list` shows whom you know: by name as it stands there, by id, or by 8 or more characters of it."),
            _ => throw Failure.Usage("That names several relationships.", "Name one by its id; `keyladder connect list` shows them."),
        };
    }

    private static async Task<Relationship> FindAsync(Vault vault, string text, CancellationToken cancellationToken) =>
        Find(await vault.Relationships.ListAsync(cancellationToken), text);

    /// <summary>Two of the same name could be told apart by their ids alone, and what is for the one be shared with the other.</summary>
    private static void RequireFree(IEnumerable<Relationship> all, string name)
    {
        if (Encoding.UTF8.GetByteCount(name) is 0 or > ItemOverview.MaxNameLength || name.Any(char.IsControl))
            throw Failure.Usage($"A name has 1 to {ItemOverview.MaxNameLength} bytes and no control characters.", "Choose another.");
        if (all.Any(each => each.Name == name))
            throw Failure.Usage("There is a relationship by that name.", "Choose another name, or look at the one that there is: keyladder connect list");
    }

    private static async Task<AgentAnswer> AnswerAsync(Vault vault, RelationshipId id, CancellationToken cancellationToken) =>
        Answer((await vault.Relationships.ListAsync(cancellationToken)).Where(each => each.Id == id));

    private static async Task<AgentAnswer> AnswerAsync(
        Vault vault, IEnumerable<Relationship> relationships, RelationshipNews? news, string? notice, CancellationToken cancellationToken) =>
        Answer(relationships) with { News = await DescribeAsync(vault, news, cancellationToken), Notice = notice };

    private static AgentAnswer Answer(IEnumerable<Relationship> relationships) => new(Relationships: [.. relationships.Select(each => new RelationshipLine(
        each.Id.ToString(),
        each.Name,
        JsonNamingPolicy.KebabCaseLower.ConvertName(each.Status.ToString()),
        each.Did.ToString(),
        each.OtherDid?.ToString(),
        each.SafetyWords,
        each.InvitationExpires))]);
}
