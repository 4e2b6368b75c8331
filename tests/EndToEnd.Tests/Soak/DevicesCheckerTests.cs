using Keyladder.Soak.Devices;

namespace EndToEnd.Tests.Soak;

/// <summary>The one who checks the run of devices is checked: what is planted, it finds.</summary>
public sealed class DevicesCheckerTests
{
    private static readonly Guid Item = new("00000000-0000-4000-8000-000000000001");
    private static readonly Guid Other = new("00000000-0000-4000-8000-000000000002");

    private static readonly ItemState First = State("1.1", "1.2");

    private readonly List<DeviceWrite> writes = [Write(1, Promise.Stored, Item, null, First)];
    private readonly List<ShownItem> end = [Shown(Item, First)];

    [Fact]
    public void What_was_promised_and_is_there_is_no_finding() => Assert.Empty(Check());

    [Fact]
    public void A_change_by_who_had_seen_what_it_replaces_loses_nothing()
    {
        Change(2, Promise.Stored, State("1.1", "2.1"));
        Assert.Empty(Check());
    }

    [Theory, InlineData(Promise.Stored), InlineData(Promise.Queued)]
    public void A_lost_write_is_found(object promise)
    {
        writes.Add(Write(2, (Promise)promise, Item, First, State("1.1", "2.1")));
        Assert.Contains("2.1", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_write_that_was_never_answered_may_have_landed_or_not(bool landed)
    {
        if (landed)
            Change(2, Promise.Unknown, State("1.1", "2.1"));
        else
            writes.Add(Write(2, Promise.Unknown, Item, First, State("1.1", "2.1")));
        Assert.Empty(Check());
    }

    [Fact]
    public void A_refused_write_that_landed_is_found()
    {
        Change(2, Promise.Refused, State("1.1", "2.1"));
        Assert.Contains(Check(), finding => finding.Contains("2.1, refused to device 2, is there", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_a_refused_write_took_away_is_lost()
    {
        Change(2, Promise.Refused, State("1.1", "2.1"));
        Assert.Contains(Check(), finding => finding.Contains("1.2, Stored by device 1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lost_item_is_found()
    {
        end.Clear();
        Assert.Equal(2, Check().Count); // each of its values
    }

    [Fact]
    public void What_was_deleted_by_who_had_seen_it_is_not_lost()
    {
        Delete(Promise.Stored, First);
        end.Clear();
        Assert.Empty(Check());
    }

    [Fact]
    public void A_deletion_by_who_had_not_seen_the_last_change_loses_it()
    {
        Change(2, Promise.Stored, State("1.1", "2.1"));
        Delete(Promise.Stored, First);
        end.Clear();
        Assert.Contains("2.1", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_item_that_is_there_is_found()
    {
        Delete(Promise.Stored, First);
        Assert.Contains("its deletion by device 3 was acknowledged", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deletion_that_waited_gives_way_to_a_change_and_to_nothing_else()
    {
        Delete(Promise.Queued, First);
        Assert.Contains("was dropped", Assert.Single(Check()), StringComparison.Ordinal);
        Change(2, Promise.Stored, State("1.1", "2.1"));
        Assert.Empty(Check());
    }

    [Theory, InlineData(Promise.Queued, 0), InlineData(Promise.Stored, 1)]
    public void What_a_device_deleted_before_it_was_sent_is_not_lost_though_the_deletion_gives_way(object promise, int found)
    {
        writes.Add(Write(3, (Promise)promise, Item, First, State("1.1", "3.1")));
        Delete(Promise.Queued, State("1.1", "3.1"));
        Change(2, Promise.Stored, State("2.1", "1.2"));
        Assert.Equal(found, Check().Count);
    }

    [Fact]
    public void A_conflict_that_is_shown_is_no_finding()
    {
        Contradict(Other);
        end.Add(Shown(Other, State("1.1", "3.1"), of: Item));
        Assert.Empty(Check());
    }

    [Fact]
    public void A_swallowed_conflict_is_found()
    {
        Contradict(null); // the last one wins, and nobody is told
        end[0] = Shown(Item, State("1.1", "3.1"));
        Assert.Contains("2.1, Stored by device 2", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_that_does_not_say_so_is_found()
    {
        Contradict(Other);
        end.Add(Shown(Other, State("1.1", "3.1")));
        Assert.Contains(Check(), finding => finding.Contains("does not say so", StringComparison.Ordinal));
        Assert.Contains(Check(), finding => finding.Contains("no conflict shows it", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_version_that_is_not_where_the_device_was_told_is_found()
    {
        Contradict(Other);
        Assert.Contains("3.1, Stored by device 3", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_waited_may_have_become_another_version()
    {
        Change(2, Promise.Stored, State("1.1", "2.1"));
        writes.Add(Write(3, Promise.Queued, Item, First, State("1.1", "3.1")));
        end.Add(Shown(Other, State("1.1", "3.1"), of: Item));
        Assert.Empty(Check());
    }

    [Fact]
    public void Another_version_of_what_nobody_contradicted_is_found()
    {
        // Its first change landed, its answer was lost, and the second one met it as if it were somebody else's.
        Change(2, Promise.Queued, State("1.1", "2.1"));
        writes.Add(Write(2, Promise.Queued, Item, State("1.1", "2.1"), State("1.1", "2.2")));
        end.Add(Shown(Other, State("1.1", "2.2"), of: Item));
        Assert.Contains("nothing in the one contradicts the other", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_that_nobody_made_is_found()
    {
        end.Add(Shown(Other, State("9.1", "9.2")));
        Assert.Contains("nobody made it", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_shows_something_else_is_found()
    {
        Assert.Contains("A shows", Assert.Single(Check([end[0] with { Exact = "other" }])), StringComparison.Ordinal);
        Assert.Contains("A shows", Assert.Single(Check([])), StringComparison.Ordinal);
        Assert.Contains("A shows", Assert.Single(Check([.. end, Shown(Other, First)])), StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Check(IReadOnlyList<ShownItem>? shown = null) => DevicesChecker.Check(writes, [("A", shown ?? end), ("a device without memory", end)]);

    private void Change(int device, Promise promise, ItemState next)
    {
        writes.Add(Write(device, promise, Item, First, next));
        end[0] = Shown(Item, next);
    }

    private void Delete(Promise promise, ItemState saw) => writes.Add(Write(3, promise, Item, saw, null));

    /// <summary>Two devices change one part of the same state.</summary>
    private void Contradict(Guid? told)
    {
        Change(2, Promise.Stored, State("1.1", "2.1"));
        writes.Add(Write(3, Promise.Stored, Item, First, State("1.1", "3.1")) with { Others = [told] });
    }

    private static DeviceWrite Write(int device, Promise promise, Guid item, ItemState? saw, ItemState? next) =>
        new(device, [new WrittenState(item, null, saw, next)], promise, [null]);

    private static ShownItem Shown(Guid id, ItemState state, Guid? of = null) => new(id, 1, of, state, $"{id} {string.Join(' ', state.Parts.Values)} {of}");

    private static ItemState State(string name, string value) => new(new Dictionary<string, string> { [ItemState.Name] = name, ["value"] = value });
}
