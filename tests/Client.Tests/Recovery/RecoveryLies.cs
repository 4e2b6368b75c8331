using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>A Store or a Guardian that lies, and what either of them ever sees.</summary>
public sealed class RecoveryLies
{
    private const string Attempt = "/v1/recovery/attempts";
    private const string GuardianAttempt = "/v1/guardian/attempts";

    [Theory, OnBothEngines]
    public async Task F11_F16_words_passwords_and_codes_stand_in_no_traffic_database_or_log_of_either_service(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        var opened = await scene.FetchAsync(scene.Device());
        var codes = new List<string> { RecoveryScene.Write(known.RecoveryCode) };
        RecoveryDevice next;
        using (var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            next = scene.Keep(await scene.Keep(await change.CompleteAsync(typed, Cancellation)).AddDeviceAsync(cancellationToken: Cancellation));
        codes.Add(RecoveryScene.Write(next.RecoveryCode));

        // The rest of what there is: a known device, its rehearsal, a sign-in with a key that is made, a reset, and the end.
        await (await scene.Device().FetchAsync(next, scene.Typed(RecoveryScene.OtherPassword), Cancellation)).RehearseAsync(next.RecoveryCode, Cancellation);
        var account = scene.Keep(await registered.UnlockAsync(scene.Client(), Cancellation));
        await account.Keys.GeneratePersonalAsync("photos", Cancellation);
        var reset = scene.Device();
        var released = scene.Keep(await reset.ReleaseAsync(scene.Username, await scene.CodeAsync(reset, CodePurposes.Reset), next.RecoveryCode, Cancellation));
        using (var change = await released.ChangePasswordAsync(scene.Typed(RecoveryScene.ThirdPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
        {
            codes.Add(RecoveryScene.Write(change.RecoveryCode));
            scene.Keep(await change.CompleteAsync(typed, Cancellation));
        }

        await (await scene.FetchAsync(scene.Device(), RecoveryScene.ThirdPassword)).WithdrawAsync(Cancellation);

        var canaries = new Canaries();
        canaries.Plant("words", RecoveryScene.Write(registered.Words));
        canaries.Plant("password", RecoveryScene.Password);
        canaries.Plant("new password", RecoveryScene.OtherPassword);
        canaries.Plant("third password", RecoveryScene.ThirdPassword);
        foreach (var (number, code) in codes.Index())
            canaries.Plant($"recovery code {number}", code);
        using (var ofPerson = next.RecoveryCode.CopySecret())
            canaries.Plant("h", ofPerson.DangerousSpan);
        using (var key = opened.Key.CopyKeyBytes())
            canaries.Plant("r", key.DangerousSpan);
        using (var secret = UnlockSecret.FromWords(registered.Words))
        using (var prk = secret.DerivePseudorandomKey())
        using (var bytes = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32))
        using (var mek = new MasterEncryptionKey(SecretBytes.CopyOf(bytes.DangerousSpan)))
        {
            var shown = JsonSerializer.Deserialize(scene.GuardianProxy.Last($"GET {KeystoreRoutes.Account}"), ProtocolJson.Default.AccountResponse)!;
            using var kek = mek.Unwrap(
                new Wrapped<KeyEncryptionKey>(shown.Slot.Wrapped), registered.Account, new SlotId(shown.Slot.Id), new KeyEncryptionKeyId(shown.Identity.Kek));
            using var kekBytes = kek.CopyKeyBytes();
            canaries.Plant("PRK", prk.DangerousSpan);
            canaries.Plant("MEK", bytes.DangerousSpan);
            canaries.Plant("KEK", kekBytes.DangerousSpan);
        }

        Assert.Empty(await scene.Store.FindAsync(canaries));
        Assert.Empty(await scene.Keystore.FindAsync(canaries));
        foreach (var proxy in new[] { scene.StoreProxy, scene.GuardianProxy })
        {
            foreach (var call in proxy.Everything.All)
            {
                Assert.Empty(canaries.FindIn(call.Head));
                Assert.Empty(canaries.FindIn(call.Request));
                Assert.Empty(canaries.FindIn(call.Answer));
            }
        }
    }

    [Theory, OnBothEngines]
    public async Task F08_only_blinded_elements_leave_and_the_Guardian_hears_no_name_record_or_account(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var atStore = await scene.StoreProxy.RecordAsync(() => scene.FetchAsync(scene.Device()));
        var asked = atStore.All.Where(call => call.Request.Length > 0).Select(call => JsonNode.Parse(call.Request)!.AsObject()).ToList();
        Assert.Equal(["blinded", "username"], Assert.Single(asked).Select(member => member.Key).Order());

        var atGuardian = scene.GuardianProxy.Everything.All.Where(call => call.Call.Contains("/v1/guardian/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(atGuardian);
        var record = registered.Record.Place.Record;
        Assert.All(atGuardian, call =>
        {
            var text = call.Head + Encoding.UTF8.GetString(call.Request);
            Assert.DoesNotContain(scene.Username.Text, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(record.ToString(), text, StringComparison.Ordinal);
            Assert.DoesNotContain(registered.Account.ToString(), text, StringComparison.Ordinal);
        });

        // Two attempts have nothing in common by which they could be joined.
        await scene.FetchAsync(scene.Device());
        var blinded = scene.StoreProxy.Everything.All.Concat(scene.GuardianProxy.Everything.All).Where(call => call.Request.Length > 0)
            .Select(call => JsonNode.Parse(call.Request)!["blinded"]?.GetValue<string>()).OfType<string>().ToList();
        Assert.Equal(blinded.Count, blinded.Distinct().Count());
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task F08_a_Store_that_names_another_Guardian_is_refused_before_anything_is_sent_there(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        await using var other = await LyingProxy.StartAsync();
        scene.StoreProxy.Lie = answer =>
        {
            if (answer.Status == 200 && answer.Json.ContainsKey("guardian"))
                answer.Edit(json => json["guardian"] = other.Address.GetLeftPart(UriPartial.Authority));
        };

        using var pinned = new PassphraseStore(scene.StoreProxy.Address) { Guardian = scene.GuardianProxy.Address };
        Assert.Equal("the Guardian", (await Assert.ThrowsAsync<IntegrityException>(() => scene.FetchAsync(pinned))).Object);
        Assert.Equal(
            "the Guardian",
            (await Assert.ThrowsAsync<IntegrityException>(() => scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation))).Object);
        Assert.Empty(other.Calls);
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task F08_F14_F15_a_Store_moves_no_record_to_a_Guardian_that_the_person_has_not_agreed_to(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var known = scene.Keep(await (await scene.RegisterAsync(scene.Device())).AddDeviceAsync(cancellationToken: Cancellation));
        await using var other = await LyingProxy.StartAsync();
        other.StandBefore(scene.Keystore.Address);
        var device = scene.Device();
        var opened = await scene.FetchAsync(device);
        var code = await scene.CodeAsync(device, CodePurposes.Reset);
        var released = scene.Keep(await device.ReleaseAsync(scene.Username, code, known.RecoveryCode, Cancellation));
        scene.StoreProxy.Lie = answer =>
        {
            if (answer.Path == "/v1/recovery/evaluations")
                answer.Edit(json => json["guardian"] = other.Address.GetLeftPart(UriPartial.Authority));
        };
        foreach (var open in new[] { opened, released })
        {
            var alarm = await Assert.ThrowsAsync<IntegrityException>(() => open.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation));
            Assert.Equal("the Guardian", alarm.Object);
        }

        Assert.Empty(other.Calls);
        await scene.FetchAsync(scene.Device());

        // Who agrees to it moves there.
        opened.NextGuardian = other.Address;
        using var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation);
        using var typed = change.RecoveryCode.Copy();
        Assert.Equal(other.Address, scene.Keep(await change.CompleteAsync(typed, Cancellation)).Guardian);
    }

    public static TheoryData<string, string> Announced() => new(
        from service in new[] { "Store", "Guardian" }
        from member in new[]
        {
            """{"recoveryKey":"KEY"}""", """{"policy":{"recovery":"on","publicKey":"KEY"}}""", """{"escrow":[{"kind":"organization","publicKey":"KEY"}]}""",
            """{"slots":[{"kind":"recovery","publicKey":"KEY"}]}""", """{"keyConnectorUrl":"URL","removePassword":true}""",
        }
        select (service, member));

    [Theory, MemberData(nameof(Announced))]
    public async Task F14_F15_F16_a_key_a_policy_or_a_dialogue_that_a_service_announces_gets_nothing(string service, string member)
    {
        await using var scene = await RecoveryScene.BeginAsync(Engine.Sqlite);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        var (truthAtStore, truthAtGuardian) = (Sent(scene.StoreProxy), Sent(scene.GuardianProxy));
        var opened = await scene.FetchAsync(scene.Device());
        var key = Base64UrlText.Encode([.. Enumerable.Repeat((byte)0x5C, 32)]);
        await using var announcedThere = await LyingProxy.StartAsync();
        var url = announcedThere.Address.GetLeftPart(UriPartial.Authority);
        var announced = JsonNode.Parse(member.Replace("KEY", key, StringComparison.Ordinal).Replace("URL", url, StringComparison.Ordinal))!.AsObject();
        var told = 0;
        var liar = service == "Store" ? scene.StoreProxy : scene.GuardianProxy;
        liar.Lie = answer =>
        {
            if (answer.Status is 200 or 201 && answer.Body.Length > 0)
            {
                told++;
                answer.Edit(json =>
                {
                    foreach (var (name, value) in announced)
                        json[name] = value!.DeepClone();
                });
            }
        };
        var flows = new Func<Task>[]
        {
            () => scene.FetchAsync(scene.Device()),
            () => scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation),
            () => scene.Device().RehearseAsync(known, known.RecoveryCode, Cancellation),
            async () =>
            {
                using var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation);
                using var typed = change.RecoveryCode.Copy();
                await change.CompleteAsync(typed, Cancellation);
            },
            () => opened.UnlockAsync(scene.Client(), Cancellation),
        };
        var refused = 0;
        foreach (var flow in flows)
        {
            try
            {
                await flow();
            }
            catch (KeyladderException e)
            {
                Assert.Equal(FailureReason.InvalidAnswer, e.Reason);
                refused++;
            }
        }

        Assert.InRange(refused, 3, flows.Length); // a rehearsal asks the Guardian alone, the account the Keystore
        Assert.Equal(refused, told); // the first such answer is refused, whichever it is
        Assert.Empty(announcedThere.Calls);
        liar.Lie = null;

        // What was sent has the members that it always has, and the key stands in nothing.
        Assert.Empty(Sent(scene.StoreProxy).Except([.. truthAtStore, "POST /v1/recovery/attempts blinded,username", "POST /v1/recovery/device-attempts blinded"]));
        Assert.Empty(Sent(scene.GuardianProxy).Where(sent => sent.Contains("/v1/guardian/", StringComparison.Ordinal)).Except(
            [.. truthAtGuardian, "POST /v1/guardian/attempts blinded,handle", "POST /v1/guardian/device-attempts blinded"]));
        Assert.All(
            scene.StoreProxy.Everything.All.Concat(scene.GuardianProxy.Everything.All),
            call => Assert.DoesNotContain(key, call.Head + Encoding.UTF8.GetString(call.Request), StringComparison.Ordinal));
        Assert.Equal(RecoveryScene.Write(registered.Words), RecoveryScene.Write((await scene.FetchAsync(scene.Device())).Words));
    }

    public static TheoryData<string> NoElements => ["identity", "not canonical", "short", "random"];

    [Theory, MemberData(nameof(NoElements))]
    public async Task F09_an_answer_that_holds_no_element_is_refused_at_either_service(string kind)
    {
        await using var scene = await RecoveryScene.BeginAsync(Engine.Sqlite);
        await scene.RegisterAsync(scene.Device());
        var element = kind switch
        {
            "identity" => new byte[32],
            "short" => new byte[31],
            "not canonical" => [.. Enumerable.Repeat((byte)0xFF, 32)],
            _ => [1, .. new byte[31]],
        };
        foreach (var (proxy, path) in new[] { (scene.StoreProxy, Attempt), (scene.GuardianProxy, GuardianAttempt) })
        {
            proxy.Lie = answer =>
            {
                if (answer.Path == path)
                    answer.Edit(json => json["evaluated"] = Base64UrlText.Encode(element));
            };
            var device = scene.Device();
            var guesses = await scene.GuardianProxy.RecordAsync(async () =>
                Assert.Equal(FailureReason.InvalidAnswer, (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(device))).Reason));
            Assert.True(guesses.Calls.Count(call => call.EndsWith(GuardianAttempt, StringComparison.Ordinal)) <= 1);
            proxy.Lie = null;
        }

        await scene.FetchAsync(scene.Device());
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task F10_a_kit_or_a_record_of_somebody_elses_is_an_alarm_on_a_known_device(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));

        // Another record, as a Store that knows the password could make one at the same Guardian.
        scene.StoreProxy.Lie = answer =>
        {
            if (answer.Path.EndsWith("attempts", StringComparison.Ordinal))
                answer.Edit(json => json["handle"] = Guid.NewGuid().ToString());
        };
        Assert.Equal(
            "the record",
            (await Assert.ThrowsAsync<IntegrityException>(() => scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation))).Object);

        // The kit alone: it does not open under the recovery key.
        scene.StoreProxy.Lie = answer =>
        {
            if (answer.Path.EndsWith("attempts", StringComparison.Ordinal))
                answer.Edit(json => json["kit"] = Base64UrlText.Encode(new byte[585]));
        };
        Assert.Equal(Alarm.DoesNotOpen, (await Assert.ThrowsAsync<IntegrityException>(() => scene.FetchAsync(scene.Device()))).Alarm);
        scene.StoreProxy.Lie = null;
        await scene.FetchAsync(scene.Device());
    }

    /// <summary>A Store that knows the password comes to the recovery key as the person does, and can seal a kit of its own.</summary>
    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task F10_a_kit_that_opens_and_names_another_account_is_an_alarm_on_a_known_device_and_at_the_unlock(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        var genuine = registered.Kit;
        foreach (var (account, identity) in (IEnumerable<(AccountId, Hash256)>)[(AccountId.Generate(), genuine.Identity), (genuine.Account, Hash256.Of("another"u8))])
        {
            using var other = new RecoveryKit(genuine.Keystore, account, identity, genuine.Words.Copy());
            var kit = Base64UrlText.Encode(registered.Key.Seal(other, registered.Record.Place));
            scene.StoreProxy.Lie = answer =>
            {
                if (answer.Path.EndsWith("attempts", StringComparison.Ordinal))
                    answer.Edit(json => json["kit"] = kit);
            };
            Assert.Equal(
                "the kit",
                (await Assert.ThrowsAsync<IntegrityException>(() => scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation))).Object);

            // A device without memory believes the kit, until the words lead elsewhere than it says.
            var believed = await scene.FetchAsync(scene.Device());
            Assert.Equal("the kit", (await Assert.ThrowsAsync<IntegrityException>(() => believed.UnlockAsync(scene.Client(), Cancellation))).Object);
        }

        scene.StoreProxy.Lie = null;
        var opened = scene.Keep(await scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation));
        scene.Keep(await opened.UnlockAsync(scene.Client(), Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task F08_a_Store_that_names_itself_as_the_Guardian_is_refused(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        scene.StoreProxy.Lie = answer =>
        {
            if (answer.Path == "/v1/recovery/attempts")
                answer.Edit(json => json["guardian"] = scene.StoreProxy.Address.GetLeftPart(UriPartial.Authority));
        };
        Assert.Equal(FailureReason.InvalidAnswer, (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(scene.Device()))).Reason);
    }

    /// <summary>Of each call the members of what was asked.</summary>
    private static HashSet<string> Sent(LyingProxy proxy) =>
    [
        .. proxy.Everything.All.Where(call => call.Request.Length > 0).Select(call =>
            $"{call.Call} {string.Join(',', JsonNode.Parse(call.Request)!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal))}"),
    ];
}
