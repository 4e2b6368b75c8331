using System.Globalization;
using System.Text;
using System.Text.Json;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using Keyladder.Vectors;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>
/// Alice shares one attribute with twenty others, who are all at one Keystore and one Vault that are not hers. What any two of them hold, or have seen go by, is laid side by side, and so
/// are the databases of all services: whoever compares finds that they know the same value, and nothing else that two of them have in common.
/// </summary>
public sealed class CorrelationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Others = 20;

    // What all of them know because she told them: not what identifies her, but what she shares.
    private const string Attribute = "iban of the household";
    private const string Value = "DE02 1203 0000 0000 2020 51";

    private readonly List<VaultOwner> _people = [];
    private readonly List<View> _views = [];
    private KeystoreHost _keystore = null!;
    private VaultHost _hers = null!;
    private VaultHost _theirs = null!;

    public async ValueTask InitializeAsync()
    {
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        (_hers, _theirs) = (await VaultHost.StartAsync(Engine.Sqlite, recorded: true), await VaultHost.StartAsync(Engine.Sqlite, recorded: true));
        var (alice, item, attribute) = await BeginAsync();
        var seen = new List<Exchange>[Others];
        var people = new List<Client.Vault>();
        for (var number = 0; number < Others; number++)
        {
            var other = new VaultOwner(_keystore.Origin, _theirs.Origin);
            _people.Add(other);
            people.Add(await other.CreateAsync());
            var invitation = await alice.Relationships.InviteAsync($"friend {number}", cancellationToken: Cancellation);
            seen[number] = await RecordAsync(() => people[number].Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation));
            await alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        }

        // With all of them at once.
        await alice.Relationships.ShareAsync([.. (await alice.Relationships.ListAsync(Cancellation)).Select(each => each.Id)], item, attribute, new ShareTerms(TellWhenRead: true), cancellationToken: Cancellation);
        await ReadAllAsync();
        await alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        await alice.PutAsync((await alice.GetAsync(item, Cancellation)).Edit().With(ItemAttribute.Text("more", "something else")), Cancellation);
        foreach (var share in await alice.Relationships.ListGivenAsync(Cancellation))
            await alice.Relationships.UpdateAsync(share, cancellationToken: Cancellation);
        await ReadAllAsync();
        for (var number = 0; number < Others; number++)
            _views.Add(await View.OfAsync(people[number], seen[number]));

        async Task ReadAllAsync()
        {
            for (var number = 0; number < Others; number++)
            {
                var him = people[number];
                seen[number].AddRange(await RecordAsync(async () =>
                {
                    Assert.Empty((await him.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
                    await him.Relationships.OpenAsync(Assert.Single(await him.Relationships.ListHeldAsync(Cancellation)), Cancellation);
                }));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var person in _people)
            await person.DisposeAsync();
        await _theirs.DisposeAsync();
        await _hers.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    [Fact]
    public async Task I01_I02_no_two_of_twenty_recipients_hold_or_see_anything_in_common_and_no_two_services()
    {
        var views = _views.ConvertAll(view => SharedValues.Of(view.Values));
        Assert.All(views, view => Assert.True(view.Count > 20_000));
        for (var one = 0; one < Others; one++)
        {
            for (var other = one + 1; other < Others; other++)
                Assert.Empty(SharedValues.Find(views[one], views[other]));
        }

        // The very plaintext that both have been told is in none of what is compared: it is what they may compare.
        Assert.All(_views, view => Assert.Equal(Value, view.Read));

        var document = File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));
        var databases = new List<IReadOnlyDictionary<SharedValues.Trace, string[]>>();
        foreach (var service in (ServiceHost[])[_keystore, _hers, _theirs])
            databases.Add(await SharedValues.ReadAsync(service.Database, document));
        for (var one = 0; one < databases.Count; one++)
        {
            for (var other = one + 1; other < databases.Count; other++)
                Assert.Empty(SharedValues.Find(databases[one], databases[other]));
        }

        await ReportJoinByTimeAsync();
    }

    /// <summary>The control: one value of another's planted in what a recipient holds, in any of its places, is found.</summary>
    [Fact]
    public void Any_value_that_two_recipients_hold_is_found()
    {
        var one = SharedValues.Of(_views[0].Values);
        foreach (var (place, value) in _views[0].Values.DistinctBy(value => value.Place))
        {
            // JSON whole, for its values are many; of bytes eight in the middle.
            object stolen = value is byte[] bytes ? bytes.AsSpan((bytes.Length / 2) - 4, 8).ToArray() : value;
            var planted = SharedValues.Of([.. _views[1].Values, ("planted", stolen)]);
            Assert.True(SharedValues.Find(one, planted).Count > 0, place);
        }
    }

    /// <summary>For each recipient of hers at the others' Vault: the account at the Keystore whose events are nearest in time. A guess is right once in twenty.</summary>
    private async Task ReportJoinByTimeAsync()
    {
        var (there, here) = (await HoursAsync(_theirs), await HoursAsync(_keystore));
        var rate = 0.0;
        foreach (var (_, hours) in there)
        {
            var distances = here.Select(account => hours.Min(hour => account.Hours.Min(other => Math.Abs(hour - other)))).ToList();
            rate += 1.0 / distances.Count(distance => distance == distances.Min());
        }

        output.WriteLine($"Join of {there.Count} accounts by nearest time: {rate / there.Count:P0} right; by chance {1.0 / here.Count:P0}.");
        Assert.True(there.Count == Others);
    }

    private static async Task<List<(string Account, List<long> Hours)>> HoursAsync(ServiceHost service)
    {
        var (_, columns, rows) = (await service.Database.TablesAsync()).Single(table => table.Table == "audit_events");
        var (account, hour) = (Array.IndexOf(columns, "account_id"), Array.IndexOf(columns, "hour"));
        return [.. rows.GroupBy(row => row[account]).Select(group => (group.Key, group.Select(row => long.Parse(row[hour], CultureInfo.InvariantCulture)).ToList()))];
    }

    private async Task<(Client.Vault Alice, ItemId Item, AttributeId Attribute)> BeginAsync()
    {
        var owner = new VaultOwner(_keystore.Origin, _hers.Origin);
        _people.Add(owner);
        var alice = await owner.CreateAsync();
        var draft = ItemDraft.New("Household").With(ItemAttribute.Text(Attribute, Value));
        await alice.PutAsync(draft, Cancellation);
        return (alice, draft.Id, draft.Attributes[0].Id);
    }

    /// <summary>What passes between the others and both Vaults while one of them does something.</summary>
    private async Task<List<Exchange>> RecordAsync(Func<Task> something)
    {
        var (hers, theirs) = (_hers.Proxy!.Exchanges.Count, _theirs.Proxy!.Exchanges.Count);
        await something();
        return [.. _hers.Proxy.Exchanges.Skip(hers), .. _theirs.Proxy.Exchanges.Skip(theirs)];
    }

    /// <summary>All that one recipient has of Alice: what goes over the wire, what lies in it, and what his own client keeps; but for what she told him.</summary>
    private sealed record View(List<(string Place, object Value)> Values, string Read)
    {
        public static async Task<View> OfAsync(Client.Vault him, List<Exchange> seen)
        {
            var values = new List<(string Place, object Value)>();
            foreach (var exchange in seen)
            {
                values.AddRange(Heads(exchange.Request).Concat(Heads(exchange.Response)));
                foreach (var body in (byte[][])[exchange.RequestBody, exchange.ResponseBody])
                {
                    if (body.Length > 0)
                        values.Add(("body", JsonDocument.Parse(body).RootElement));
                }
            }

            var relationship = Assert.Single(await him.Relationships.ListAsync(Cancellation));
            var held = Assert.Single(await him.Relationships.ListHeldAsync(Cancellation));
            var content = Assert.Single((await him.Relationships.OpenAsync(held, Cancellation)).Attributes);
            var state = JsonSerializer.SerializeToNode(relationship.Item.State, RelationshipRecordsJson.Strict.RelationshipState)!.AsObject();
            state["other"]!.AsObject().Remove("origin"); // of her Vault, where others are too
            values.Add(("state", JsonDocument.Parse(state.ToJsonString()).RootElement));
            // The name is what he was told, as the value is.
            Assert.Equal(content.Content.Name, held.Record.Name);
            values.Add(("held", JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(held.Record with { Name = null }, RelationshipRecordsJson.Strict.HeldRecord)).RootElement));
            values.Add(("bundle", Payload(relationship.Item.State.Other!.Bundle)));
            values.Add(("did", relationship.OtherDid!.PublicKey!.Bytes.ToArray()));
            values.Add(("attribute", content.Id.Value.ToByteArray(bigEndian: true)));
            values.Add(("relationship", relationship.Id.Value.ToByteArray(bigEndian: true)));
            return new View(values, content.Content.GetText());
        }

        private static JsonElement Payload(string jws) =>
            Base64UrlText.TryDecode(jws.Split('.')[1], out var payload) ? JsonDocument.Parse(payload).RootElement : throw new FormatException(jws);

        // The names of fields, and what all requests of all programs say alike, are the protocol's; when something was done is not the subject.
        private static IEnumerable<(string Place, object Value)> Heads(string head)
        {
            foreach (var line in head.Split('\n').Select(line => line.Trim()))
            {
                var isDigest = line.StartsWith("Content-Digest:", StringComparison.OrdinalIgnoreCase) && !line.Contains(Cryptography.Signing.ContentDigest.Of([]).ToString(), StringComparison.Ordinal);
                if (isDigest || line.StartsWith("Signature:", StringComparison.OrdinalIgnoreCase))
                    yield return (line.Split(':')[0], Convert.FromBase64String(line[(line.IndexOf('=', StringComparison.Ordinal) + 2)..^1]));
                foreach (var parameter in line.StartsWith("Signature-Input:", StringComparison.OrdinalIgnoreCase) ? line.Split(';') : [])
                {
                    if (parameter.StartsWith("keyid=", StringComparison.Ordinal) || parameter.StartsWith("nonce=", StringComparison.Ordinal))
                        yield return (parameter[..5], Encoding.ASCII.GetBytes(parameter[7..^1]));
                }
            }
        }
    }
}
