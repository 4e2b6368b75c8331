using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Lies;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultScene;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a hostile Vault can show to a device that has seen nothing of it: no lie is shown, and the alarm names the object.</summary>
public sealed class VaultLies(VaultScene scene) : IClassFixture<VaultScene>
{
    public static TheoryData<string> Names => [.. All(null!).Select(lie => $"{lie.Call}: {lie.Name}")];

    [Theory, MemberData(nameof(Names))]
    public async Task B04_B05_B06_B07_B08_B09_D04_D05_D06_D07_no_lie_is_shown(string name)
    {
        var (lie, named) = All(scene).Select(lie => (lie.Lie, lie.Named)).Single(each => $"{each.Lie.Call}: {each.Lie.Name}" == name);
        var told = new StrongBox<int>();

        scene.Hostile.Proxy.Lie = lie.In(told);
        var refusal = lie.Alarm is null ? null : await Assert.ThrowsAsync<IntegrityException>(scene.ReadAnewAsync);
        if (lie.Alarm is null)
            await lie.ExpectAsync(scene.ReadAnewAsync);
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal(lie.Alarm, refusal?.Alarm);
        if (named is not null)
            Assert.Equal(named(), refusal!.Object);
    }

    [Fact]
    public async Task The_truth_is()
    {
        scene.Hostile.TellTheTruth();
        Assert.Equal(["Bank", "Mail"], (await scene.ReadAnewAsync()).Select(item => item.Name));
    }

    [Fact]
    public async Task D08_a_device_that_has_seen_more_refuses_the_Vault_from_before()
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Changes)
                answer.Json = scene.OlderList.DeepClone().AsObject();
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(scene.OpenKnowingAsync);
        scene.Hostile.TellTheTruth();

        Assert.Equal(Alarm.RolledBack, refusal.Alarm);
    }

    private static IEnumerable<NamedLie> All(VaultScene scene) =>
    [
        .. Lie.AboutForm(Changes, "changes").Concat(Lie.AboutForm(Fetch, "objects")).Select(lie => new NamedLie(lie, Named: null)),

        // The list of what there is.
        new(Lie.Raises(Alarm.ProofInvalid, "an item is missing", Changes, answer => answer.Edit(list => Drop(list, scene.Bank.Value))), Named: null),
        new(Lie.Raises(Alarm.ObjectInvalid, "an attribute is missing", Changes, answer => answer.Edit(list => Drop(list, FirstAttribute(scene.List)))), () => $"attribute {FirstAttribute(scene.List)}"),
        new(Lie.Raises(Alarm.ProofInvalid, "there is nothing", Changes, answer => answer.Edit(list => (list["changes"], list["objects"]) = (new JsonArray(), new JsonArray()))), Named: null),
        Item("an item is as it was before", () => scene.Bank.Value, list => Replace(list, scene.OlderList, scene.Bank.Value)),
        Item("an item is another person's", () => scene.Bank.Value, list => TakeFrom(list, scene.Bank.Value, scene.BobsList)),
        Item("an item is of her other Vault", () => scene.Bank.Value, list => TakeFrom(list, scene.Bank.Value, scene.HerOtherList)),
        Item("two items have each other's leaves", () => scene.Bank.Value, list =>
        {
            var (one, other) = (Change(list, scene.Bank.Value), Change(list, scene.Mail.Value));
            (one["new"], other["new"]) = (other["new"]!.DeepClone(), one["new"]!.DeepClone());
            list["objects"] = new JsonArray();
        }, eitherOf: true),
        new(Lie.Raises(Alarm.ObjectInvalid, "two items have each other's envelopes", Changes, answer => answer.Edit(list =>
        {
            var (one, other) = (Stored(list, scene.Bank.Value), Stored(list, scene.Mail.Value));
            (one["sealed"], other["sealed"]) = (other["sealed"]!.DeepClone(), one["sealed"]!.DeepClone());
        })), Named: null),
        Item("an item's revision is another", () => scene.Bank.Value, list => Stored(list, scene.Bank.Value)["revision"] = 7),
        Item("an item's key is another", () => scene.Bank.Value, list => Stored(list, scene.Bank.Value)["dek"] = scene.BobsList["objects"]![0]!["dek"]!.DeepClone()),
        Item("an item's leaf is no hash", () => scene.Bank.Value, list => Change(list, scene.Bank.Value)["new"] = "AAAA"),
        Item("an item names an attachment", () => scene.Bank.Value, list => Stored(list, scene.Bank.Value)["attachment"] = Guid.NewGuid().ToString()),
        Item("an item is listed twice", () => scene.Bank.Value, list => list["changes"]!.AsArray().Add(Change(list, scene.Bank.Value).DeepClone())),
        Item("an item is shown twice", () => scene.Bank.Value, list => list["objects"]!.AsArray().Add(Stored(list, scene.Bank.Value).DeepClone())),
        Item("a deleted item is back", () => scene.Deleted.Value, list => Add(list, scene.OlderList, scene.Deleted.Value)),
        new(Lie.Raises(Alarm.ObjectInvalid, "an item is shown as an attribute", Changes, answer => answer.Edit(list =>
        {
            Change(list, scene.Bank.Value)["kind"] = "attribute";
            Remove(list, "objects", scene.Bank.Value);
        })), () => $"attribute {scene.Bank}"),
        new(Lie.Raises(Alarm.ObjectInvalid, "an object of an unknown kind", Changes, answer => answer.Edit(list => Change(list, scene.Bank.Value)["kind"] = "folder")), () => $"object {scene.Bank}"),
        Item("an item has another id", null, list => (Change(list, scene.Bank.Value)["id"], Stored(list, scene.Bank.Value)["id"]) = (Elsewhere, Elsewhere), named: () => $"item {Elsewhere}"),
        Item("another person's item is among them", null, list => Add(list, scene.BobsList, IdOf(scene.BobsList["objects"]![0])), named: () => $"item {IdOf(scene.BobsList["objects"]![0])}"),
        Item("an item of her other Vault is among them", null, list => Add(list, scene.HerOtherList, IdOf(scene.HerOtherList["objects"]![0])), named: () => $"item {IdOf(scene.HerOtherList["objects"]![0])}"),
        new(Lie.Raises(Alarm.HeadInvalid, "the head of her other Vault", Changes, answer => answer.Edit(list => (list["head"], list["chain"]) = (scene.HerOtherList["head"]!.DeepClone(), scene.HerOtherList["chain"]!.DeepClone()))), Named: null),
        new(Lie.Raises(Alarm.HeadInvalid, "the list of her other Vault", Changes, answer => answer.Json = scene.HerOtherList.DeepClone().AsObject()), Named: null),
        new(Lie.Raises(Alarm.HeadInvalid, "another person's head", Changes, answer => answer.Edit(list => (list["head"], list["chain"]) = (scene.BobsList["head"]!.DeepClone(), scene.BobsList["chain"]!.DeepClone()))), Named: null),
        new(Lie.Raises(Alarm.HeadInvalid, "another person's list", Changes, answer => answer.Json = scene.BobsList.DeepClone().AsObject()), Named: null),
        new(Lie.Raises(Alarm.RolledBack, "the list from before, and attributes of now", Changes, answer => answer.Json = scene.OlderList.DeepClone().AsObject()), Named: null),
        new(Lie.Raises(Alarm.HeadInvalid, "attributes of a head that there is not", Fetch, answer => answer.Edit(found => found["head"] = scene.BobsList["head"]!.DeepClone())), Named: null),
        new(Lie.Raises(Alarm.Forked, "a chain that leads nowhere", Changes, answer => answer.Edit(list => list["chain"] = new JsonArray())), Named: null),

        // Attributes, when they are fetched.
        Attribute(scene, "an attribute is withheld", 0, objects => objects.RemoveAt(0)),
        Attribute(scene, "an attribute is there twice", 0, objects => objects.Add(objects[0]!.DeepClone())),
        Attribute(scene, "two attributes of an item have each other's envelopes", 0, objects => Swap(objects, 0, 1, "sealed")),
        Attribute(scene, "attributes of one name in two items have each other's envelopes", 0, objects => Swap(objects, 0, 2, "sealed")),
        Attribute(scene, "two attributes have each other's ids", 1, objects => Swap(objects, 0, 1, "id")),
        Attribute(scene, "an attribute's revision is another", 0, objects => objects[0]!["revision"] = 9),
        Attribute(scene, "an attribute's key is another", 0, objects => objects[0]!["dek"] = scene.BobsList["objects"]![0]!["dek"]!.DeepClone()),
        Attribute(scene, "an attribute names an attachment", 0, objects => objects[0]!["attachment"] = Guid.NewGuid().ToString()),
        new(Lie.Raises(Alarm.ObjectInvalid, "an attribute is as it was before", Fetch, answer => answer.Edit(found =>
        {
            var objects = found["objects"]!.AsArray();
            var changed = scene.OlderAttributes.First(older => objects.Any(one => IdOf(one) == IdOf(older) && one!["sealed"]!.ToString() != older["sealed"]!.ToString()));
            objects[objects.ToList().FindIndex(one => IdOf(one) == IdOf(changed))] = changed.DeepClone();
        })), () => $"attribute {IdOf(scene.OlderAttributes.First(older => scene.Attributes.Any(one => IdOf(one) == IdOf(older) && one["sealed"]!.ToString() != older["sealed"]!.ToString())))}"),
        new(Lie.Raises(Alarm.ObjectInvalid, "an attribute is an item", Fetch, answer => answer.Edit(found => found["objects"]!.AsArray()[0] = Stored(scene.List, scene.Bank.Value).DeepClone())), () => $"item {scene.Bank}"),
    ];

    private const string Elsewhere = "7b0d9a52-5c0e-4f0e-9d1a-3f6f0f7f2a11";

    private static NamedLie Item(string name, Func<Guid>? id, Action<JsonObject> edit, bool eitherOf = false, Func<string>? named = null) =>
        new(Lie.Raises(Alarm.ObjectInvalid, name, Changes, answer => answer.Edit(edit)), eitherOf ? null : named ?? (() => $"item {id!()}"));

    private static NamedLie Attribute(VaultScene scene, string name, int index, Action<JsonArray> edit) => new(
        Lie.Raises(Alarm.ObjectInvalid, name, Fetch, answer => answer.Edit(found => edit(found["objects"]!.AsArray()))),
        () => $"attribute {IdOf(scene.Hostile.Proxy.Last(Fetch)["objects"]![index])}");

    private static void Swap(JsonArray objects, int one, int other, string member) =>
        (objects[one]![member], objects[other]![member]) = (objects[other]![member]!.DeepClone(), objects[one]![member]!.DeepClone());

    private static Guid IdOf(JsonNode? one) => Guid.Parse(one!["id"]!.GetValue<string>());

    private static JsonNode Change(JsonObject list, Guid id) => list["changes"]!.AsArray().Single(one => IdOf(one) == id)!;

    private static JsonNode Stored(JsonObject list, Guid id) => list["objects"]!.AsArray().Single(one => IdOf(one) == id)!;

    private static void Remove(JsonObject list, string member, Guid id)
    {
        var array = list[member]!.AsArray();
        if (array.FirstOrDefault(one => IdOf(one) == id) is { } found)
            array.Remove(found);
    }

    private static void Drop(JsonObject list, Guid id)
    {
        Remove(list, "changes", id);
        Remove(list, "objects", id);
    }

    // Under its own id, with all that stands beside the first item of another list.
    private static void TakeFrom(JsonObject list, Guid id, JsonObject from)
    {
        var (change, stored, other) = (Change(list, id), Stored(list, id), from["objects"]!.AsArray().First()!);
        (change["new"], stored["sealed"], stored["dek"], stored["revision"]) =
            (Change(from, IdOf(other))["new"]!.DeepClone(), other["sealed"]!.DeepClone(), other["dek"]!.DeepClone(), other["revision"]!.DeepClone());
    }

    private static void Add(JsonObject list, JsonObject from, Guid id)
    {
        list["changes"]!.AsArray().Add(Change(from, id).DeepClone());
        list["objects"]!.AsArray().Add(Stored(from, id).DeepClone());
    }

    private static void Replace(JsonObject list, JsonObject by, Guid id)
    {
        Drop(list, id);
        Add(list, by, id);
    }

    private static Guid FirstAttribute(JsonObject list) => IdOf(list["changes"]!.AsArray().First(one => one!["kind"]!.GetValue<string>() == "attribute"));

    /// <param name="Named">What the alarm must be about; null where nothing tells which object it is.</param>
    private sealed record NamedLie(Lie Lie, Func<string>? Named)
    {
        public string Call => Lie.Call;

        public string Name => Lie.Name;
    }
}
