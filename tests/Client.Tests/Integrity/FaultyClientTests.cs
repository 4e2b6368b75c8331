using System.Security.Cryptography;
using Keyladder.Client.Tests.Lies;
using Keyladder.Cryptography;
using Keyladder.Keys.Hierarchy;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Integrity;

/// <summary>A client of the account's own that stored what does not open, properly signed: no proof finds that, and it must neither be shown nor hide the rest.</summary>
public sealed class FaultyClientTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task What_does_not_open_is_named_and_can_be_deleted(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var pins = new MemoryPinStore();
        var client = alice.Device(pins);
        var me = await alice.SignUpAsync(client);
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var letters = await me.Keys.GeneratePersonalAsync("letters", Cancellation);
        var (noOverview, noKey) = (KeyId.Generate(), KeyId.Generate());
        await StoreAsync(client, alice, kek =>
        [
            new StoredKey(noOverview, kek.Id, 1, Noise(585), kek.Wrap(photos).Envelope),
            new StoredKey(noKey, kek.Id, 1, kek.SealOverview(noKey, Overview(photos), 1), kek.Wrap(letters).Envelope),
        ]);

        var alarm = await Assert.ThrowsAsync<IntegrityException>(() => me.Keys.ListAsync(Cancellation));
        Assert.Equal((Alarm.DoesNotOpen, $"the overview of key {noOverview}"), (alarm.Alarm, alarm.Object));
        alarm = await Assert.ThrowsAsync<IntegrityException>(() => me.Keys.GetPersonalAsync(noKey, Cancellation));
        Assert.Equal((Alarm.DoesNotOpen, $"key {noKey}"), (alarm.Alarm, alarm.Object));
        await Expect.AlarmAsync(Alarm.DoesNotOpen, () => me.ExportAsync(Stream.Null, Cancellation));
        Assert.Equal("photos", (await me.Keys.GetAsync(photos.Id, Cancellation)).Label);
        var bad = (await me.ExamineAsync(Cancellation)).Where(finding => !finding.IsGood).Select(finding => finding.What);
        Assert.Equal(new[] { $"key {noKey} (photos)", $"key {noOverview}" }.Order(StringComparer.Ordinal), bad.Order(StringComparer.Ordinal));

        await me.Keys.DeleteManyAsync([noOverview, noKey], Cancellation);

        Assert.Equal(2, (await me.Keys.ListAsync(Cancellation)).Count);
        Assert.All(await me.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
    }

    private static Keyladder.Keys.Envelopes.KeyOverview Overview(KeystoreKey key) =>
        Keyladder.Keys.Envelopes.KeyOverview.Of(key, "photos", new DateOnly(2026, 11, 23));

    private static byte[] Noise(int length)
    {
        var noise = RandomNumberGenerator.GetBytes(length);
        noise[0] = 1;
        return noise;
    }

    /// <summary>The same account from its parts, with nobody who looks at what is stored.</summary>
    private static async Task StoreAsync(KeyladderClient client, Person person, Func<KeyEncryptionKey, StoredKey[]> make)
    {
        using var derived = await PassphraseDerivedKey.DeriveAsync(person.Secret, Cancellation);
        using var mek = derived.DeriveMasterEncryptionKey();
        var signInKey = new SignInKey(derived.DeriveSlotLocator(), derived.DeriveLoginKeypair());
        using var connection = new SignedConnection(client.Http, signInKey, await signInKey.SignInAsync(client.Http, Cancellation));
        var calls = new KeystoreCalls(connection);
        using var trust = KeystoreTrust.Open(
            connection.Account, mek, person.Secret.SlotKind, signInKey.PublicKey, await calls.GetAccountAsync(0, Cancellation));
        var watch = new KeystoreWatch(trust, calls, client.Pins);
        var keys = make(trust.Kek);
        await new KeyLedger(trust, calls, watch, TimeProvider.System).WriteAsync(
            [.. keys.Select(key => key.Name)], _ => [.. keys.Select(key => new ObjectChange<StoredKey>(key.Name, Last: null, key))], Cancellation);
    }
}
