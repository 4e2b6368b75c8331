using System.Text;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>Whatever comes in: a problem of a stable type that repeats nothing, and nothing has changed.</summary>
public sealed class BadInputTests(Vaults vaults) : IClassFixture<Vaults>
{
    public static TheoryData<Engine, string> Endpoints() => Engines.With(
        ServiceRoutes.Accounts, ServiceRoutes.Sessions, VaultRoutes.ObjectsFetch, ServiceRoutes.Changes, ServiceRoutes.Witness, ServiceRoutes.AccountDeletion,
        VaultRoutes.Channel);

    [Theory, MemberData(nameof(Endpoints))]
    public async Task A_body_that_is_not_exactly_as_specified_is_refused(Engine engine, string target)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.PutAsync(VaultPerson.NewItem());
        var (send, right) = await RightAsync(service, alice, target);

        var before = await service.Database.DumpAsync("spent_nonces");
        foreach (var (name, body) in SpoiledBody.Of(right.Body))
        {
            var answer = await send(right with { Body = body });
            Assert.True(answer.Problem().Type == ProblemTypes.MalformedRequest, $"{name}: {answer.Problem().Type}");
            Assert.DoesNotContain("planted", Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        }

        Assert.Equal(before, await service.Database.DumpAsync("spent_nonces"));
        Assert.InRange((int)(await send(right)).Status, 200, 204);
    }

    [Theory, MemberData(nameof(Endpoints))]
    public async Task A_body_that_is_too_large_is_refused(Engine engine, string target)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.PutAsync(VaultPerson.NewItem());
        var (send, right) = await RightAsync(service, alice, target);
        var limit = target switch
        {
            ServiceRoutes.Accounts or ServiceRoutes.Sessions => 64 * 1024,
            VaultRoutes.Channel => VaultRoutes.MaxGuestBodyBytes,
            _ => VaultRoutes.MaxBodyBytes,
        };
        byte[] padded = [.. right.Body, .. Enumerable.Repeat((byte)' ', limit - right.Body.Length)];

        (await send(right with { Body = [.. padded, (byte)' '] })).IsProblem(ProblemTypes.TooLarge);
        Assert.InRange((int)(await send(right with { Body = padded })).Status, 200, 204);
    }

    [Theory, OnBothEngines]
    public async Task Too_many_objects_are_refused(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var objects = Enumerable.Range(0, VaultRoutes.MaxObjects + 1).Select(_ => VaultPerson.NewItem(1)).ToArray();
        (await alice.SendAsync(Request.Post(VaultRoutes.ObjectsFetch, new FetchObjectsRequest([.. objects.Select(VaultPerson.NameOf)], 0)))).IsProblem(ProblemTypes.TooLarge);
        (await alice.SendWriteAsync(alice.Write(objects, []))).IsProblem(ProblemTypes.TooLarge);
        await alice.PutAsync(objects[1..]);
        Assert.Equal(VaultRoutes.MaxObjects, (await alice.FetchAsync([.. objects[1..].Select(VaultPerson.NameOf)])).Objects.Length);
    }

    public static TheoryData<Engine, string> MalformedObjects() => Engines.With(
        "kind", "dek short", "dek long", "revision 0", "revision too large", "sealed empty", "sealed version", "sealed too large", "an item with an attachment", "one id twice", "put and deleted",
        "replaces short", "deleted kind", "deleted twice");

    [Theory, MemberData(nameof(MalformedObjects))]
    public async Task An_object_of_another_form_is_refused(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem();
        await alice.PutAsync(item);
        var next = alice.NextRevision(item.Id);
        var right = alice.Write([next], []);
        var put = right.Put[0];
        var deletion = new DeleteObjectMessage(item.Kind, item.Id, put.Replaces!);
        var write = what switch
        {
            "kind" => With(next with { Kind = "planted" }),
            "dek short" => With(next with { Dek = next.Dek[..^1] }),
            "dek long" => With(next with { Dek = [.. next.Dek, 0] }),
            "revision 0" => With(next with { Revision = 0 }),
            "revision too large" => With(next with { Revision = 1L << 53 }),
            "sealed empty" => With(next with { Sealed = [] }),
            "sealed version" => With(next with { Sealed = [2, .. next.Sealed[1..]] }),
            "sealed too large" => With(next with { Sealed = Slot.Envelope(VaultRoutes.MaxSealedBytes + 1) }),
            "an item with an attachment" => With(next with { Attachment = Guid.NewGuid() }),
            "one id twice" => right with { Put = [put, put with { Object = next with { Kind = ObjectKind.Attribute } }] },
            "put and deleted" => right with { Delete = [deletion] },
            "replaces short" => right with { Put = [put with { Replaces = put.Replaces![..^1] }] },
            "deleted kind" => right with { Put = [], Delete = [deletion with { Kind = "planted" }] },
            _ => right with { Put = [], Delete = [deletion, deletion] },
        };

        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());
        await alice.PutAsync(next with { Sealed = Slot.Envelope(VaultRoutes.MaxSealedBytes) });

        ObjectWriteRequest With(ObjectMessage spoiled) => right with { Put = [put with { Object = spoiled }] };
    }

    [Theory, OnBothEngines]
    public async Task Names_kinds_and_numbers_have_one_form(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var name = new ObjectNameMessage(ObjectKind.Item, Guid.NewGuid());
        foreach (var names in new[] { [name, name], [name, name with { Kind = ObjectKind.Attribute }], new[] { name with { Kind = "planted" } } })
            (await alice.SendAsync(Request.Post(VaultRoutes.ObjectsFetch, new FetchObjectsRequest(names, 0)))).IsProblem(ProblemTypes.MalformedRequest);
        foreach (var query in new[] { "attributes=0", "attributes=true", "attributes=", "attributes=1&attributes=1", "since=-1", "since=01", "since=planted" })
            (await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?{query}"))).IsProblem(ProblemTypes.MalformedRequest);
        foreach (var id in new[] { name.Id.ToString().ToUpperInvariant(), $"{name.Id:N}", "planted", "00000000-0000-0000-0000-000000000000" })
            (await alice.SendAsync(Request.Get($"/v1/objects/{id}/versions"))).IsProblem(ProblemTypes.MalformedRequest);
        (await alice.SendAsync(Request.Get("/v1/account/data?table=planted"))).IsProblem(ProblemTypes.MalformedRequest);
    }

    private static async Task<(Func<Request, Task<Answer>> Send, Request Right)> RightAsync(RunningService service, VaultPerson alice, string target)
    {
        var clientKey = X25519PrivateKey.Generate();
        var item = alice.Objects.Values.Single();
        var guest = await alice.InviteAsync();
        var right = target switch
        {
            ServiceRoutes.Accounts => Request.Post(target, await new VaultPerson(service).SignUpRequestAsync(clientKey)),
            ServiceRoutes.Sessions => Request.Post(target, new SignInRequest(await alice.AssertionAsync(clientKey))),
            ServiceRoutes.AccountDeletion => Request.Post(target, await alice.DeletionAsync()),
            ServiceRoutes.Witness => Request.PutWitness(1),
            VaultRoutes.ObjectsFetch => Request.Post(target, new FetchObjectsRequest([VaultPerson.NameOf(item)], 1)),
            VaultRoutes.Channel => Request.Post(target, new LeaveLetterRequest(Guid.NewGuid(), new byte[457])),
            _ => Request.Post(target, alice.Write([VaultPerson.NewAttribute(attachment: await alice.UploadAsync(new byte[10]))], [item.Id]) with
            {
                Channels = [Guest.Generate(service).InWrite],
                Letters = [new(guest.Channel, Guid.NewGuid(), new byte[457])],
                Taken = [Guid.NewGuid()],
            }),
        };
        Func<Request, Task<Answer>> send = target switch
        {
            ServiceRoutes.Accounts or ServiceRoutes.Sessions => alice.SendUnsignedAsync,
            VaultRoutes.Channel => guest.SendAsync,
            _ => alice.SendAsync,
        };
        return (send, right);
    }
}
