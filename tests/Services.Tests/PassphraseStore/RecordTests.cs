using System.Net;
using System.Security.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>docs/spec/passphrase-store.md section 3: a record, from its first to its last call.</summary>
public sealed class RecordTests(PassphraseStores stores) : IClassFixture<PassphraseStores>
{
    [Theory, OnBothEngines]
    public async Task What_was_registered_comes_back_and_the_key_evaluates_as_it_did(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = new Registrant(service);
        var code = await alice.CodeAsync(CodePurposes.Register);
        using var first = OprfBlinding.Blind("password"u8);
        var evaluation = await alice.EvaluateAsync(first.BlindedElement.ToArray());
        Assert.Equal(PassphraseStoreHost.Guardian, evaluation.Guardian);
        Assert.Equal(32, evaluation.Random.Length);
        var request = await alice.CreateRequestAsync(code!);
        (await alice.SendCreateAsync(request with { Record = request.Record with { Key = evaluation.Key } })).Is(HttpStatusCode.Created);

        using var second = OprfBlinding.Blind("password"u8);
        var attempt = await alice.AttemptAsync(second.BlindedElement.ToArray());
        using var registered = first.Finalize(evaluation.Evaluated);
        using var again = second.Finalize(attempt.Evaluated);
        Assert.True(registered.FixedTimeEquals(again));
        Assert.Equal(
            (alice.Id, alice.Record.Handle, PassphraseStoreHost.Guardian, 1L), (attempt.Id, attempt.Handle, attempt.Guardian, attempt.Revision));
        Assert.Equal(alice.Record.PasswordSlot, attempt.PasswordSlot);
        Assert.Equal(alice.Record.Kit, attempt.Kit);
        Assert.NotEqual((await alice.EvaluateAsync()).Random, evaluation.Random);
    }

    [Theory, OnBothEngines]
    public async Task F20_after_a_replacement_nothing_of_before_is_there(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var before = alice.Copy();
        var device = await alice.AddDeviceAsync();
        var blinded = Registrant.Blinded();
        var old = await alice.AttemptAsync(blinded);
        await alice.ReplaceAsync(1);

        var now = await alice.AttemptAsync(blinded);
        Assert.Equal((old.Id, alice.Record.Handle, 2L), (now.Id, now.Handle, now.Revision));
        Assert.Equal(alice.Record.PasswordSlot, now.PasswordSlot);
        Assert.Equal(alice.Record.Kit, now.Kit);
        Assert.NotEqual(old.Evaluated, now.Evaluated);
        var release = (await alice.SendReleaseAsync(await ResetCodeAsync(alice))).As<ReleaseResponse>();
        Assert.Equal(alice.Record.Share, release.Share);
        Assert.Equal(alice.Record.ResetSlot, release.ResetSlot);

        // The old key signs nothing any more, and the device is not known.
        (await before.SendReplaceAsync(2, await before.NewRecordAsync(before.StoreKey))).IsProblem(ProblemTypes.SignInRequired);
        (await before.Signed.SendAsync(Request.Delete(PassphraseStoreRoutes.Record))).IsProblem(ProblemTypes.SignInRequired);
        (await Registrant.SendDeviceAttemptAsync(device)).IsProblem(ProblemTypes.SignInRequired);
        var dump = await service.Database.DumpAsync();
        foreach (var gone in new[] { before.Record.PasswordSlot, before.Record.ResetSlot, before.Record.Kit, before.Record.PublicKey })
            Assert.DoesNotContain(Convert.ToHexStringLower(gone), dump, StringComparison.Ordinal);
    }

    [Theory, OnBothEngines]
    public async Task A_replacement_names_the_revision_and_of_many_at_once_one_is_done(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var record = await alice.NewRecordAsync(alice.StoreKey);
        (await alice.SendReplaceAsync(2, record)).IsProblem(ProblemTypes.RevisionConflict);
        (await alice.SendReplaceAsync(0, record)).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(1, (await alice.AttemptAsync()).Revision);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => alice.SendReplaceAsync(1, record)));
        Assert.Equal(2, Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK).As<ReplaceRecordResponse>().Revision);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.IsProblem(ProblemTypes.RevisionConflict));
    }

    [Theory, OnBothEngines]
    public async Task A_removed_record_leaves_nothing(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var device = await alice.AddDeviceAsync();
        await alice.AttemptAsync();
        await Registrant.SendDeviceAttemptAsync(device);
        await ResetCodeAsync(alice);
        (await alice.Signed.SendAsync(Request.Delete(PassphraseStoreRoutes.Record))).Is(HttpStatusCode.NoContent);
        Assert.DoesNotContain(await service.Database.TablesAsync("schema_versions", "at_rest_secrets", "guess_total", "limits"), table => table.Rows.Count > 0);
        (await alice.Signed.SendAsync(Request.Delete(PassphraseStoreRoutes.Record))).IsProblem(ProblemTypes.SignInRequired);
        (await Registrant.SendDeviceAttemptAsync(device)).IsProblem(ProblemTypes.SignInRequired);
        Assert.NotEqual(alice.Record.Kit, (await alice.AttemptAsync()).Kit);
    }

    [Theory, OnBothEngines]
    public async Task An_id_or_a_username_that_is_taken_is_not_given_again(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var other = new Registrant(service) { Seed = alice.Seed };
        (await other.SendCreateAsync(await other.CreateRequestAsync((await other.CodeAsync(CodePurposes.Register))!))).IsProblem(ProblemTypes.AccountExists);
        Assert.Equal(alice.Record.Kit, (await alice.AttemptAsync()).Kit);
        Assert.Null(await alice.CodeAsync(CodePurposes.Register));
    }

    public static TheoryData<Engine, string> Malformed() => Engines.With(
        "password slot", "reset slot", "kit", "no envelope", "share", "public key", "key", "another's key", "code", "username", "old key");

    [Theory, MemberData(nameof(Malformed))]
    public async Task A_record_that_is_not_well_formed_is_refused_and_its_code_stays_good(Engine engine, string what)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = new Registrant(service);
        var request = await alice.CreateRequestAsync((await alice.CodeAsync(CodePurposes.Register))!);
        var record = request.Record;
        var spoiled = what switch
        {
            "password slot" => request with { Record = record with { PasswordSlot = Slot.Envelope(202) } },
            "reset slot" => request with { Record = record with { ResetSlot = Slot.Envelope(200) } },
            "kit" => request with { Record = record with { Kit = Slot.Envelope(584) } },
            "no envelope" => request with { Record = record with { Kit = new byte[585] } },
            "share" => request with { Record = record with { Share = new byte[31] } },
            "public key" => request with { Record = record with { PublicKey = new byte[32] } },
            "key" => request with { Record = record with { Key = RandomNumberGenerator.GetBytes(record.Key.Length) } },
            "another's key" => request with { Record = record with { Key = [.. record.Key[..^1], (byte)(record.Key[^1] ^ 1)] } },
            "code" => request with { Code = "1234567" },
            "username" => request with { Username = request.Username.ToUpperInvariant() },
            _ => request,
        };
        if (what == "old key")
            service.Time.Move(TimeSpan.FromHours(1));
        (await alice.SendCreateAsync(spoiled)).IsProblem(ProblemTypes.MalformedRequest);
        if (what != "old key")
            (await alice.SendCreateAsync(request)).Is(HttpStatusCode.Created);
    }

    [Theory, OnBothEngines]
    public async Task Devices_are_added_and_removed_ten_at_most_and_each_sees_what_happened(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var (alice, bob) = (await Registrant.RegisteredAsync(service), await Registrant.RegisteredAsync(service));
        var device = await alice.AddDeviceAsync();
        Assert.Equal([RecoveryEventKinds.Registered, RecoveryEventKinds.DeviceAdded], await Registrant.EventsAsync(device));
        Assert.Equal(alice.Record.Kit, (await Registrant.SendDeviceAttemptAsync(device)).As<AttemptResponse>().Kit);

        // Another's device is no device of hers, and its key cannot be changed.
        (await bob.SendDeviceAsync(device with { Key = Ed25519PrivateKey.Generate() })).IsProblem(ProblemTypes.NotFound);
        (await bob.Signed.SendAsync(Request.Delete(Registrant.DevicePath(device.Channel)))).Is(HttpStatusCode.NoContent);
        Assert.Equal(2, (await Registrant.EventsAsync(device)).Length);

        for (var number = 2; number <= RecoveryLimits.MaxDevices; number++)
            await alice.AddDeviceAsync();
        (await alice.SendDeviceAsync(Guest.Generate(service))).IsProblem(ProblemTypes.QuotaExceeded);
        (await alice.Signed.SendAsync(Request.Delete(Registrant.DevicePath(device.Channel)))).Is(HttpStatusCode.NoContent);
        (await Registrant.SendDeviceAttemptAsync(device)).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(RecoveryEventKinds.DeviceRemoved, (await Registrant.EventsAsync(await alice.AddDeviceAsync()))[^2]);
        (await alice.Signed.SendAsync(Request.Put(Registrant.DevicePath(Guid.NewGuid()), new PutRecoveryDeviceRequest(new byte[32])))).IsProblem(ProblemTypes.MalformedRequest);
    }

    [Theory, OnBothEngines]
    public async Task Of_the_events_the_last_hundred_are_kept(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var device = Guest.Generate(service);
        for (var number = 0; number < PassphraseStoreRoutes.MaxEvents; number++)
            (await alice.SendDeviceAsync(device)).Is(HttpStatusCode.OK);
        var events = await alice.SucceedAsync();
        Assert.Equal(Enumerable.Range(2, 100).Select(number => (long)number), events.Select(one => one.Number));
        Assert.All(events, one => Assert.Equal((0, RecoveryEventKinds.DeviceAdded), (one.Hour % 3_600_000, one.Kind)));
    }

    private static async Task<string> ResetCodeAsync(Registrant person)
    {
        // Notices of changes come in between.
        (await person.AskForCodeAsync(CodePurposes.Reset)).Is(HttpStatusCode.Accepted);
        while (true)
        {
            if (PassphraseStoreHost.CodeIn(await person.NextMailAsync()) is { } code)
                return code;
        }
    }
}
