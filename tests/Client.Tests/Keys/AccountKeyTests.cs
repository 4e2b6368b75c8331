using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Keys;

public sealed class AccountKeyTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task Each_kind_of_key_comes_back_as_what_it_is(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var withBob = await me.Keys.GenerateSharingAsync("with Bob", Cancellation);
        var desk = await me.Keys.GenerateSigningAsync(cancellationToken: Cancellation);

        var there = (await alice.UnlockAsync()).Keys;
        var listed = (await there.ListAsync(Cancellation)).ToDictionary(key => key.Id);

        Assert.Equal([KeyPurpose.PersonalDek, KeyPurpose.SharingDek, KeyPurpose.Signing], new[] { photos.Id, withBob.Id, desk.Id }.Select(id => listed[id].Purpose));
        Assert.Equal(["photos", "with Bob", null], new[] { photos.Id, withBob.Id, desk.Id }.Select(id => listed[id].Label));
        Assert.Equal(desk.Did, listed[desk.Id].Did);
        Assert.Null(listed[photos.Id].Did);
        var id = DataId.Generate();
        Assert.Equal("for Bob"u8.ToArray(), (await there.GetSharingAsync(withBob.Id, Cancellation)).Open(id, withBob.Seal(id, "for Bob"u8)));
        using var content = new MemoryStream("a letter"u8.ToArray());
        var statement = await there.UnwrapSigning(listed[desk.Id]).SignAsync(content, DateTimeOffset.UnixEpoch, Cancellation);
        Assert.True(SignedContent.TryVerifyStatement(statement, desk.Did, out var verified));
        Assert.True(await verified.MatchesAsync(new MemoryStream("a letter"u8.ToArray()), Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_key_is_handed_out_in_its_own_role_only(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var keys = (await alice.SignUpAsync()).Keys;
        var photos = (await keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        var desk = (await keys.GenerateSigningAsync("desk", Cancellation)).Id;

        await FailsAsync(FailureReason.NotAllowed, () => keys.GetSharingAsync(photos, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => keys.GetSigningAsync(photos, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => keys.GetPersonalAsync(desk, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => keys.GenerateManyAsync([new NewKey(KeyPurpose.Identity)], Cancellation));
        await FailsAsync(FailureReason.NotFound, () => keys.GetAsync(KeyId.Generate(), Cancellation));
        await FailsAsync(FailureReason.NotFound, () => keys.GetManyAsync([photos, KeyId.Generate()], Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task The_identity_keypair_is_neither_shown_nor_changed_nor_handed_out(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var (_, body) = await me.SendAsync(HttpMethod.Get, "/v1/changes", cancellationToken: Cancellation);
        var change = JsonNode.Parse(body.Span)!["changes"]!.AsArray().Single();
        Assert.True(KeyId.TryParse(change!["id"]!.GetValue<string>(), out var identity));

        Assert.Empty(await me.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Keys.DeleteAsync(identity, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Keys.RenameAsync(identity, "me", Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Keys.SetStateAsync(identity, KeyState.Compromised, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.Keys.GetSigningAsync(identity, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_key_that_is_not_active_opens_and_verifies_and_seals_and_signs_nothing(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var keys = (await alice.SignUpAsync()).Keys;
        var photos = await keys.GeneratePersonalAsync("photos", Cancellation);
        var desk = await keys.GenerateSigningAsync("desk", Cancellation);
        var id = DataId.Generate();
        var box = photos.Seal(id, "a photo"u8);

        await keys.SetStateManyAsync([photos.Id, desk.Id], KeyState.Deactivated, Cancellation);

        // The keys in use here follow at once; another device follows when it asks.
        foreach (var key in new[] { photos, await (await alice.UnlockAsync()).Keys.GetPersonalAsync(photos.Id, Cancellation) })
        {
            Assert.Throws<KeyStateException>(() => key.Seal(id, "another"u8));
            await Assert.ThrowsAsync<KeyStateException>(() => key.SealFileAsync(new MemoryStream(), new MemoryStream(), Cancellation));
            Assert.Equal("a photo"u8.ToArray(), key.Open(id, box));
        }

        await Assert.ThrowsAsync<KeyStateException>(() => desk.SignAsync(new MemoryStream(), DateTimeOffset.UnixEpoch, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => keys.SetStateAsync(photos.Id, KeyState.Active, Cancellation));
        await keys.SetStateAsync(photos.Id, KeyState.Deactivated, Cancellation);
        await keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        await FailsAsync(FailureReason.NotAllowed, () => keys.SetStateAsync(photos.Id, KeyState.Deactivated, Cancellation));
        Assert.Equal([KeyState.Compromised, KeyState.Deactivated], (await keys.GetManyAsync([photos.Id, desk.Id], Cancellation)).Select(key => key.State));
    }

    [Theory, OnBothEngines]
    public async Task Labels_change_and_deleted_keys_are_gone(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var keys = (await alice.SignUpAsync()).Keys;
        var photos = (await keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        var letters = (await keys.GeneratePersonalAsync("letters", Cancellation)).Id;

        await keys.RenameAsync(photos, "Fotos 📷", Cancellation);
        await keys.RenameAsync(letters, null, Cancellation);
        await Assert.ThrowsAsync<ArgumentException>(() => keys.RenameAsync(photos, new string('a', 129), Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => keys.GeneratePersonalAsync("a\nb", Cancellation));
        Assert.Equal(["Fotos 📷", null], (await keys.GetManyAsync([photos, letters], Cancellation)).Select(key => key.Label));

        await keys.DeleteAsync(letters, Cancellation);
        await FailsAsync(FailureReason.NotFound, () => keys.GetAsync(letters, Cancellation));
        await FailsAsync(FailureReason.NotFound, () => keys.DeleteManyAsync([photos, letters], Cancellation));
        Assert.Equal(photos, Assert.Single(await keys.ListAsync(Cancellation)).Id);
        Assert.Equal(photos, Assert.Single(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation)).Id);
    }

    [Theory, OnBothEngines]
    public async Task More_keys_than_one_call_holds_are_made_listed_fetched_and_deleted(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var keys = (await alice.SignUpAsync()).Keys;

        var made = await keys.GenerateManyAsync([.. Enumerable.Range(0, 1_203).Select(number => new NewKey((number % 3) switch
        {
            0 => KeyPurpose.PersonalDek,
            1 => KeyPurpose.SharingDek,
            _ => KeyPurpose.Signing,
        }, $"key {number}"))], Cancellation);
        var ids = made.Select(key => key.Id).ToList();

        Assert.Equal(1_203, ids.Distinct().Count());
        Assert.Equal(ids.ToHashSet(), (await keys.ListAsync(Cancellation)).Select(key => key.Id).ToHashSet());
        Assert.Equal(ids, (await keys.GetManyAsync(ids, Cancellation)).Select(key => key.Id));
        Assert.Equal([.. Enumerable.Range(0, 1_203).Select(number => $"key {number}")], (await keys.GetManyAsync(ids, Cancellation)).Select(key => key.Label));
        var there = (await alice.UnlockAsync()).Keys;
        Assert.Equal(1_203, (await there.ListAsync(Cancellation)).Count);

        await keys.DeleteManyAsync([.. ids.Skip(1)], Cancellation);

        Assert.Equal(ids[0], Assert.Single(await keys.ListAsync(Cancellation)).Id);
        Assert.Equal(ids[0], Assert.Single(await there.ListAsync(Cancellation)).Id);
    }

    [Theory, OnBothEngines]
    public async Task Writers_side_by_side_lose_nothing(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var one = await alice.SignUpAsync();
        var two = await alice.UnlockAsync();

        async Task WriteAsync(UnlockedAccount account, string name)
        {
            for (var number = 0; number < 8; number++)
            {
                var id = (await account.Keys.GeneratePersonalAsync($"{name} {number}", Cancellation)).Id;
                if (number % 2 == 0)
                    await account.Keys.RenameAsync(id, $"{name} {number}, renamed", Cancellation);
            }
        }

        await Task.WhenAll(WriteAsync(one, "a"), WriteAsync(one, "b"), WriteAsync(two, "c"), WriteAsync(two, "d"));

        var expected = from name in new[] { "a", "b", "c", "d" } from number in Enumerable.Range(0, 8) select $"{name} {number}{(number % 2 == 0 ? ", renamed" : "")}";
        foreach (var account in new[] { one, two, await alice.UnlockAsync() })
        {
            Assert.Equal(expected.Order(StringComparer.Ordinal), (await account.Keys.ListAsync(Cancellation)).Select(key => key.Label).Order(StringComparer.Ordinal));
            Assert.All(await account.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood, finding.Problem));
        }
    }

    [Theory, OnBothEngines]
    public async Task Devices_that_share_their_pins_write_side_by_side(Engine engine)
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-pins-");
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var one = await alice.SignUpAsync(new FilePinStore(folder.FullName));
        var two = await alice.UnlockAsync(new FilePinStore(folder.FullName));

        await Task.WhenAll(new[] { one, two }.Select(async account =>
        {
            for (var number = 0; number < 6; number++)
            {
                await account.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
                await account.Keys.ListAsync(Cancellation);
            }
        }));

        Assert.Equal(12, (await one.Keys.ListAsync(Cancellation)).Count);
        Assert.Equal(12, (await two.Keys.ListAsync(Cancellation)).Count);
        folder.Delete(recursive: true);
    }

    private static async Task FailsAsync(FailureReason reason, Func<Task> call) => Assert.Equal(reason, (await Assert.ThrowsAsync<KeyladderException>(call)).Reason);
}
