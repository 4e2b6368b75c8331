using System.Text;
using Keyladder.Client.Tests.Lies;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Accounts;

/// <summary>Docs/spec/export.md, from one service to another, which share nothing.</summary>
public sealed class ExportTests
{
    [Theory, OnBothEngines]
    public async Task An_account_goes_on_at_another_service_with_the_same_keys_and_DIDs_in_a_history_of_its_own(Engine engine)
    {
        await using var old = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var other = await KeystoreHost.StartAsync(engine, settings: options => options with { SignUp = SignUpRule.Invitation });
        await using var alice = new Person(old.Origin) { Secret = NewWords() };
        await using var newcomer = new Person(other.Origin);
        var me = await alice.SignUpAsync();
        var (photos, letters) = (await me.Keys.GeneratePersonalAsync("photos", Cancellation), await me.Keys.GenerateSigningAsync("letters", Cancellation));
        await me.Keys.GenerateSharingAsync(cancellationToken: Cancellation);
        var gone = await me.Keys.GeneratePersonalAsync("gone", Cancellation);
        await me.Keys.RenameAsync(photos.Id, "holidays", Cancellation);
        await me.Keys.SetStateAsync(photos.Id, KeyState.Deactivated, Cancellation);
        await me.Keys.DeleteAsync(gone.Id, Cancellation);
        using var recovery = NewWords();
        await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);
        var data = DataId.Generate();
        var sealedBefore = (await me.Keys.GeneratePersonalAsync("now", Cancellation)).Seal(data, "a photo"u8);
        var (export, count) = await ExportAsync(me);

        using var code = await InviteAsync(other);
        var pins = new MemoryPinStore();
        await using var there = await newcomer.Device(pins).ImportAsync(new MemoryStream(export), alice.Secret, code, Cancellation);

        Assert.Equal(4, count);
        Assert.Equal(me.Id, there.Id);
        Assert.Equal(Describe(await me.Keys.ListAsync(Cancellation)), Describe(await there.Keys.ListAsync(Cancellation)));
        Assert.Equal(2, (await pins.GetAsync(there.Id, Cancellation))!.Number);
        Assert.All(await there.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
        Assert.Equal([true], from method in await there.UnlockMethods.ListAsync(Cancellation) select method.Current);
        Assert.Equal(["account-created", "keys-changed"], from known in await there.ReadAuditAsync(Cancellation) select known.Kind);

        // What was sealed there opens here, a signature of here verifies under the DID of there, and neither service hears of the other.
        var now = (await there.Keys.ListAsync(Cancellation)).Single(key => key.Label == "now");
        Assert.Equal("a photo"u8.ToArray(), there.Keys.UnwrapPersonal(now).Open(data, sealedBefore));
        using var keypair = await there.Keys.GetSigningAsync(letters.Id, Cancellation);
        Assert.Equal(Did.Of(letters.PublicKey!), Did.Of(keypair.PublicKey!));
        await there.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        await me.DeleteAsync(Cancellation);
        await using var again = await newcomer.Device().Account(there.Id).UnlockAsync(alice.Secret, Cancellation);
        Assert.Equal(4, (await again.Keys.ListAsync(Cancellation)).Count);
        await Expect.FailureAsync(FailureReason.SignInFailed, () => newcomer.Device().Account().UnlockAsync(recovery, Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task The_export_holds_nothing_that_can_be_read_and_opens_with_no_other_secret(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine);
        await using var alice = new Person(keystore.Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        using var random = DeviceSecret.Generate();
        using var device = UnlockSecret.FromDevice(random);
        using var recovery = NewWords();
        await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);
        await me.UnlockMethods.AddAsync(device, device, Cancellation);
        var letters = await me.Keys.GenerateSigningAsync("letters from the sea", Cancellation);
        var canaries = new Canaries();
        canaries.Plant("label", "letters from the sea");
        canaries.Plant("DID", Did.Of(letters.PublicKey!).ToString());
        canaries.Plant("public half", letters.PublicKey!.Bytes);

        var (export, _) = await ExportAsync(me);

        Assert.Empty(canaries.FindIn(export));
        Assert.All(Encoding.UTF8.GetString(export).Split('\n'), line => Assert.DoesNotContain("locator", line, StringComparison.Ordinal));
        foreach (var secret in new[] { recovery, device, NewWords() })
            await Expect.FailureAsync(FailureReason.NotAllowed, () => ExportedAccount.OpenAsync(new MemoryStream(export), secret, Cancellation));
        using var opened = await ExportedAccount.OpenAsync(new MemoryStream(export), alice.Secret, Cancellation);
        Assert.Equal(letters.Id, Assert.Single(opened.Keys).Id);
        await using var onDevice = await alice.Device().Account().UnlockAsync(device, Cancellation);
        await Expect.FailureAsync(FailureReason.NotAllowed, () => onDevice.ExportAsync(Stream.Null, Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task An_admission_lets_an_account_in_and_a_service_that_is_closed_does_not(Engine engine)
    {
        using var app = Ed25519PrivateKey.Generate();
        await using var old = await KeystoreHost.StartAsync(engine);
        await using var other = await KeystoreHost.StartAsync(
            engine, settings: options => options with { SignUp = SignUpRule.Admission, AdmissionKeys = Did.Of(app.PublicKey).ToString() });
        await using var alice = new Person(old.Origin) { Secret = NewWords() };
        await using var newcomer = new Person(other.Origin);
        var (export, _) = await ExportAsync(await alice.SignUpAsync());
        Assert.True(Origin.TryCreate(other.Origin, out var origin));
        var device = newcomer.Device();

        await Expect.FailureAsync(FailureReason.SignUpClosed, () => device.ImportAsync(new MemoryStream(export), alice.Secret, Cancellation));
        var admission = Admission.Create(origin, other.Time.GetUtcNow()).Sign(app);
        await using (var there = await device.ImportAsync(new MemoryStream(export), alice.Secret, admission, Cancellation))
            Assert.Empty(await there.Keys.ListAsync(Cancellation));
        // Spent; but the account is there.
        await using var again = await newcomer.Device().ImportAsync(new MemoryStream(export), alice.Secret, admission, Cancellation);
        Assert.Empty(await again.Keys.ListAsync(Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task An_import_that_is_cut_off_anywhere_goes_on_when_it_is_called_again(Engine engine)
    {
        await using var old = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var proxy = await LyingProxy.StartAsync();
        await using var other = await KeystoreHost.StartAsync(engine, origin: proxy.Address, settings: options => options with { SignUp = SignUpRule.First });
        proxy.StandBefore(other.Address);
        await using var alice = new Person(old.Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        await me.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(KeyPurpose.PersonalDek), (2 * KeystoreRoutes.MaxObjects) + 1)], Cancellation);
        var (export, _) = await ExportAsync(me);
        await using var newcomer = new Person(proxy.Address);
        var pins = new MemoryPinStore();

        async Task CutAsync(Action<Counter> cut)
        {
            var counter = new Counter();
            cut(counter);
            await Expect.FailureAsync(FailureReason.Unreachable, () => newcomer.Device(pins).ImportAsync(new MemoryStream(export), alice.Secret, Cancellation));
            Assert.True(counter.Cut);
            (proxy.Lie, proxy.Block) = (null, null);
        }

        // The sign-up's every answer is lost; then a batch that did not land, one that did, and a service that is started again.
        await CutAsync(counter => proxy.Lie = answer => answer.Lost = counter.Cuts(answer.Path == ServiceRoutes.Accounts, from: 1));
        await CutAsync(counter => proxy.Block = call => counter.Cuts(call == "POST /v1/changes", from: 2));
        await CutAsync(counter => proxy.Lie = answer => answer.Lost = counter.Cuts($"{answer.Method} {answer.Path}" == "POST /v1/changes", from: 1));
        await other.RestartAsync();
        proxy.StandBefore(other.Address);
        await using (var there = await newcomer.Device(pins).ImportAsync(new MemoryStream(export), alice.Secret, Cancellation))
            Assert.Equal(Describe(await me.Keys.ListAsync(Cancellation)), Describe(await there.Keys.ListAsync(Cancellation)));
        Assert.Equal(4, (await pins.GetAsync(me.Id, Cancellation))!.Number);

        // Once more, here and on another device: nothing is left to do, and nothing is done.
        foreach (var known in new[] { pins, new MemoryPinStore() })
        {
            await using var again = await newcomer.Device(known).ImportAsync(new MemoryStream(export), alice.Secret, Cancellation);
            Assert.All(await again.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
            Assert.Equal(4, (await known.GetAsync(me.Id, Cancellation))!.Number);
        }
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task A_state_that_is_further_on_comes_along_though_the_key_is_there_already(Engine engine)
    {
        await using var old = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var other = await KeystoreHost.StartAsync(engine);
        await using var alice = new Person(old.Origin) { Secret = NewWords() };
        await using var newcomer = new Person(other.Origin);
        var me = await alice.SignUpAsync();
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var letters = await me.Keys.GeneratePersonalAsync("letters", Cancellation);
        await using (var first = await newcomer.Device().ImportAsync(new MemoryStream((await ExportAsync(me)).Export), alice.Secret, Cancellation))
            await first.Keys.SetStateAsync(letters.Id, KeyState.Compromised, Cancellation);

        // The account goes on where it was; a service that has it from before, or shows it as it was, sets no key back.
        await me.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        await using var again = await newcomer.Device().ImportAsync(new MemoryStream((await ExportAsync(me)).Export), alice.Secret, Cancellation);
        Assert.All(await again.Keys.ListAsync(Cancellation), key => Assert.Equal(KeyState.Compromised, key.State));
        Assert.All(await again.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task An_id_that_is_taken_there_and_pins_of_elsewhere_are_told(Engine engine)
    {
        await using var old = await KeystoreHost.StartAsync(engine);
        await using var other = await KeystoreHost.StartAsync(engine);
        await using var alice = new Person(old.Origin) { Secret = NewWords() };
        await using var newcomer = new Person(other.Origin);
        var oldPins = new MemoryPinStore();
        var me = await alice.SignUpAsync(oldPins);
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var (export, _) = await ExportAsync(me);

        // The pins of the old service.
        var elsewhere = await FailsAsync(newcomer.Device(oldPins), export, alice.Secret, FailureReason.NotAllowed);
        Assert.Contains("remembers", elsewhere.Message, StringComparison.Ordinal);

        // Somebody made an account of this id, with other keys, and even by the same secret.
        await using (var squatter = await SquatAsync(newcomer.Device(), me.Id, alice.Secret))
        {
            await FailsAsync(newcomer.Device(), export, alice.Secret, FailureReason.AccountExists);
            await squatter.DeleteAsync(Cancellation);
        }

        using var others = NewDevice();
        await using (var squatter = await SquatAsync(newcomer.Device(), me.Id, others))
        {
            await FailsAsync(newcomer.Device(), export, alice.Secret, FailureReason.AccountExists);
            await squatter.DeleteAsync(Cancellation);
        }

        // This secret opens another account there.
        await using (var another = await newcomer.Device().SignUpAsync(alice.Secret, Cancellation))
        {
            Assert.Contains("another account", (await FailsAsync(newcomer.Device(), export, alice.Secret, FailureReason.AccountExists)).Message, StringComparison.Ordinal);
            await another.DeleteAsync(Cancellation);
        }

        // It lives there, and has gone on: with a key deleted, then with another secret.
        var pins = new MemoryPinStore();
        var there = newcomer.Keep(await newcomer.Device(pins).ImportAsync(new MemoryStream(export), alice.Secret, Cancellation));
        await there.Keys.DeleteAsync(photos.Id, Cancellation);
        Assert.Contains("deleted", (await FailsAsync(newcomer.Device(pins), export, alice.Secret, FailureReason.NotAllowed)).Message, StringComparison.Ordinal);
        await there.ChangePassphraseAsync(others, others, Cancellation);
        await FailsAsync(newcomer.Device(pins), export, alice.Secret, FailureReason.NotAllowed);
        await FailsAsync(newcomer.Device(), export, alice.Secret, FailureReason.AccountExists);
    }

    [Fact]
    public async Task An_export_of_more_keys_than_any_account_has_is_not_begun()
    {
        using var secret = NewWords();
        foreach (var (count, says) in new[] { (ExportedAccount.MaxKeys + 1, "more than 500000 keys"), (ExportedAccount.MaxKeys, "1 keys, and 500000 were signed for") })
        {
            var export = await MakeAsync(AccountId.Generate(), secret, count);
            var refusal = await Assert.ThrowsAsync<KeyladderException>(() => ExportedAccount.OpenAsync(new MemoryStream(export), secret, Cancellation));
            Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The bytes, and how many keys they hold.</summary>
    internal static async Task<(byte[] Export, int Keys)> ExportAsync(UnlockedAccount account)
    {
        using var export = new MemoryStream();
        var keys = await account.ExportAsync(export, Cancellation);
        return (export.ToArray(), keys);
    }

    private static async Task<KeyladderException> FailsAsync(KeyladderClient device, byte[] export, UnlockSecret secret, FailureReason reason)
    {
        var failure = await Assert.ThrowsAnyAsync<KeyladderException>(() => device.ImportAsync(new MemoryStream(export), secret, Cancellation));
        Assert.Equal(reason, failure.Reason);
        Assert.NotEmpty(failure.NextStep);
        return failure;
    }

    /// <summary>An account of somebody else's id, made from parts as no client makes it.</summary>
    private static async Task<UnlockedAccount> SquatAsync(KeyladderClient client, AccountId id, UnlockSecret secret) =>
        await client.ImportAsync(new MemoryStream(await MakeAsync(id, secret, count: 1)), secret, Cancellation);

    /// <summary>An export of which the first line alone is there, whatever number of keys its head signs for.</summary>
    private static async Task<byte[]> MakeAsync(AccountId id, UnlockSecret secret, long count)
    {
        using var kek = KeyEncryptionKey.Generate(id);
        using var identity = IdentityKeypair.Generate(id);
        using var slot = await NewSlot.CreateAsync(kek, secret, Cancellation);
        var day = new DateOnly(2026, 1, 2);
        var stored = new StoredKey(identity.Id, kek.Id, 1, kek.SealOverview(identity.Id, KeyOverview.Of(identity, null, day), 1), kek.Wrap(identity).Envelope);
        var head = identity.Sign(new KeystoreHead
        {
            Account = id,
            Number = count == 1 ? 1 : 3,
            Day = day,
            KeyEncryptionKey = kek.Id,
            Epoch = 1,
            Identity = new(identity.Id, identity.PublicKey),
            Slots = [slot.Slot],
            Count = count,
            Root = SparseMerkleTree.ComputeRoot(new Dictionary<Hash256, Hash256> { [KeyLeaf.Path(stored.Id)] = stored.Leaf }),
            Links = count == 1 ? [] : [stored.Leaf],
        });
        var start = new AccountExportMessage(AccountExportMessage.Version1, id.Value, slot.Message with { Locator = null }, stored.ToMessage(), head.Jws);
        return [.. StrictJson.Write(start, ProtocolJson.Default.AccountExportMessage), (byte)'\n'];
    }

    private static async Task<InvitationCode> InviteAsync(KeystoreHost service) => (await Invitations.CreateAsync(
        new KeystoreOptions { Data = service.Database.Folder.FullName, Database = service.Database.Postgres }, days: 1, service.Time, Cancellation)).Code;

    private static List<string> Describe(IEnumerable<AccountKey> keys) =>
        [.. keys.Select(key => $"{key.Id} {key.Purpose} {key.Label} {key.State} {key.Created:O} {key.Did}").Order(StringComparer.Ordinal)];

    private sealed class Counter
    {
        private int _calls;

        public bool Cut { get; private set; }

        /// <summary>Whether this is one of the calls that are meant, from the first, second … on.</summary>
        public bool Cuts(bool meant, int from)
        {
            var cuts = meant && Interlocked.Increment(ref _calls) >= from;
            Cut |= cuts;
            return cuts;
        }
    }
}
