using Keyladder.Testing;
using Keyladder.Vectors;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>What a Vault keeps of a person is what docs/threat-model.md lists, column by column.</summary>
public sealed class PersonalDataTests
{
    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    [Theory, OnBothEngines]
    public async Task I10_a_vault_stores_no_personal_data_that_is_not_listed(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (item, gone) = (VaultPerson.NewItem(), VaultPerson.NewAttribute(attachment: await alice.UploadAsync(new byte[10])));
        await alice.PutAsync(item, gone, VaultPerson.NewAttribute(attachment: await alice.UploadAsync(new byte[10], new byte[20])));
        await alice.PutAsync(alice.NextRevision(item.Id));
        await alice.DeleteAsync(gone.Id);
        var (guest, left) = (await alice.InviteAsync(), await alice.InviteAsync());
        await alice.GiveAsync(guest, attachments: await alice.UploadAsync(new byte[10]));
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).Is(System.Net.HttpStatusCode.Created);
        await alice.LandAsync(alice.WriteChannels([new(left.Channel)]));
        (await alice.SendAsync(Request.PutWitness(1))).Is(System.Net.HttpStatusCode.OK);
        Assert.Empty(await StoredPersonalData.UnlistedAsync(service.Database, Document, isVault: true));

        foreach (var (change, undone, found) in new[]
        {
            ("ALTER TABLE objects ADD COLUMN name text", "ALTER TABLE objects DROP COLUMN name", "objects.name: not listed"),
            ("UPDATE sessions SET expires = expires + 1", "UPDATE sessions SET expires = expires - 1", "sessions.expires"),
            ("UPDATE usage SET bytes = 1785000000000", "UPDATE usage SET bytes = 0", "usage.bytes"),
        })
        {
            await service.Database.ExecuteAsync(change);
            Assert.StartsWith(found, Assert.Single(await StoredPersonalData.UnlistedAsync(service.Database, Document, isVault: true)), StringComparison.Ordinal);
            await service.Database.ExecuteAsync(undone);
        }
    }
}
