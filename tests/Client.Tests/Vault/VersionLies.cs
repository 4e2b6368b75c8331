using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Lies;
using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VersionScene;
using static Keyladder.Client.Tests.Vaults.VersionTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a hostile Vault can say of what an item was: versions come without a head, and no lie about them is shown.</summary>
public sealed class VersionLies(VersionScene scene) : IClassFixture<VersionScene>
{
    public static TheoryData<string> Names => [.. All(null).Select(lie => lie.Lie.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task B04_B05_D04_D05_D06_D07_no_lie_about_a_version_is_shown(string name)
    {
        var (lie, named) = All(scene).Single(each => each.Lie.Name == name);
        var told = new StrongBox<int>();

        scene.Hostile.Proxy.Lie = lie.In(told);
        if (lie.Alarm is null)
            await lie.ExpectAsync(scene.ReadAnewAsync);
        var refusal = lie.Alarm is null ? null : await Assert.ThrowsAsync<IntegrityException>(scene.ReadAnewAsync);
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal((lie.Alarm, named), (refusal?.Alarm, refusal?.Object));
    }

    [Fact]
    public async Task The_truth_is()
    {
        scene.Hostile.TellTheTruth();
        Assert.Equal(["user=carol password=4", "user=carol password=3", "user=alice password=2", "user=alice password=1"], (await scene.ReadAnewAsync()).Select(Says));
    }

    [Fact]
    public async Task What_is_no_longer_kept_is_no_alarm_and_going_back_leaves_it_as_it_is()
    {
        var vault = await scene.OpenAnewAsync();
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == PathOf(scene.Bank.Id.Value))
                answer.Edit(json => json["objects"]!.AsArray().RemoveAt(2));
            if (answer.Path == PathOf(scene.Password))
                answer.Edit(json => json["objects"] = new JsonArray(json["objects"]!.AsArray()[0]!.DeepClone()));
        };
        var versions = await vault.GetVersionsAsync(scene.Bank.Id, Cancellation);
        var (third, second) = (await vault.OpenVersionAsync(versions[1], Cancellation), await vault.OpenVersionAsync(versions[2], Cancellation));
        scene.Hostile.TellTheTruth();

        Assert.Equal([4L, 3, 2], versions.Select(version => version.Revision));
        Assert.Equal(("user=carol password=3", 0), (Says(third), third.Missing.Count));
        Assert.Equal(("user=alice", scene.Password), (Says(second), Assert.Single(second.Missing).Value));
        Assert.Equal(["user=alice", "password=4"], scene.Bank.GoBackTo(second).Attributes.Select(each => $"{each.Content.Name}={each.Content.GetText()}"));
    }

    [Theory]
    [InlineData("the newest is missing")]
    [InlineData("one in the middle is missing")]
    [InlineData("two have each other's place")]
    public async Task D05_D06_a_version_of_an_attribute_that_is_not_in_its_place_is_named_where_only_an_older_one_is_looked_for(string lie)
    {
        var vault = await scene.OpenAnewAsync();
        var oldest = (await vault.GetVersionsAsync(scene.Bank.Id, Cancellation))[^1];
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Path != PathOf(scene.Password))
                return;
            answer.Edit(json =>
            {
                var versions = json["objects"]!.AsArray();
                if (lie.StartsWith("two", StringComparison.Ordinal))
                    (versions[0], versions[1]) = (versions[1]!.DeepClone(), versions[0]!.DeepClone());
                else
                    versions.RemoveAt(lie.StartsWith("one", StringComparison.Ordinal) ? 1 : 0);
            });
        };

        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => vault.OpenVersionAsync(oldest, Cancellation));
        scene.Hostile.TellTheTruth();
        Assert.Equal((Alarm.ObjectInvalid, $"attribute {scene.Password}"), (refusal.Alarm, refusal.Object));
    }

    [Fact]
    public async Task D07_the_versions_of_a_deleted_item_are_not_even_asked_for()
    {
        var vault = await scene.OpenAnewAsync();
        var asked = await scene.Hostile.Proxy.RecordAsync(async () =>
        {
            await Expect.FailureAsync(FailureReason.NotFound, () => vault.GetVersionsAsync(scene.Deleted.Id, Cancellation));
            await Expect.FailureAsync(FailureReason.NotFound, () => vault.OpenVersionAsync(scene.Deleted.Item, Cancellation));
        });

        Assert.DoesNotContain(asked.Calls, call => call.EndsWith("/versions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_that_comes_in_between_is_no_alarm(bool attribute)
    {
        var vault = await scene.OpenAnewAsync();
        var id = (await vault.PutAsync(VaultTests.Login("Moving", "1"), Cancellation)).Id;
        await vault.PutAsync((await vault.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "2")), Cancellation);
        var (before, changed) = (await vault.GetVersionsAsync(id, Cancellation), 0);
        var path = PathOf(attribute ? IdOf(await vault.GetAsync(id, Cancellation), "password") : id.Value);
        scene.Hostile.Proxy.Invent = (call, _) =>
        {
            if (call == $"GET {path}" && Interlocked.Exchange(ref changed, 1) == 0)
                ChangeAsync().GetAwaiter().GetResult();
            return null;
        };

        Assert.Equal("user=alice password=1", Says(await vault.OpenVersionAsync(before[^1], Cancellation)));
        Assert.Equal([3L, 2, 1], (await vault.GetVersionsAsync(id, Cancellation)).Select(version => version.Revision));
        scene.Hostile.TellTheTruth();
        Assert.Equal(1, changed);

        async Task ChangeAsync() =>
            await scene.Mine.PutAsync((await scene.Mine.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "3")), Cancellation);
    }

    /// <param name="scene">Null where only the names are asked for.</param>
    private static IEnumerable<(Lie Lie, string? Named)> All(VersionScene? scene) =>
    [
        .. Lie.AboutForm($"GET {PathOf(scene?.Bank.Id.Value ?? default)}", "objects").Select(lie => (lie, (string?)null)),

        // Of the item: revisions 3, 2 and 1.
        Item(scene, "an older version stands in the place of a later one", versions => versions[0] = versions[1]!.DeepClone()),
        Item(scene, "an older version passes for a later one", versions => versions[0]!["sealed"] = versions[1]!["sealed"]!.DeepClone()),
        Item(scene, "a version's revision is another", versions => versions[1]!["revision"] = 3),
        Item(scene, "the newest of them is missing", versions => versions.RemoveAt(0)),
        Item(scene, "one in the middle is missing", versions => versions.RemoveAt(1)),
        Item(scene, "one is there twice", versions => versions.Insert(1, versions[0]!.DeepClone())),
        Item(scene, "the last is there twice", versions => versions.Add(versions[2]!.DeepClone())),
        Item(scene, "two have each other's place", versions => (versions[0], versions[1]) = (versions[1]!.DeepClone(), versions[0]!.DeepClone())),
        Item(scene, "the oldest comes first", versions => Put(versions, [.. versions.Reverse()])),
        Item(scene, "one is altered", versions => Alter(versions[1]!)),
        Item(scene, "the oldest is altered", versions => Alter(versions[2]!)),
        Item(scene, "one is sealed by another key", versions => versions[0]!["dek"] = scene!.Versions[scene.Bobs.Id.Value][0]!["dek"]!.DeepClone()),
        Item(scene, "one names an attachment", versions => versions[0]!["attachment"] = Guid.NewGuid().ToString()),
        Item(scene, "one is an attribute", versions => versions[0]!["kind"] = "attribute"),
        Item(scene, "the present one is among them", versions => versions.Insert(0, scene!.Present.DeepClone())),
        Item(scene, "one is another item's", versions => versions[0] = scene!.Versions[scene.Mail.Id.Value][0]!.DeepClone()),
        Item(scene, "one is another item's under this id", versions => versions[0]!["sealed"] = scene!.Versions[scene.Mail.Id.Value][0]!["sealed"]!.DeepClone()),
        Item(scene, "all are another item's", versions => Put(versions, scene!.Versions[scene.Mail.Id.Value])),
        Item(scene, "all are another person's", versions => Put(versions, scene!.Versions[scene.Bobs.Id.Value])),
        Item(scene, "all are a deleted item's", versions => Put(versions, scene!.Versions[scene.Deleted.Id.Value])),
        Item(scene, "all are an attribute's", versions => Put(versions, scene!.Versions[scene.Password])),

        // Of the password, which changed as often.
        Attribute(scene, "an attribute's older version passes for a later one", versions => versions[0]!["sealed"] = versions[1]!["sealed"]!.DeepClone()),
        Attribute(scene, "an attribute's newest version is missing", versions => versions.RemoveAt(0)),
        Attribute(scene, "an attribute's version in the middle is missing", versions => versions.RemoveAt(1)),
        Attribute(scene, "an attribute's version is there twice", versions => versions.Insert(1, versions[0]!.DeepClone())),
        Attribute(scene, "two versions of an attribute have each other's place", versions => (versions[1], versions[2]) = (versions[2]!.DeepClone(), versions[1]!.DeepClone())),
        Attribute(scene, "an attribute's version is altered", versions => Alter(versions[2]!)),
        Attribute(scene, "an attribute's version is sealed by another key", versions => versions[0]!["dek"] = scene!.Versions[scene.Bobs.Id.Value][0]!["dek"]!.DeepClone()),
        Attribute(scene, "an attribute's version is an item", versions => versions[0]!["kind"] = "item"),
        Attribute(scene, "an attribute's versions are those of the other in the item", versions => Put(versions, scene!.Versions[IdOf(scene.Bank, "user")])),
        Attribute(scene, "an attribute's version is one of the other in the item", versions => versions[2]!["sealed"] = scene!.Versions[IdOf(scene.Bank, "user")][0]!["sealed"]!.DeepClone()),
        Attribute(scene, "an attribute's versions are those of its name in another item", versions => Put(versions, scene!.Versions[IdOf(scene.Mail, "password")])),
        Attribute(scene, "an attribute's version is one of its name in another item", versions => versions[0]!["sealed"] = scene!.Versions[IdOf(scene.Mail, "password")][0]!["sealed"]!.DeepClone()),
        Attribute(scene, "an attribute's versions are a deleted item's", versions => Put(versions, scene!.Versions[IdOf(scene.Deleted, "password")])),
        Attribute(scene, "an attribute's versions are another person's", versions => Put(versions, scene!.Versions[IdOf(scene.Bobs, "password")])),
    ];

    private static (Lie Lie, string? Named) Item(VersionScene? scene, string name, Action<JsonArray> edit) =>
        About(scene?.Bank.Id.Value ?? default, $"item {scene?.Bank.Id}", name, edit);

    private static (Lie Lie, string? Named) Attribute(VersionScene? scene, string name, Action<JsonArray> edit) =>
        About(scene?.Password ?? default, $"attribute {scene?.Password}", name, edit);

    private static (Lie Lie, string? Named) About(Guid id, string named, string name, Action<JsonArray> edit) =>
        (Lie.Raises(Alarm.ObjectInvalid, name, $"GET {PathOf(id)}", answer => answer.Edit(json => edit(json["objects"]!.AsArray()))), named);

    private static void Put(JsonArray versions, IEnumerable<JsonNode?> others)
    {
        List<JsonNode> copies = [.. others.Select(other => other!.DeepClone())];
        versions.Clear();
        copies.ForEach(versions.Add);
    }

    private static void Alter(JsonNode version)
    {
        var text = version["sealed"]!.GetValue<string>();
        version["sealed"] = text[..20] + (text[20] == 'A' ? 'B' : 'A') + text[21..];
    }
}
