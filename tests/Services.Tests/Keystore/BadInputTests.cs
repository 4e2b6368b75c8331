using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>Whatever comes in: a problem of a stable type that repeats nothing, and nothing has changed.</summary>
public sealed class BadInputTests(Keystores keystores) : IClassFixture<Keystores>
{
    public static TheoryData<Engine, string> Endpoints() => Engines.With(
        ServiceRoutes.Accounts, ServiceRoutes.Sessions, KeystoreRoutes.Slots, KeystoreRoutes.KeysFetch, ServiceRoutes.Changes, ServiceRoutes.Witness, ServiceRoutes.AccountDeletion);

    [Theory, MemberData(nameof(Endpoints))]
    public async Task B15_J03_a_body_that_is_not_exactly_as_specified_is_refused(Engine engine, string target)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (send, right) = await RightAsync(service, alice, target);

        var before = await service.Database.DumpAsync("spent_nonces");
        foreach (var (name, body) in SpoiledBody.Of(right.Body))
        {
            var answer = await send(right with { Body = body });
            Assert.True(answer.Problem().Type == ProblemTypes.MalformedRequest, $"{name}: {answer.Problem().Type}");
            Assert.DoesNotContain("planted", Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        }

        foreach (var type in new[] { null, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/jsonx" })
            (await send(right with { ContentType = type })).IsProblem(ProblemTypes.UnsupportedMediaType);
        Assert.Equal(before, await service.Database.DumpAsync("spent_nonces"));
        Assert.InRange((int)(await send(right)).Status, 200, 204);
    }

    [Theory, MemberData(nameof(Endpoints))]
    public async Task J03_a_body_that_is_too_large_is_refused(Engine engine, string target)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (send, right) = await RightAsync(service, alice, target);
        var limit = target is ServiceRoutes.Accounts or ServiceRoutes.Sessions ? 64 * 1024 : KeystoreRoutes.MaxBodyBytes;
        byte[] padded = [.. right.Body, .. Enumerable.Repeat((byte)' ', limit - right.Body.Length)];

        var before = await service.Database.DumpAsync("spent_nonces");
        (await send(right with { Body = [.. padded, (byte)' '] })).IsProblem(ProblemTypes.TooLarge);
        Assert.Equal(before, await service.Database.DumpAsync("spent_nonces"));
        Assert.InRange((int)(await send(right with { Body = padded })).Status, 200, 204);
    }

    [Theory, OnBothEngines]
    public async Task Too_many_objects_are_refused(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync();
        var ids = Enumerable.Range(0, KeystoreRoutes.MaxObjects + 1).Select(_ => KeyId.Generate().Value).ToArray();
        (await alice.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest(ids, 0)))).IsProblem(ProblemTypes.TooLarge);
        (await alice.SendWriteAsync(alice.Write([.. ids.Select(id => alice.NewKey(new KeyId(id)))], []))).IsProblem(ProblemTypes.TooLarge);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    public static TheoryData<Engine, string> MalformedKeys() => Engines.With(
        "overview short", "overview long", "overview version", "wrapped short", "wrapped version", "revision 0", "revision negative", "revision too large", "one id twice", "put and deleted", "replaces short", "replaces of a delete short");

    [Theory, MemberData(nameof(MalformedKeys))]
    public async Task A_key_of_another_form_is_refused(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key);
        var next = alice.NextRevision(key.Id);
        var right = alice.Write([next], []);
        var put = right.Put[0];
        var write = what switch
        {
            "overview short" => With(next with { Overview = next.Overview[..^1] }),
            "overview long" => With(next with { Overview = [.. next.Overview, 0] }),
            "overview version" => With(next with { Overview = [2, .. next.Overview[1..]] }),
            "wrapped short" => With(next with { Wrapped = [] }),
            "wrapped version" => With(next with { Wrapped = [0, .. next.Wrapped[1..]] }),
            "revision 0" => With(next with { Revision = 0 }),
            "revision negative" => With(next with { Revision = -2 }),
            "revision too large" => With(next with { Revision = 1L << 53 }),
            "one id twice" => right with { Put = [put, put] },
            "put and deleted" => right with { Delete = [new DeleteKeyMessage(key.Id, put.Replaces!)] },
            "replaces short" => right with { Put = [put with { Replaces = [1] }] },
            _ => right with { Delete = [new DeleteKeyMessage(KeyId.Generate().Value, [1])] },
        };

        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());

        WriteRequest With(KeyMessage spoiled) => right with { Put = [put with { Key = spoiled }] };
    }

    [Theory, OnBothEngines]
    public async Task Numbers_and_ids_in_addresses_have_one_form(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        foreach (var since in new[] { "-1", "1.0", "01", "+1", "1e0", "9007199254740992", "99999999999999999999", "one", "1,2", "%201", "1%20", "0x1", "" })
        {
            foreach (var target in new[] { KeystoreRoutes.Account, ServiceRoutes.Changes, $"/v1/keys/{alice.IdentityId}" })
                (await alice.SendAsync(Request.Get($"{target}?since={since}"))).IsProblem(ProblemTypes.MalformedRequest);
        }

        (await alice.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since=0&since=1"))).IsProblem(ProblemTypes.MalformedRequest);
        foreach (var id in new[] { alice.IdentityId.ToString().ToUpperInvariant(), $"{alice.IdentityId.Value:N}", $"{{{alice.IdentityId}}}", "fetch", "00000000-0000-0000-0000-000000000000", "%20", "a'b" })
        {
            (await alice.SendAsync(Request.Get($"/v1/keys/{id}"))).IsProblem(ProblemTypes.MalformedRequest);
            (await alice.SendAsync(Request.Delete($"/v1/sessions/{id}"))).IsProblem(ProblemTypes.MalformedRequest);
        }
    }

    [Theory, OnBothEngines]
    public async Task What_is_not_there_is_not_found_and_what_is_not_allowed_is_not_allowed(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        foreach (var target in new[] { "/", "/v1", "/v1/", "/v2/nonces", "/v1/planted", "/v1/keys", "/v1/keys/a/b", "/openapi/v2.json", "/health", "/index.html", "/v1/keys/%2e%2e/%2e%2e" })
        {
            var answer = await Request.Get(target).SendAsync(service.Http);
            answer.IsProblem(ProblemTypes.NotFound);
            Assert.DoesNotContain("planted", Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        }

        foreach (var (method, target) in new[] { ("GET", ServiceRoutes.Nonces), ("PUT", ServiceRoutes.Sessions), ("DELETE", KeystoreRoutes.Account), ("OPTIONS", ServiceRoutes.Changes), ("PLANTED", KeystoreRoutes.Slots) })
            (await new Request(method, target).SendAsync(service.Http)).IsProblem(ProblemTypes.MethodNotAllowed);
    }

    private static async Task<(Func<Request, Task<Answer>> Send, Request Right)> RightAsync(RunningService service, Person alice, string target)
    {
        var clientKey = X25519PrivateKey.Generate();
        var newcomer = new Person(service);
        var right = target switch
        {
            ServiceRoutes.Accounts => Request.Post(target, await newcomer.SignUpRequestAsync(clientKey)),
            ServiceRoutes.Sessions => Request.Post(target, new SignInRequest(await alice.AssertionAsync(clientKey))),
            KeystoreRoutes.Slots => Request.Post(target, await alice.SlotChangeAsync(Slot.Generate(), null)),
            ServiceRoutes.AccountDeletion => Request.Post(target, await alice.DeletionAsync()),
            ServiceRoutes.Witness => Request.PutWitness(1),
            KeystoreRoutes.KeysFetch => Request.Post(target, new FetchKeysRequest([alice.IdentityId.Value], 1)),
            _ => Request.Post(target, alice.Write([alice.NewKey(), alice.NextRevision(alice.IdentityId.Value)], [])),
        };
        return (target is ServiceRoutes.Accounts or ServiceRoutes.Sessions ? alice.SendUnsignedAsync : alice.SendAsync, right);
    }
}
