using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Keyladder.Vectors;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>What a Passphrase Store keeps of a person is what docs/threat-model.md lists, column by column.</summary>
public sealed class PersonalDataTests
{
    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    [Theory, OnBothEngines]
    public async Task I10_a_passphrase_store_stores_no_personal_data_that_is_not_listed(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        await Registrant.SendDeviceAttemptAsync(await alice.AddDeviceAsync());
        for (var number = 0; number < RecoveryLimits.FreeGuesses; number++)
            await alice.AttemptAsync();
        await new Registrant(service).AttemptAsync();
        await alice.NextMailAsync();
        await alice.CodeAsync(CodePurposes.Reset);
        Assert.Empty(await StoredPersonalData.UnlistedAsync(service.Database, Document));

        foreach (var (change, undone, found) in new[]
        {
            ("ALTER TABLE records ADD COLUMN email text", "ALTER TABLE records DROP COLUMN email", "records.email: not listed"),
            ("UPDATE codes SET expires = expires + 1", "UPDATE codes SET expires = expires - 1", "codes.expires"),
            ($"UPDATE guesses SET subject = '{alice.Username}' WHERE used = 10", "", "guesses.subject"),
        })
        {
            await service.Database.ExecuteAsync(change);
            Assert.StartsWith(found, Assert.Single(await StoredPersonalData.UnlistedAsync(service.Database, Document)), StringComparison.Ordinal);
            if (undone.Length > 0)
                await service.Database.ExecuteAsync(undone);
        }
    }
}
