using System.Net;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>What is another person's looks like what is not there.</summary>
public sealed class ForeignTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task Another_persons_object_looks_like_a_missing_one_however_it_is_asked_for(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, bob) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        var hers = VaultPerson.NewItem();
        await alice.PutAsync(hers);
        await alice.PutAsync(alice.NextRevision(hers.Id));
        await bob.PutAsync(VaultPerson.NewItem());
        var missing = hers with { Id = Guid.NewGuid() };

        foreach (var one in new[] { hers, missing })
        {
            Assert.Empty((await bob.FetchAsync(VaultPerson.NameOf(one))).Objects);
            (await bob.SendWriteAsync(bob.Write([], [one.Id]) with { Delete = [new(one.Kind, one.Id, VaultPerson.Leaf(one).ToArray())] })).IsProblem(ProblemTypes.HeadRejected);
        }

        Assert.Equal((await bob.VersionsAsync(missing.Id)).Is(HttpStatusCode.NotFound).Body, (await bob.VersionsAsync(hers.Id)).Body);
        Assert.DoesNotContain((await bob.ChangesAsync(0)).Changes, change => change.Id == hers.Id);

        // The id is taken at her account alone: what he makes under it is his, and hers stays as it was.
        var his = VaultPerson.NewAttribute() with { Id = hers.Id };
        await bob.PutAsync(his);
        await bob.DeleteAsync(his.Id);
        Assert.Equal(VaultPerson.Leaf(alice.Objects[hers.Id]), VaultPerson.Leaf(Assert.Single((await alice.FetchAsync(VaultPerson.NameOf(hers))).Objects)));
        Assert.Single((await alice.VersionsAsync(hers.Id)).As<VersionsResponse>().Objects);
    }

    [Theory, OnBothEngines]
    public async Task A_session_of_one_person_does_nothing_at_the_account_of_another(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, bob) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        await alice.PutAsync(VaultPerson.NewItem());
        var write = alice.Write([VaultPerson.NewItem()], []);
        (await bob.SendWriteAsync(write)).IsProblem(ProblemTypes.HeadConflict);
        Assert.DoesNotContain(alice.Account.ToString(), System.Text.Encoding.UTF8.GetString((await bob.SendWriteAsync(write)).Body), StringComparison.Ordinal);
        var end = await alice.DeletionAsync();
        (await bob.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, end))).IsProblem(ProblemTypes.HeadRejected);
        (await bob.SendAsync(Request.Delete(ServiceRoutes.Session.Replace("{id}", alice.Session.KeyId.Session.ToString(), StringComparison.Ordinal)))).IsProblem(ProblemTypes.NotFound);
        await alice.LandAsync(write);
    }
}
