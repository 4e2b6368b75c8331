using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Lies;
using Keyladder.Client.Tests.Vectors;
using Keyladder.Testing;
using Keyladder.Vectors;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.ExportParts;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>A Vault's export lies where others can write: whatever they make of it is refused, by name, before anything false is shown.</summary>
public sealed class VaultExportLies(VaultExportScene scene) : IClassFixture<VaultExportScene>
{
    private const string NotWhole = "not a Vault's export, or not a whole one";
    private const string NotInPlace = "is not what belongs there";
    private const string OlderOrDeleted = "an older or a deleted one";

    public static TheoryData<string> Names => [.. All.Select(lie => lie.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task An_export_that_is_not_what_the_account_signed_is_refused_by_name(string name)
    {
        var lie = All.Single(lie => lie.Name == name);

        var refusal = await Assert.ThrowsAsync<KeyladderException>(() => scene.OpenAsync(lie.Make(scene)));

        Assert.Equal(FailureReason.NotAllowed, refusal.Reason);
        Assert.Contains(lie.Says, refusal.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("exchanged"), InlineData("cut"), InlineData("longer"), InlineData("first byte"), InlineData("chunk"), InlineData("last byte")]
    public async Task An_attachment_that_is_not_the_one_is_refused_when_it_is_opened_and_the_rest_is_shown(string how)
    {
        var parts = ExportParts.Of(scene.Now);
        // Two that are sealed to one length: a chunk, and a byte less.
        var two = parts.Members.Where(member => member.Name.StartsWith("attachments/", StringComparison.Ordinal)).GroupBy(member => member.Bytes.Length).OrderByDescending(group => group.Key).First(group => group.Count() > 1).Take(2).ToArray();
        var ((name, bytes), (_, others)) = (two[0], two[1]);
        parts[name] = how switch
        {
            "exchanged" => others,
            "cut" => bytes[..^1],
            "longer" => [.. bytes, 0],
            "first byte" => Flipped(bytes, 0),
            "chunk" => Flipped(bytes, 1_000),
            _ => Flipped(bytes, bytes.Length - 1),
        };

        using var export = await scene.OpenAsync(parts.Bytes());
        var pictures = await export.GetAsync(export.Items.Single(item => item.Name == "Pictures").Id, Cancellation);

        var refusal = await Assert.ThrowsAsync<KeyladderException>(() => export.ExamineAsync(Cancellation));
        Assert.Contains($"{name.Replace("attachments/", "attachment ", StringComparison.Ordinal)} {NotInPlace}", refusal.Message, StringComparison.Ordinal);
        foreach (var attachment in pictures.Attributes.Select(attribute => attribute.Content.GetAttachment()!))
        {
            async Task ReadAsync()
            {
                await using var content = export.Open(attachment);
                await content.CopyToAsync(Stream.Null, Cancellation);
            }

            // The header and what pads the content are not looked at for it: the attribute says which bytes are the content.
            if (!name.EndsWith($"{attachment.Id}", StringComparison.Ordinal) || how == "first byte")
                await ReadAsync();
            else
                await Expect.FailureAsync(FailureReason.NotAllowed, ReadAsync);
        }
    }

    [Fact]
    public async Task Not_one_bit_of_it_can_be_another()
    {
        using (var whole = await scene.OpenAsync(scene.Now))
            await whole.ExamineAsync(Cancellation);
        // All over the file, in the last of it, and in every header at another place.
        var random = new Random(20261129); // the places alone; a failure names its own
        var places = Enumerable.Range(0, 300).Select(_ => random.Next(scene.Now.Length))
            .Concat(Enumerable.Range(0, 100).Select(_ => random.Next(40_000)))
            .Concat(Enumerable.Range(1, 20).Select(back => scene.Now.Length - (back * 101)));
        foreach (var place in places)
        {
            var refused = false;
            try
            {
                using var export = await scene.OpenAsync(Flipped(scene.Now, place, (byte)(1 << random.Next(8))));
                await export.ExamineAsync(Cancellation);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.NotAllowed)
            {
                refused = true;
            }

            Assert.True(refused, $"byte {place}");
        }
    }

    [Fact]
    public async Task A_file_that_is_changed_while_it_is_open_shows_nothing_false()
    {
        var file = scene.Now.ToArray();
        using var export = await scene.OpenAsync(file);
        var bank = export.Items.Single(item => item is { Name: "Bank", ConflictOf: null });
        await export.GetAsync(bank.Id, Cancellation);

        // The attributes of before, in the place of those of now: as long, and genuine.
        var aged = 0;
        var before = ExportParts.Of(scene.Before).Lines.Skip(1).ToDictionary(Id, line => Encoding.UTF8.GetBytes(line.ToJsonString()));
        foreach (var line in ExportParts.Of(scene.Now).Lines.Skip(1).Where(line => line["kind"]!.GetValue<string>() == "attribute" && before.ContainsKey(Id(line))))
        {
            var (now, old) = (Encoding.UTF8.GetBytes(line.ToJsonString()), before[Id(line)]);
            if (now.AsSpan().SequenceEqual(old))
                continue;
            Assert.Equal(now.Length, old.Length);
            old.CopyTo(file.AsSpan(file.AsSpan().IndexOf(now)));
            aged++;
        }

        Assert.Equal(1, aged);
        await Expect.FailureAsync(FailureReason.NotAllowed, () => export.GetAsync(bank.Id, Cancellation));
    }

    [Theory, InlineData("attribute with another leaf"), InlineData("attribute that is not there")]
    public async Task What_an_item_lists_otherwise_than_it_is_there_is_refused_before_anything_is_shown(string vector) =>
        await Expect.FailureAsync(FailureReason.NotAllowed, () => VaultExportVectors.OpenAsync(VectorFiles.Case("vault-exports", vector)));

    [Fact]
    public async Task An_older_export_is_as_genuine_as_it_was_and_no_other_service_is_asked()
    {
        using var before = await scene.OpenAsync(scene.Before);
        using var now = await scene.OpenAsync(scene.Now);
        Assert.True(before.Change.Number < now.Change.Number);
        await before.ExamineAsync(Cancellation);
    }

    [Theory, InlineData("flipped"), InlineData("padding"), InlineData("header"), InlineData("short"), InlineData("another"), InlineData("gone")]
    public async Task A_Vault_that_gives_another_attachment_is_found_before_the_export_is_whole(string how)
    {
        try
        {
            scene.Hostile.Proxy.Lie = answer =>
            {
                if (answer.Method != "GET" || !answer.Path.StartsWith("/v1/attachments/", StringComparison.Ordinal))
                    return;
                switch (how)
                {
                    case "flipped":
                        answer.Body[^1] ^= 1;
                        break;
                    case "padding":
                        // The last chunk but one of the large one: nothing but zeros, which no reader looks at.
                        if (answer.Body.Length > 1_000_000)
                            answer.Body[^20_000] ^= 1;
                        break;
                    case "header":
                        answer.Body[40] ^= 1;
                        break;
                    case "short":
                        answer.Body = answer.Body[..^1];
                        break;
                    case "another":
                        answer.Body = [.. Enumerable.Repeat((byte)7, answer.Body.Length)];
                        break;
                    default:
                        answer.Status = 404;
                        answer.Body = Encoding.UTF8.GetBytes("""{"type":"urn:keyladder:problem:not-found","title":"","status":404}""");
                        break;
                }
            };
            var alarm = await Assert.ThrowsAsync<IntegrityException>(scene.ExportAsync);
            Assert.StartsWith("attachment ", alarm.Object, StringComparison.Ordinal);
        }
        finally
        {
            scene.Hostile.TellTheTruth();
        }
    }

    [Theory, InlineData("an attribute is withheld"), InlineData("an attribute is another"), InlineData("an item is dropped"), InlineData("the state is older")]
    public async Task A_Vault_that_shows_another_state_writes_none_into_an_export(string how)
    {
        var account = await scene.Alice.UnlockAsync();
        await using var vault = await account.Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        var old = scene.Hostile.Proxy.Last("GET /v1/changes");
        await scene.Vault.PutAsync(VaultTests.Login("Later", how), Cancellation);
        var written = new MemoryStream();
        try
        {
            scene.Hostile.Proxy.Lie = answer =>
            {
                var call = $"{answer.Method} {answer.Path}";
                if (call == "POST /v1/objects/fetch")
                {
                    answer.Edit(json =>
                    {
                        var objects = json["objects"]!.AsArray();
                        if (how == "an attribute is withheld")
                            objects.RemoveAt(0);
                        else if (how == "an attribute is another")
                            Flip(objects[0]!, "sealed");
                    });
                }
                else if (call == "GET /v1/changes" && how == "an item is dropped")
                    answer.Edit(json => json["changes"]!.AsArray().RemoveAt(0));
                else if (call == "GET /v1/changes" && how == "the state is older")
                    answer.Json = (JsonObject)old.DeepClone();
            };
            await Assert.ThrowsAsync<IntegrityException>(() => account.ExportVaultAsync(vault, written, cancellationToken: Cancellation));
            Assert.Equal(0, written.Length);
        }
        finally
        {
            scene.Hostile.TellTheTruth();
        }
    }

    private static IReadOnlyList<ExportLie> All { get; } =
    [
        // The file.
        Whole("it is empty", NotWhole, _ => []),
        Whole("it is something else", NotWhole, _ => [.. Enumerable.Repeat((byte)'a', 5_000)]),
        Whole("it is nothing but zeros", NotWhole, _ => new byte[4_096]),
        Whole("it is the account's export", NotWhole, export => ExportParts.Of(export)["account.jsonl"]),
        Whole("its end is cut", NotWhole, export => export[..^512]),
        Whole("it is cut in an attachment", NotWhole, export => export[..^100_000]),
        Whole("it is cut in the first member", NotWhole, export => export[..1_000]),
        Whole("something follows", NotWhole, export => [.. export, 0]),
        Whole("there are more zeros", NotWhole, export => [.. export, .. new byte[512]]),
        Whole("something stands behind a member", NotWhole, export => Flipped(export, export.Length - 1_025)),
        Whole("the mode is another", NotWhole, export => Flipped(export, 105)),
        Whole("the time is another", NotWhole, export => Flipped(export, 140)),
        Whole("it is a link", NotWhole, export => Flipped(export, 156)),
        Whole("a length is larger than the file", NotWhole, export => [.. TarHeader.Create("account.jsonl", 1L << 40), .. export[512..]]),

        // The members.
        Members("the account is missing", NotWhole, members => members.RemoveAt(0)),
        Members("the Vault is missing", NotWhole, members => members.RemoveAt(1)),
        Members("they changed places", NotWhole, members => members.Reverse(0, 2)),
        Members("a member has another name", NotWhole, members => members[1] = ("vault.json", members[1].Bytes)),
        Members("an attachment was dropped", "is not in its place", members => members.RemoveAt(3)),
        Members("the last attachment was dropped", "is not in its place", members => members.RemoveAt(members.Count - 1)),
        Members("two attachments changed places", "is not in its place", members => members.Reverse(3, 2)),
        Members("an attachment stands there twice", "is not in its place", members => members.Insert(3, members[2])),
        Members("an attachment was added", "it holds more than what its items name", members => members.Add(("attachments/ffffffff-ffff-4fff-bfff-ffffffffffff", [1]))),
        Members("a file was added", "it holds more than what its items name", members => members.Add(("readme", [1]))),
        Member("account.jsonl", "another account's", "This secret does not open the export", (scene, _) => ExportParts.Of(scene.Bobs)["account.jsonl"]),
        Member("account.jsonl", "cut", "not a whole one", (_, bytes) => bytes[..^1]),
        Member("account.jsonl", "without its last key", "were signed for", (_, bytes) => bytes[..(bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1)]),
        Member("vault.jsonl", "empty", NotWhole, (_, _) => []),
        Member("vault.jsonl", "cut", NotWhole, (_, bytes) => bytes[..^1]),
        Member("vault.jsonl", "continued", NotWhole, (_, bytes) => [.. bytes, .. "null\n"u8]),
        Member("vault.jsonl", "another person's", "the account has no keys of that Vault", (scene, _) => ExportParts.Of(scene.Bobs)["vault.jsonl"]),
        // Genuine by itself: another Vault of hers, which has no attachments.
        Member("vault.jsonl", "another Vault's", "it holds more than what its items name", (scene, _) => ExportParts.Of(scene.Second)["vault.jsonl"]),

        // The first line.
        Lines("another format", NotWhole, (_, lines) => lines[0]["format"] = "keyladder-vault/v2"),
        Lines("a member is unknown", NotWhole, (_, lines) => lines[0]["more"] = 1),
        Lines("another account", "the account has no keys of that Vault", (_, lines) => lines[0]["account"] = Guid.NewGuid().ToString()),
        Lines("the account of her other Vault", NotInPlace, (scene, lines) => lines[0]["account"] = ExportParts.Of(scene.Second).Lines[0]["account"]!.DeepClone()),
        Lines("no head", NotInPlace, (_, lines) => lines[0]["head"] = "eyJ"),
        Lines("another person's head", NotInPlace, (scene, lines) => lines[0]["head"] = ExportParts.Of(scene.Bobs).Lines[0]["head"]!.DeepClone()),
        Lines("the head of her other Vault", NotInPlace, (scene, lines) => lines[0]["head"] = ExportParts.Of(scene.Second).Lines[0]["head"]!.DeepClone()),
        Lines("an older head", "that were signed for", (scene, lines) => lines[0]["head"] = ExportParts.Of(scene.Before).Lines[0]["head"]!.DeepClone()),
        Lines("a signature that was changed", NotInPlace, (_, lines) => lines[0]["head"] = $"{lines[0]["head"]!.GetValue<string>()[..^4]}AAAA"),

        // The objects.
        Lines("one was dropped", "were signed for", (_, lines) => lines.RemoveAt(4)),
        Lines("all were dropped", "it holds 0 items and attributes", (_, lines) => lines.RemoveRange(1, lines.Count - 1)),
        Lines("another person's item stands for one", NotInPlace, (scene, lines) =>
        {
            lines.RemoveAt(1);
            Insert(lines, One(ExportParts.Of(scene.Bobs).Lines, "item"));
        }),
        Lines("one stands there twice", "is there twice, or out of its order", (_, lines) =>
        {
            lines.RemoveAt(1);
            lines.Insert(1, lines[1].DeepClone().AsObject());
        }),
        Lines("two changed places", "is there twice, or out of its order", (_, lines) => (lines[1], lines[2]) = (lines[2].DeepClone().AsObject(), lines[1].DeepClone().AsObject())),
        Lines("an item is older", OlderOrDeleted, (scene, lines) => Age(scene, lines, "item")),
        Lines("an attribute is older", OlderOrDeleted, (scene, lines) => Age(scene, lines, "attribute")),
        Lines("an item says that it is an attribute", OlderOrDeleted, (_, lines) => One(lines, "item")["kind"] = "attribute"),
        Lines("an attribute says that it is an item", NotInPlace, (_, lines) => One(lines, "attribute")["kind"] = "item"),
        Lines("there is another kind", NotInPlace, (_, lines) => lines[1]["kind"] = "note"),
        Lines("an item has another id", NotInPlace, (_, lines) => lines[lines.FindLastIndex(line => line["kind"]?.GetValue<string>() == "item")]["id"] = "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        Lines("an item is in another revision", NotInPlace, (_, lines) => One(lines, "item")["revision"] = 99),
        Lines("an attribute is in another revision", OlderOrDeleted, (_, lines) => One(lines, "attribute")["revision"] = 99),
        Lines("one is in no revision", NotInPlace, (_, lines) => lines[1]["revision"] = 0),
        Lines("an item is of another key", NotInPlace, (_, lines) => Flip(One(lines, "item"), "dek")),
        Lines("an attribute is of another key", OlderOrDeleted, (_, lines) => Flip(One(lines, "attribute"), "dek")),
        Lines("an item was changed", NotInPlace, (_, lines) => Flip(One(lines, "item"), "sealed")),
        Lines("an attribute was changed", OlderOrDeleted, (_, lines) => Flip(One(lines, "attribute"), "sealed")),
        Lines("an attribute names no attachment any more", OlderOrDeleted, (_, lines) => lines.First(line => line["attachment"] is not null).Remove("attachment")),
        Lines("an attribute names another attachment", OlderOrDeleted, (_, lines) => lines.First(line => line["attachment"] is not null)["attachment"] = Guid.NewGuid().ToString()),
        Lines("one has a member more", NotWhole, (_, lines) => lines[1]["name"] = "Bank"),
        Lines("one is too long", NotWhole, (_, lines) => lines[1]["sealed"] = new string('A', 100_000)),
    ];

    private static byte[] Flipped(byte[] bytes, int at, byte bits = 1)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= bits;
        return changed;
    }

    private static JsonObject One(List<JsonObject> lines, string kind) => lines.First(line => line["kind"]?.GetValue<string>() == kind);

    /// <summary>As it was before, where it is another now; there as well as here.</summary>
    private static void Age(VaultExportScene scene, List<JsonObject> lines, string kind)
    {
        var before = ExportParts.Of(scene.Before).Lines.Skip(1).ToDictionary(Id);
        var at = lines.FindIndex(line => line["kind"]?.GetValue<string>() == kind && before.TryGetValue(Id(line), out var old) && old["revision"]!.GetValue<long>() < line["revision"]!.GetValue<long>());
        lines[at] = before[Id(lines[at])];
    }

    private static void Insert(List<JsonObject> lines, JsonObject line)
    {
        var at = lines.FindIndex(1, other => string.CompareOrdinal(Id(other), Id(line)) > 0);
        lines.Insert(at < 0 ? lines.Count : at, line.DeepClone().AsObject());
    }

    private static ExportLie Whole(string name, string says, Func<byte[], byte[]> make) => new(name, says, scene => make(scene.Now));

    private static ExportLie Members(string name, string says, Action<List<(string Name, byte[] Bytes)>> edit) => new($"members: {name}", says, scene =>
    {
        var parts = ExportParts.Of(scene.Now);
        edit(parts.Members);
        return parts.Bytes();
    });

    private static ExportLie Member(string member, string name, string says, Func<VaultExportScene, byte[], byte[]> edit) => new($"{member}: {name}", says, scene =>
    {
        var parts = ExportParts.Of(scene.Now);
        parts[member] = edit(scene, parts[member]);
        return parts.Bytes();
    });

    private static ExportLie Lines(string name, string says, Action<VaultExportScene, List<JsonObject>> edit) => new($"lines: {name}", says, scene =>
    {
        var parts = ExportParts.Of(scene.Now);
        var lines = parts.Lines;
        edit(scene, lines);
        parts.Lines = lines;
        return parts.Bytes();
    });

    private sealed record ExportLie(string Name, string Says, Func<VaultExportScene, byte[]> Make);
}
