using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>A username that is registered and one that is not are answered alike. That it takes the same time follows from the same work, and is for measurements, not for tests.</summary>
public sealed class IndistinguishableTests(PassphraseStores stores) : IClassFixture<PassphraseStores>
{
    [Theory, OnBothEngines]
    public async Task G01_G16_an_attempt_shows_the_same_of_every_username_and_the_same_again(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var (known, unknown) = (await Registrant.RegisteredAsync(service), new Registrant(service));
        var blinded = Registrant.Blinded();
        var (real, decoy) = (await known.SendAttemptAsync(blinded), await unknown.SendAttemptAsync(blinded));
        Assert.Equal((real.Status, real.ContentType, Shape(real)), (decoy.Status, decoy.ContentType, Shape(decoy)));
        Assert.Equal(real.Body.Length, decoy.Body.Length);

        // Asked again, and after a restart, it says the same: as a record would.
        Assert.Equal(decoy.Body, (await unknown.SendAttemptAsync(blinded)).Body);
        using var other = await service.StartAnotherInstanceAsync();
        Assert.Equal(decoy.Body, (await Request.Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(unknown.Username, blinded)).SendAsync(other)).Body);
        var (first, second) = (decoy.As<AttemptResponse>(), await new Registrant(service).AttemptAsync(blinded));
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(first.Handle, second.Handle);
        Assert.NotEqual(first.Evaluated, second.Evaluated);
        Assert.NotEqual(first.Kit, second.Kit);
        Assert.NotEqual(first.PasswordSlot[1..100], second.PasswordSlot[1..100]);

        // It runs into the same waits, after as many guesses.
        for (var number = 4; number <= RecoveryLimits.FreeGuesses; number++)
            await unknown.AttemptAsync();
        for (var number = 2; number <= RecoveryLimits.FreeGuesses; number++)
            await known.AttemptAsync();
        Assert.Equal(Shape(await known.SendAttemptAsync()), Shape(await unknown.SendAttemptAsync()));
        (await unknown.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task G01_an_attempt_writes_the_same_rows_for_every_username(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var (known, unknown) = (await Registrant.RegisteredAsync(service), new Registrant(service));
        var before = await CountAsync();
        await known.AttemptAsync();
        var between = await CountAsync();
        await unknown.AttemptAsync();
        var after = await CountAsync();
        Assert.Equal(before["guesses"] + 1, between["guesses"]);
        Assert.Equal(between["guesses"] + 1, after["guesses"]);
        foreach (var table in before.Keys.Except(["guesses", "guess_total", "limits"]))
            Assert.Equal((before[table], before[table]), (between[table], after[table]));

        async Task<Dictionary<string, int>> CountAsync() => (await service.Database.TablesAsync()).ToDictionary(table => table.Table, table => table.Rows.Count);
    }

    [Theory, OnBothEngines]
    public async Task G01_who_asks_for_a_code_learns_nothing_and_the_mailbox_learns_all(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var (known, unknown) = (await Registrant.RegisteredAsync(service), new Registrant(service));
        foreach (var purpose in new[] { CodePurposes.Reset, CodePurposes.Register })
        {
            var (one, two) = (await known.AskForCodeAsync(purpose), await unknown.AskForCodeAsync(purpose));
            Assert.Equal((System.Net.HttpStatusCode.Accepted, 0), (one.Status, one.Body.Length));
            Assert.Equal((one.Status, one.ContentType, 0), (two.Status, two.ContentType, two.Body.Length));
            var (mail, other) = (await known.NextMailAsync(), await unknown.NextMailAsync());
            Assert.Equal(
                purpose == CodePurposes.Reset ? ("Your code: reset the password of recovery", "This address is not registered") : ("This address is registered already", "Your code: register for recovery"),
                (mail.Subject, other.Subject));
            Assert.Equal(purpose == CodePurposes.Reset, PassphraseStoreHost.CodeIn(mail) is not null);
            Assert.Equal(purpose == CodePurposes.Register, PassphraseStoreHost.CodeIn(other) is not null);
        }

        // A row for each purpose, also where there was no code to send.
        var tables = await service.Database.TablesAsync();
        var index = tables.Single(table => table.Table == "records").Rows.Single(row => row[0] == known.Id.ToString())[1];
        Assert.Equal(2, tables.Single(table => table.Table == "codes").Rows.Count(row => row[0] == index));
        Assert.Equal((await known.SendReleaseAsync("00000000")).Body, (await unknown.SendReleaseAsync("00000000")).Body);
        Assert.Equal((await known.SendReleaseAsync("00000000")).Body, (await new Registrant(service).SendReleaseAsync("00000000")).Body);
    }

    [Theory, OnBothEngines]
    public async Task G01_an_id_that_was_shown_cannot_be_tried_for_whether_it_is_taken(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var (known, unknown) = (await Registrant.RegisteredAsync(service), new Registrant(service));
        foreach (var shown in new[] { (await known.AttemptAsync()).Id, (await unknown.AttemptAsync()).Id })
        {
            var curious = new Registrant(service) { Seed = [.. shown.ToByteArray(bigEndian: true), .. new byte[16]] };
            var request = await curious.CreateRequestAsync((await curious.CodeAsync(CodePurposes.Register))!);
            var named = JsonSerializer.SerializeToNode(request, ProtocolJson.Default.CreateRecordRequest)!.AsObject();
            named["id"] = shown.ToString();
            var withId = Request.Post(PassphraseStoreRoutes.Records) with { Body = System.Text.Encoding.UTF8.GetBytes(named.ToJsonString()), ContentType = "application/json" };
            (await curious.SendAsync(withId)).IsProblem(ProblemTypes.MalformedRequest);
            (await curious.SendCreateAsync(request with { Seed = shown.ToByteArray(bigEndian: true) })).IsProblem(ProblemTypes.MalformedRequest);
            (await curious.SendCreateAsync(request)).Is(System.Net.HttpStatusCode.Created);
            Assert.NotEqual(shown, curious.Id);
        }
    }

    [Theory, OnBothEngines]
    public async Task G01_a_device_or_a_record_that_is_not_there_and_a_wrong_signature_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var (device, stranger) = (await alice.AddDeviceAsync(), Guest.Generate(service));
        var before = await service.Database.DumpAsync("limits");
        foreach (var (mine, request) in new[]
        {
            (device, Request.Post(PassphraseStoreRoutes.DeviceAttempts, new EvaluateRequest(Registrant.Blinded()))), (device, Request.Post(PassphraseStoreRoutes.Events)),
            (alice.Signed, Request.Post(PassphraseStoreRoutes.Successes)), (alice.Signed, Request.Delete(PassphraseStoreRoutes.Record)),
            (alice.Signed, Request.Delete(Registrant.DevicePath(device.Channel))),
        })
        {
            var unknown = await stranger.SendAsync(request);
            unknown.IsProblem(ProblemTypes.SignInRequired);
            Assert.Equal(unknown.Body, (await (mine with { Key = stranger.Key }).SendAsync(request)).Body);
        }

        // A device is no record, and a record no device.
        (await device.SendAsync(Request.Post(PassphraseStoreRoutes.Successes))).IsProblem(ProblemTypes.SignInRequired);
        (await alice.Signed.SendAsync(Request.Post(PassphraseStoreRoutes.Events))).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }

    /// <summary>The members and the lengths of their texts; of numbers nothing.</summary>
    private static string Shape(Answer answer) =>
        string.Join(' ', JsonNode.Parse(answer.Body)!.AsObject().Select(member => $"{member.Key}:{(member.Value!.GetValueKind() == System.Text.Json.JsonValueKind.String ? ((string)member.Value!).Length : 0)}"));
}
