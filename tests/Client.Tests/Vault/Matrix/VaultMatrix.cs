using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>
/// Every lie about every object of a Vault of 200: told to a device without memory, to one that runs, and where objects are fetched; and the
/// pairs of them. Each is an alarm that names what was lied about, and nothing is shown.
/// </summary>
public sealed class VaultMatrix(MatrixScene scene) : IClassFixture<MatrixScene>
{
    private const int Items = MatrixScene.Items;
    private const int Objects = Items * (1 + MatrixScene.AttributesEach);

    private static readonly Dictionary<ObjectName, ObjectMessage> Unseen = [];

    // Items are the first forty numbers: two of them, one and an attribute, two attributes, and one object alone.
    private static readonly Func<int, (int One, int Other)>[] Places =
    [
        pair => (pair % Items, (pair + 7) % Items),
        pair => (pair % Items, Attribute((pair * 11) + 3)),
        pair => (Attribute(pair * 13), (pair + 5) % Items),
        pair => (Attribute(pair * 17), Attribute((pair * 17) + 59)),
        pair => (pair * 19 % Objects, pair * 19 % Objects),
    ];

    public static TheoryData<string> Lies => [.. MatrixLie.All.Select(lie => lie.Name)];

    /// <summary>
    /// The lie stands in the list of leaves and in the objects, which fit each other: the root alone shows it. 200 cases for each lie. But of
    /// an attribute a list has nothing but a hash, where key, revision and attachment are one lie, so that there each has every third; and
    /// what differs from another lie only by what stays beside it has every sixth object.
    /// </summary>
    [Theory, MemberData(nameof(Lies))]
    public Task B04_B05_B06_B07_B09_D04_D05_D06_D07_every_lie_about_every_object_is_named_by_a_device_without_memory(string lie) => EachAsync(
        (MatrixLie.Variants.Contains(lie) ? EverySixth(lie) : Enumerable.Range(0, Objects))
            .Where(one => one < Items || !MatrixLie.OfHash.Contains(lie) || one % 3 == MatrixLie.OfHash.IndexOf(lie)).Select(one => Tell(lie, one)),
        told => scene.Show(List(told)),
        () => scene.NewDevice().ListAsync(Cancellation));

    /// <summary>The same in what changed since: every sixth object for each lie, two lies about each object.</summary>
    [Theory, MemberData(nameof(Lies))]
    public async Task B04_B05_B06_B07_B09_D04_D05_D06_D07_every_lie_is_named_by_a_device_that_runs(string lie)
    {
        var running = await scene.NewDeviceAsync(scene.OlderList);
        await EachAsync(
            EverySixth(lie).Select(one => Tell(lie, one)),
            told => scene.Show(told.ToList(scene.Delta, scene.Before, leaves: true, envelopes: true)),
            () => running.SyncAsync(Cancellation),
            knowsAll: true);
        Assert.Equal(scene.Truth, await MatrixScene.ReadAsync(running));
    }

    /// <summary>The list of leaves is true: an object that does not fit it is no object. And the other way round.</summary>
    [Theory, MemberData(nameof(Lies))]
    public async Task B04_B05_B06_B07_B09_D04_D05_D06_D07_leaves_and_objects_that_do_not_fit_are_named(string lie)
    {
        await EachAsync(
            EverySixth(lie).Where(_ => lie != MatrixLie.Missing).Select(one => Tell(lie, one)),
            told => scene.Show(told.ToList(scene.List, Unseen, leaves: false, envelopes: true)),
            () => scene.NewDevice().ListAsync(Cancellation));
        await EachAsync(
            EverySixth(lie).Where(one => one % 7 == 0).Select(one => Tell(lie, one)),
            told => scene.Show(told.ToList(scene.List, Unseen, leaves: true, envelopes: false)),
            () => scene.NewDevice().ListAsync(Cancellation));
    }

    /// <summary>The items that the list had no room for: 40 cases for each lie.</summary>
    [Theory, MemberData(nameof(Lies))]
    public Task B04_B05_B06_B07_B09_D04_D05_D06_D07_every_lie_about_every_item_is_named_where_items_are_fetched(string lie) => EachAsync(
        Enumerable.Range(0, Items).Select(one => Tell(lie, one)),
        told => scene.Show(Json(scene.List with { Objects = [] }), told),
        () => scene.NewDevice().ListAsync(Cancellation),
        knowsAll: true);

    /// <summary>160 cases for each lie; the device goes on with the truth afterwards.</summary>
    [Theory, MemberData(nameof(Lies))]
    public async Task B04_B05_B06_B07_B09_D04_D05_D06_D07_every_lie_about_every_attribute_is_named_where_items_are_opened(string lie)
    {
        var device = await scene.NewDeviceAsync(scene.List);
        foreach (var one in Enumerable.Range(Items, Objects - Items))
        {
            await EachAsync(
                [Tell(lie, one)],
                told => scene.Show(Json(scene.Nothing), told),
                () => device.GetManyAsync([scene.ItemOf[scene.Names[one]], scene.ItemOf[scene.Names[Next(one)]]], Cancellation));
        }

        Assert.Equal(scene.Truth, await MatrixScene.ReadAsync(device));
    }

    /// <summary>What a service that lies about the same object in each of its answers, with the proof that it has, cannot hide either.</summary>
    [Theory, MemberData(nameof(Lies))]
    public Task B04_B05_B06_B07_B09_D04_D05_D06_D07_a_lie_that_is_kept_up_when_it_is_asked_about_is_named(string lie) => EachAsync(
        EverySixth(lie).Where(one => one % 5 == 0).Select(one => Tell(lie, one)),
        told => scene.ShowProven(List(told), told),
        () => scene.NewDevice().ListAsync(Cancellation));

    /// <summary>All 91 pairs of lies at five places each, in a list and in what changed since; and at two of them where items are opened.</summary>
    [Fact]
    public async Task B04_B05_B06_B07_B09_D04_D05_D06_D07_every_pair_of_lies_names_one_of_the_two()
    {
        (MatrixLie One, MatrixLie Other)[] pairs = [.. from one in MatrixLie.All.Index() from other in MatrixLie.All.Skip(one.Index) select (one.Item, other)];
        var (running, device) = (await scene.NewDeviceAsync(scene.OlderList), await scene.NewDeviceAsync(scene.List));
        var cases = 0;
        foreach (var (number, (lie, second)) in pairs.Index())
        {
            foreach (var (index, place) in Places.Index())
            {
                var (one, other) = place(number);
                Pretence Both()
                {
                    var told = Tell(lie.Name, one);
                    second.Tell(told, scene, other, Next(other));
                    return told;
                }

                cases += await EachAsync([Both()], told => scene.Show(List(told)), () => scene.NewDevice().ListAsync(Cancellation));
                if (index == number % Places.Length)
                    cases += await EachAsync([Both()], told => scene.Show(told.ToList(scene.Delta, scene.Before, leaves: true, envelopes: true)), () => running.SyncAsync(Cancellation), knowsAll: true);
                if (Math.Min(one, other) >= Items)
                {
                    ItemId[] items = [.. new[] { one, Next(one), other, Next(other) }.Select(each => scene.ItemOf[scene.Names[each]]).Distinct()];
                    cases += await EachAsync([Both()], told => scene.Show(Json(scene.Nothing), told), () => device.GetManyAsync(items, Cancellation));
                }
            }
        }

        Assert.Equal(91, pairs.Length);
        Assert.Equal(707, cases);
        Assert.Equal(scene.Truth, await MatrixScene.ReadAsync(running));
        Assert.Equal(scene.Truth, await MatrixScene.ReadAsync(device));
    }

    /// <summary>Where the service does not say what the list is wrong about, there is no name, but an alarm all the same.</summary>
    [Theory, InlineData(400), InlineData(404), InlineData(200)]
    public async Task D04_a_false_list_is_an_alarm_whatever_the_service_says_when_it_is_asked_where(int status)
    {
        scene.Show(List(Tell("it is as it was before", Items)));
        scene.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == VaultScene.Fetch)
                (answer.Status, answer.Body) = (status, """{"type":"urn:keyladder:problem:malformed-request"}"""u8.ToArray());
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => scene.NewDevice().ListAsync(Cancellation));
        scene.TellTheTruth();
        Assert.Equal(Alarm.ProofInvalid, refusal.Alarm);
    }

    [Fact]
    public async Task An_item_that_is_asked_for_twice_is_opened_twice()
    {
        scene.TellTheTruth();
        var id = scene.ItemOf[scene.Names[0]];
        Assert.Equal([id, id], (await scene.NewDevice().GetManyAsync([id, id], Cancellation)).Select(item => item.Id));
    }

    [Fact]
    public async Task The_truth_is_shown()
    {
        scene.TellTheTruth();
        Assert.Equal(scene.Truth, await MatrixScene.ReadAsync(scene.NewDevice()));
        Assert.Equal(Items, scene.Truth.Split('\n').Length);
        Assert.Contains("new 39: field 0=new 39 field 1=new 39 field 2=new 39 field 3=new 39", scene.Truth, StringComparison.Ordinal);
    }

    private static int Attribute(int number) => Items + (number % (Objects - Items));

    // The next one of its kind.
    private static int Next(int one) => one < Items ? (one + 1) % Items : Attribute(one + 1 - Items);

    private static IEnumerable<int> EverySixth(string lie) =>
        Enumerable.Range(0, Objects).Where(one => (one + MatrixLie.All.Index().Single(each => each.Item.Name == lie).Index) % 6 == 0);

    private static byte[] Json(ObjectChangesResponse list) => JsonSerializer.SerializeToUtf8Bytes(list, ProtocolJson.Default.ObjectChangesResponse);

    private byte[] List(Pretence told) => told.ToList(scene.List, Unseen, leaves: true, envelopes: true);

    private Pretence Tell(string lie, int one)
    {
        var told = new Pretence(scene);
        MatrixLie.All.Single(each => each.Name == lie).Tell(told, scene, one, Next(one));
        return told;
    }

    /// <param name="knowsAll">Whether the device has seen, or is told, the names of all that is there.</param>
    /// <returns>How many there were.</returns>
    private async Task<int> EachAsync(IEnumerable<Pretence> lies, Action<Pretence> show, Func<Task> read, bool knowsAll = false)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var told in lies.Where(told => told.IsFalse))
        {
            show(told);
            var outcome = await Record.ExceptionAsync(read);
            scene.TellTheTruth();
            count++;
            // What has never been seen, and is not listed, has no name: there it is the head.
            if (outcome is not IntegrityException alarm || !(told.IsSilence && !knowsAll ? alarm.Alarm == Alarm.ProofInvalid : told.Touched.Contains(alarm.Object)))
                failures.Add($"{string.Join(", ", told.Touched)}: {outcome?.Message ?? "shown"}");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {count}, such as\n{string.Join('\n', failures.Take(3))}");
        return count;
    }
}
