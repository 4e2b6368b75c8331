using System.Globalization;

namespace Keyladder.Soak.Devices;

/// <summary>
/// Holds what the devices show at the end against what they were told. Each value was written once in the whole run, so that where it is, who had seen it,
/// and who wrote over it having seen it, follow from the logs.
/// </summary>
/// <remarks>
/// A value that was promised is there at the end where the promise says: in the item itself, or in the other version that the device was told of; of one that waited on the
/// device, in the item or any other version of it. It may be gone from there only if a write that had seen it there put another in its place, or a deletion that had seen it took
/// the item. Whether those have landed is asked where they were promised themselves.
/// </remarks>
internal sealed class DevicesChecker
{
    private readonly IReadOnlyList<DeviceWrite> writes;
    private readonly Dictionary<Guid, ShownItem> there;
    private readonly Dictionary<Guid, Guid> families = [];
    private readonly ILookup<Guid, Guid> members;
    private readonly ILookup<Guid, (DeviceWrite Write, WrittenState Item, Guid? Other)> byItem;
    private readonly ILookup<string, Guid> places;
    private readonly Dictionary<string, string> overwritten = [];

    private DevicesChecker(IReadOnlyList<DeviceWrite> writes, IReadOnlyList<ShownItem> end)
    {
        this.writes = writes;
        there = end.ToDictionary(item => item.Id);
        places = (from item in end from value in item.State.Parts.Values select (value, item.Id)).ToLookup(place => place.value, place => place.Id);
        byItem = Items(_ => true).ToLookup(each => each.Item.Id);
        foreach (var (part, value, saw) in from each in Items(_ => true) from part in each.Item.Next?.Parts ?? ItemState.Nothing.Parts select (part.Key, part.Value, each.Item.Saw))
        {
            if (saw?.Parts.GetValueOrDefault(part) is { } before && before != value)
                overwritten[value] = before;
        }

        foreach (var item in end.Where(item => item.ConflictOf is not null))
            Join(item.Id, item.ConflictOf!.Value);
        foreach (var (_, item, other) in Items(_ => true))
        {
            Join(item.Id, item.ConflictOf ?? item.Id);
            Join(item.Id, other ?? item.Id);
        }

        members = families.Keys.ToLookup(Family);
    }

    /// <param name="writes">Those of each device in their order.</param>
    /// <param name="pictures">By whom; the last one is that of a device without memory.</param>
    /// <returns>Each a sentence; none if all is explained.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<DeviceWrite> writes, IReadOnlyList<(string Who, IReadOnlyList<ShownItem> Items)> pictures)
    {
        var checker = new DevicesChecker(writes, pictures[^1].Items);
        return
        [
            .. CheckAlike(pictures), .. checker.CheckStrangers(), .. checker.CheckValues(), .. checker.CheckRefused(), .. checker.CheckDeletions(), .. checker.CheckConflicts(),
            .. checker.CheckNeedless(),
        ];
    }

    /// <summary>Every device shows the same, to the last bit.</summary>
    private static IEnumerable<string> CheckAlike(IReadOnlyList<(string Who, IReadOnlyList<ShownItem> Items)> pictures)
    {
        var right = pictures[^1].Items.ToDictionary(item => item.Id, item => item.Exact);
        foreach (var (who, items) in pictures)
        {
            var shown = items.ToDictionary(item => item.Id, item => item.Exact);
            foreach (var id in right.Keys.Union(shown.Keys).Where(id => right.GetValueOrDefault(id) != shown.GetValueOrDefault(id)))
                yield return $"{who} shows item {id} otherwise: {shown.GetValueOrDefault(id) ?? "not at all"}, and not {right.GetValueOrDefault(id) ?? "not at all"}";
            foreach (var damaged in items.Where(item => item.Exact.Contains("NOT its content", StringComparison.Ordinal)))
                yield return $"{who} shows an attachment of item {damaged.Id} with other content.";
        }
    }

    /// <summary>Every item was made by somebody, or says of which it is the other version.</summary>
    private IEnumerable<string> CheckStrangers()
    {
        var known = Items(write => write.Promise != Promise.Refused).Select(each => each.Item.Id).ToHashSet();
        return from item in there.Values
               where !known.Contains(item.ConflictOf ?? item.Id) && !families.ContainsKey(item.ConflictOf ?? item.Id)
               select $"Item {item.Id} is there, nobody made it, and it says of none that it is the other version.";
    }

    /// <summary>What was promised is there, or somebody who had seen it took it away.</summary>
    private IEnumerable<string> CheckValues() =>
        from each in Items(IsPromised)
        from value in NewValues(each.Item)
        let possible = each.Write.Promise == Promise.Stored ? [each.Other ?? each.Item.Id] : members[Family(each.Item.Id)].Append(each.Item.Id)
        where !possible.Any(id => places[value].Contains(id) || byItem[id].Any(later => Replaced(each.Write, later, value)))
        select Say($"{value}, {each.Write.Promise} by device {each.Write.Device} in item {each.Other ?? each.Item.Id}, is lost: it is{Where(places[value])}.");

    /// <summary>Of what was refused nothing is there.</summary>
    private IEnumerable<string> CheckRefused() =>
        from each in Items(write => write.Promise == Promise.Refused)
        from value in NewValues(each.Item)
        where places.Contains(value)
        select Say($"{value}, refused to device {each.Write.Device}, is there:{Where(places[value])}.");

    /// <summary>What was deleted is gone; a deletion that waited gives way to what others had changed meanwhile, and to nothing else.</summary>
    private IEnumerable<string> CheckDeletions()
    {
        foreach (var (write, item, _) in Items(IsPromised).Where(each => each.Item.Next is null))
        {
            if (!there.TryGetValue(item.Id, out var shown))
                continue;
            if (write.Promise == Promise.Stored)
                yield return Say($"Item {item.Id} is there, and its deletion by device {write.Device} was acknowledged.");
            else if (shown.State.IsAs(item.Saw!))
                yield return Say($"Item {item.Id} is there as device {write.Device} saw it when it deleted it; the deletion waited, and was dropped.");
        }
    }

    /// <summary>What two devices made of one part of one state is there twice, and one says of which it is the other version; and so does what a device was told to be one.</summary>
    private IEnumerable<string> CheckConflicts()
    {
        foreach (var (write, item, other) in Items(IsPromised).Where(each => each.Other is not null))
        {
            if (there.TryGetValue(other!.Value, out var shown) && shown.ConflictOf != item.Id)
                yield return Say($"Item {other} is the other version of {item.Id}, as device {write.Device} was told, and does not say so.");
        }

        var changes = from each in Items(IsPromised)
                      where each.Item is { Saw: not null, Next: not null }
                      from part in each.Item.Saw!.Parts
                      let next = each.Item.Next!.Parts.GetValueOrDefault(part.Key)
                      where next is not null && next != part.Value
                      group (each.Write.Device, Value: next) by (each.Item.Id, part.Key, part.Value);
        foreach (var same in changes)
        {
            foreach (var one in same)
            {
                foreach (var two in same.Where(two => two.Device > one.Device))
                {
                    var pairs = (from a in places[one.Value] from b in places[two.Value] select (there[a], there[b])).ToList();
                    if (pairs.Count > 0 && !pairs.Exists(pair => IsConflict(pair.Item1, pair.Item2)))
                        yield return Say($"{one.Value} and {two.Value} were both written over {same.Key.Value}, and no conflict shows it.");
                }
            }
        }
    }

    /// <summary>
    /// Nobody keeps two versions where nothing contradicts: all that the one says otherwise was written over what the other still says, having seen it. Asked of versions that nobody has
    /// changed since.
    /// </summary>
    private IEnumerable<string> CheckNeedless()
    {
        foreach (var copy in there.Values.Where(item => item.Revision == 1 && item.ConflictOf is not null))
        {
            if (!there.TryGetValue(copy.ConflictOf!.Value, out var item) || item.State.IsRemoved != copy.State.IsRemoved)
                continue;
            var (mine, theirs) = (copy.State.Parts.Values.Except(item.State.Parts.Values).ToList(), item.State.Parts.Values.Except(copy.State.Parts.Values).ToList());
            var before = mine.Select(value => Before(value).ToList()).ToList();
            if (before.TrueForAll(values => values.Count == 0 || values.Exists(item.State.Has)) && theirs.TrueForAll(value => before.Exists(values => values.Contains(value))))
                yield return Say($"Item {copy.Id} is another version of {item.Id}, and nothing in the one contradicts the other: {string.Join(", ", mine)} was written over {string.Join(", ", theirs)}.");
        }
    }

    /// <summary>The values that one was written over, the last one first.</summary>
    private IEnumerable<string> Before(string value)
    {
        for (var at = value; overwritten.TryGetValue(at, out var before); at = before)
            yield return before;
    }

    /// <summary>
    /// Whether a write took a value away, having seen it. One that became an item of its own, and a deletion after which the item is there, did not; but where the value waited on the
    /// same device, they took its place before it was sent.
    /// </summary>
    private bool Replaced(DeviceWrite promised, (DeviceWrite Write, WrittenState Item, Guid? Other) later, string value)
    {
        if (later.Write == promised || later.Write.Promise == Promise.Refused || later.Item.Saw?.Has(value) != true || later.Item.Next?.Has(value) == true)
            return false;
        var tookPlace = promised.Promise == Promise.Queued && later.Write.Device == promised.Device;
        return tookPlace || (later.Item.Next is null ? !there.ContainsKey(later.Item.Id) : later.Other is null);
    }

    private bool IsConflict(ShownItem one, ShownItem two) =>
        one.Id != two.Id && (one.ConflictOf ?? two.ConflictOf) is not null && Family(one.Id) == Family(two.Id);

    private IEnumerable<(DeviceWrite Write, WrittenState Item, Guid? Other)> Items(Func<DeviceWrite, bool> which) =>
        from write in writes
        where which(write)
        from item in write.Items.Index()
        select (write, item.Item, write.OtherOf(item.Index));

    private static bool IsPromised(DeviceWrite write) => write.Promise is Promise.Stored or Promise.Queued;

    private static IEnumerable<string> NewValues(WrittenState item) => item.Next?.Parts.Values.Where(value => item.Saw?.Has(value) != true) ?? [];

    private static string Where(IEnumerable<Guid> items) => items.Any() ? $" in {string.Join(", ", items)}" : " nowhere";

    private Guid Family(Guid id) => families.TryGetValue(id, out var other) && other != id ? Family(other) : id;

    private void Join(Guid one, Guid other)
    {
        families.TryAdd(one, one);
        families.TryAdd(other, other);
        families[Family(one)] = Family(other);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
