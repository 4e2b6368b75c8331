using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Guardian;

/// <summary>docs/spec/passphrase-store.md section 4.</summary>
public sealed class GuardianTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_record_makes_the_same_of_the_same_password_and_of_no_other(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        var device = await ward.AddDeviceAsync();
        Assert.Equal(output, await ward.AttemptAsync());
        Assert.Equal(output, await ward.AttemptAsync(device));
        Assert.NotEqual(output, await ward.AttemptAsync("another password"));
        Assert.NotEqual(output, (await Ward.CreatedAsync(service)).Output);
        Assert.Equal(ward.Share, (await ward.ReleaseAsync()).As<GuardianReleaseResponse>().Share);
    }

    [Theory, OnBothEngines]
    public async Task What_the_at_rest_secret_was_before_a_rotation_still_opens_its_rows(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        Keyladder.Hosting.Recovery.AtRestSecret.Rotate(Path.Combine(service.Database.Folder.FullName, "keystore.at-rest"));
        using var rotated = await service.StartAnotherInstanceAsync();
        var later = Ward.Generate(service);
        (await Request.Post(GuardianRoutes.Records, later.Record()).SendAsync(rotated)).Is(HttpStatusCode.Created);
        Assert.Equal(output, await ward.AttemptAsync());

        // The first instance has not been started anew, and reads what the second has sealed.
        Assert.Equal(later.Share, (await later.ReleaseAsync()).As<GuardianReleaseResponse>().Share);
        (await ward.SendAttemptAsync(rotated)).As<GuardianEvaluationResponse>();
    }

    [Theory, OnBothEngines]
    public async Task A_taken_handle_is_refused_and_nothing_changes(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        var thief = Ward.Generate(service) with { Seed = ward.Seed };
        (await Request.Post(GuardianRoutes.Records, thief.Record()).SendAsync(service.Http)).IsProblem(ProblemTypes.AccountExists);
        (await thief.ReleaseAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await thief.DeleteAsync()).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(output, await ward.AttemptAsync());
    }

    [Theory, OnBothEngines]
    public async Task G01_a_handle_that_was_shown_cannot_be_tried_for_whether_it_is_taken(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        Assert.Equal(output, await ward.AttemptAsync()); // else its handle does not follow from its seed
        var faces = new List<string>();
        foreach (var handle in new[] { ward.Handle, Guid.NewGuid() })
        {
            var named = JsonSerializer.SerializeToNode(Ward.Generate(service).Record(), ProtocolJson.Default.CreateGuardianRecordRequest)!.AsObject();
            named["handle"] = handle.ToString();
            (await (Request.Post(GuardianRoutes.Records) with { Body = Encoding.UTF8.GetBytes(named.ToJsonString()), ContentType = "application/json" }).SendAsync(service.Http)).IsProblem(ProblemTypes.MalformedRequest);

            // What it may be made of: none of it leads there.
            foreach (var seed in new[] { SHA256.HashData(handle.ToByteArray(bigEndian: true)), [.. handle.ToByteArray(bigEndian: true), .. handle.ToByteArray(bigEndian: true)] })
                faces.Add((await Request.Post(GuardianRoutes.Records, Ward.Generate(service).Record() with { Seed = seed }).SendAsync(service.Http)).Status.ToString());
        }

        Assert.All(faces, face => Assert.Equal("Created", face));
        Assert.Equal(1, await service.Database.ScalarAsync<long>($"SELECT count(*) FROM guardian_records WHERE handle = '{ward.Handle}'"));
    }

    [Theory, OnBothEngines]
    public async Task F17_the_share_goes_to_who_holds_the_persons_own_and_no_time_releases_it(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (ward, _) = await Ward.CreatedAsync(service);
        var (other, _) = await Ward.CreatedAsync(service);
        var device = await ward.AddDeviceAsync();
        foreach (var days in new[] { 0, 1, 30, 400 })
        {
            service.Time.Move(TimeSpan.FromDays(days));

            // Who has opened the record with its password, a known device, another person, and nobody.
            foreach (var asked in new[] { ward.AsRecord, device, ward.AsHolder with { Key = device.Key }, ward.AsHolder with { Key = ward.Key }, ward.AsHolder with { Key = other.ReleaseKey } })
                (await asked.SendAsync(Request.Post(GuardianRoutes.Releases))).IsProblem(ProblemTypes.SignInRequired);
            (await Request.Post(GuardianRoutes.Releases).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
            Assert.Equal(ward.Share, (await ward.ReleaseAsync()).As<GuardianReleaseResponse>().Share);
        }
    }

    [Theory, OnBothEngines]
    public async Task F20_a_removed_record_leaves_nothing_behind(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (other, otherOutput) = await Ward.CreatedAsync(service);
        var before = await service.Database.DumpAsync("limits", "guess_total");
        var (ward, output) = await Ward.CreatedAsync(service);
        var (device, second) = (await ward.AddDeviceAsync(), await ward.AddDeviceAsync());
        await ward.AttemptAsync();
        await ward.AttemptAsync(device);
        await ward.AttemptAsync(second);
        Assert.NotEqual(before, await service.Database.DumpAsync("limits", "guess_total"));

        (await ward.DeleteAsync()).Is(HttpStatusCode.NoContent);
        Assert.Equal(before, await service.Database.DumpAsync("limits", "guess_total"));
        (await ward.DeleteAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await ward.ReleaseAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await ward.SucceedAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await Ward.SendAttemptAsync(device)).IsProblem(ProblemTypes.SignInRequired);
        Assert.NotEqual(output, await ward.AttemptAsync());
        Assert.Equal(otherOutput, await other.AttemptAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_record_knows_ten_devices_and_none_of_another_record(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        var (other, _) = await Ward.CreatedAsync(service);
        var devices = new List<Guest>();
        for (var number = 0; number < RecoveryLimits.MaxDevices; number++)
            devices.Add(await ward.AddDeviceAsync());
        (await ward.PutAsync(Guest.Generate(service))).IsProblem(ProblemTypes.QuotaExceeded);
        (await other.PutAsync(devices[0])).IsProblem(ProblemTypes.NotFound);
        (await other.DeleteAsync(devices[0])).IsProblem(ProblemTypes.NotFound);
        (await ward.DeleteAsync(Guest.Generate(service))).IsProblem(ProblemTypes.NotFound);
        Assert.Equal(output, await ward.AttemptAsync(devices[0]));

        // Another key of a device that is known, and the old one is good for nothing.
        var renewed = devices[0] with { Key = Ed25519PrivateKey.Generate() };
        (await ward.PutAsync(renewed)).Is(HttpStatusCode.OK);
        (await Ward.SendAttemptAsync(devices[0])).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(output, await ward.AttemptAsync(renewed));

        (await ward.DeleteAsync(devices[1])).Is(HttpStatusCode.NoContent);
        (await Ward.SendAttemptAsync(devices[1])).IsProblem(ProblemTypes.SignInRequired);
        await ward.AddDeviceAsync();
    }

    [Theory, OnBothEngines]
    public async Task A_record_to_which_devices_are_added_at_once_knows_ten_of_them(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, _) = await Ward.CreatedAsync(service);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ward.PutAsync(Guest.Generate(service))));
        Assert.Equal(RecoveryLimits.MaxDevices, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(
            RecoveryLimits.MaxDevices, await service.Database.ScalarAsync<long>($"SELECT count(*) FROM guardian_devices WHERE handle = '{ward.Handle}'"));
    }

    public static TheoryData<Engine, string> Calls() => Engines.With("success", "release", "put", "delete device", "delete", "attempt");

    [Theory, MemberData(nameof(Calls))]
    public async Task G01_G03_what_is_not_signed_by_the_one_key_is_refused_alike_and_changes_nothing(Engine engine, string call)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, _) = await Ward.CreatedAsync(service);
        var (other, _) = await Ward.CreatedAsync(service);
        var (device, otherDevice) = (await ward.AddDeviceAsync(), await other.AddDeviceAsync());
        var (request, right) = call switch
        {
            "success" => (Request.Post(GuardianRoutes.Successes), ward.AsRecord),
            "release" => (Request.Post(GuardianRoutes.Releases), ward.AsHolder),
            "put" => (Request.Put(Ward.DeviceRoute(Guest.Generate(service)), new PutRecoveryDeviceRequest(device.Key.PublicKey.Bytes.ToArray())), ward.AsRecord),
            "delete device" => (Request.Delete(Ward.DeviceRoute(device)), ward.AsRecord),
            "delete" => (Request.Delete(GuardianRoutes.Record), ward.AsRecord),
            _ => (Request.Post(GuardianRoutes.DeviceAttempts, new EvaluateRequest(Ward.Blinded())), device),
        };
        var alice = await Person.SignedUpAsync(service);
        var now = service.Time.GetUtcNow();
        var signed = request.SignedBy(right, now);
        using var stranger = Ed25519PrivateKey.Generate();
        Request[] wrong =
        [
            request, // unsigned
            request.SignedBy(right with { Key = stranger }, now), request.SignedBy(right with { Channel = Guid.NewGuid() }, now),
            .. new[] { ward.AsRecord, ward.AsHolder, device }.Where(guest => guest.Key != right.Key).Select(guest => request.SignedBy(guest, now)),
            .. new[] { ward.AsRecord, ward.AsHolder, device }.Where(guest => guest.Key != right.Key).Select(guest => request.SignedBy(right with { Key = guest.Key }, now)),
            request.SignedBy(right with { Key = (call == "release" ? other.AsHolder : call == "attempt" ? otherDevice : other.AsRecord).Key }, now),
            request.SignedBy(alice.Session, now),
            signed with { Target = $"{signed.Target}?a=1" },
            signed with { Body = [.. signed.Body, (byte)' '], ContentType = "application/json" },
        ];
        var before = await service.Database.DumpAsync();
        var faces = new List<byte[]>();
        foreach (var each in wrong)
        {
            var answer = await each.SendAsync(service.Http);
            answer.IsProblem(ProblemTypes.SignInRequired);
            faces.Add(answer.Body);
        }

        Assert.All(faces, face => Assert.Equal(faces[0], face));
        Assert.Equal(before, await service.Database.DumpAsync());
        Assert.True((int)(await signed.SendAsync(service.Http)).Status is >= 200 and < 300);
    }

    public static TheoryData<Engine, string> Malformed() => Engines.With(
        "no element", "a short element", "the identity", "a share", "a public key", "a release key", "a seed");

    [Theory, MemberData(nameof(Malformed))]
    public async Task F09_what_is_not_well_formed_is_refused_and_counts_as_no_guess(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (ward, _) = await Ward.CreatedAsync(service);
        var device = await ward.AddDeviceAsync();
        var fresh = Ward.Generate(service);
        var (record, element) = (fresh.Record(), what switch
        {
            "no element" => Enumerable.Repeat((byte)0xFF, 32).ToArray(),
            "a short element" => Ward.Blinded()[..31],
            "the identity" => new byte[32],
            _ => null,
        });
        record = what switch
        {
            "a share" => record with { Share = new byte[33] },
            "a public key" => record with { PublicKey = new byte[32] },
            "a release key" => record with { ReleaseKey = RandomNumberGenerator.GetBytes(31) },
            "a seed" => record with { Seed = new byte[31] },
            _ => record with { Blinded = element! },
        };
        var before = await service.Database.DumpAsync();
        (await Request.Post(GuardianRoutes.Records, record).SendAsync(service.Http)).IsProblem(ProblemTypes.MalformedRequest);
        if (what == "a public key")
            (await ward.AsRecord.SendAsync(Request.Put(Ward.DeviceRoute(device), new PutRecoveryDeviceRequest(record.PublicKey)))).IsProblem(ProblemTypes.MalformedRequest);
        if (element is not null)
        {
            (await ward.SendAttemptAsync(blinded: element)).IsProblem(ProblemTypes.MalformedRequest);
            (await fresh.SendAttemptAsync(blinded: element)).IsProblem(ProblemTypes.MalformedRequest);
            (await Ward.SendAttemptAsync(device, element)).IsProblem(ProblemTypes.MalformedRequest);
        }

        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task F02_what_is_kept_depends_in_nothing_on_the_password(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);

        // Two records that differ in nothing but the password, under one handle after the other.
        var ward = Ward.Generate(service);
        var rows = new List<string[]>();
        var outputs = new List<byte[]>();
        foreach (var password in (string[])["the password", "quite another password"])
        {
            var output = await ward.CreateAsync(password);
            Assert.Equal(output, await ward.AttemptAsync(password));
            outputs.Add(output);
            rows.Add((await service.Database.TablesAsync()).Single(table => table.Table == "guardian_records").Rows.Single());
            await Rows_hold_nothing_of_what_travelled(service, ward, output);
            (await ward.DeleteAsync()).Is(HttpStatusCode.NoContent);
        }

        // Key and share are sealed, of one length, and random anew; all else is what the client gave.
        Assert.Equal(5, rows[0].Length);
        foreach (var column in Enumerable.Range(0, 5))
        {
            if (column is 1 or 2)
                Assert.Equal((rows[0][column].Length, false), (rows[1][column].Length, rows[0][column] == rows[1][column]));
            else
                Assert.Equal(rows[0][column], rows[1][column]);
        }

        Assert.NotEqual(outputs[0], outputs[1]);
    }

    [Theory, OnBothEngines]
    public async Task H03_no_line_of_the_log_names_a_handle_a_device_or_what_belongs_to_them(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        var device = await ward.AddDeviceAsync();
        await ward.AttemptAsync();
        await ward.AttemptAsync(device);
        await ward.ReleaseAsync();
        Assert.Contains(service.Logs.Lines, line => line.Contains("AttemptAtGuardian answered 200", StringComparison.Ordinal));
        var everything = string.Join('\n', service.Logs.Lines);
        foreach (var secret in new[]
        {
            ward.Handle.ToString(), device.Channel.ToString(), Base64UrlText.Encode(ward.Share), Base64UrlText.Encode(output), Base64UrlText.Encode(device.Key.PublicKey.Bytes), "/v1/", "127.0.0.1",
        })
            Assert.DoesNotContain(secret, everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToHexString(ward.Share), await service.Database.DumpAsync(), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task Rows_hold_nothing_of_what_travelled(RunningService service, Ward ward, byte[] output)
    {
        var blinded = Ward.Blinded();
        var evaluated = (await ward.SendAttemptAsync(blinded: blinded)).As<GuardianEvaluationResponse>().Evaluated;
        var dump = await service.Database.DumpAsync();
        foreach (var bytes in new[] { blinded, evaluated, output, ward.Share })
            Assert.DoesNotContain(Convert.ToHexString(bytes), dump, StringComparison.OrdinalIgnoreCase);
    }
}
