using System.Diagnostics;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Recovery;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Recovery;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>A program that is given every byte and every secret of one service, or of both, out of their real databases, and the true password besides.</summary>
public sealed class StolenServicesTests
{
    [Theory, OnBothEngines]
    public async Task F01_all_of_the_Store_and_the_true_password_open_nothing(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        using var store = await StolenStore.OfAsync(scene.Store, registered.Record.Place);
        using var stretched = await scene.Typed(RecoveryScene.Password).StretchAsync(registered.Record.Place.Store, scene.Username, Cancellation);
        using var y1 = Evaluate(store.Key, stretched);

        // What it has not, it can only make up: another key of its own, the same value again, nothing at all.
        using var own = OprfKey.Generate();
        using var made = Evaluate(own, stretched);
        using var zeros = SecretBytes.CopyOf(new byte[OprfBlinding.OutputSize]);
        foreach (var y2 in new[] { y1, made, zeros })
            Assert.False(Opens(stretched, y1, y2, store));
        Assert.False(ResetOpens(store, new byte[ResetSecret.Size]));
        Assert.False(ResetOpens(store, store.Share));
    }

    [Theory, OnBothEngines]
    public async Task F02_all_of_the_Guardian_and_the_true_password_open_nothing_even_with_the_slots(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        using var store = await StolenStore.OfAsync(scene.Store, registered.Record.Place);
        using var guardian = await StolenGuardian.OfAsync(scene.Keystore, registered.Record.GuardianPlace.Handle);
        using var stretched = await scene.Typed(RecoveryScene.Password).StretchAsync(registered.Record.Place.Store, scene.Username, Cancellation);
        using var y2 = Evaluate(guardian.Key, stretched);
        using var own = OprfKey.Generate();
        using var made = Evaluate(own, stretched);
        foreach (var y1 in new[] { y2, made })
            Assert.False(Opens(stretched, y1, y2, store));

        // Its rows do not depend on the password: nothing in them can tell a right one.
        var canaries = new Canaries();
        canaries.Plant("password", RecoveryScene.Password);
        canaries.Plant("username", scene.Username.Text);
        Assert.Empty(canaries.FindIn(await scene.Keystore.Database.DumpAsync()));
    }

    [Theory, OnBothEngines]
    public async Task F03_F17_both_together_can_try_passwords_at_the_price_of_Argon2id_and_reset_nothing_without_the_persons_share(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        using var store = await StolenStore.OfAsync(scene.Store, registered.Record.Place);
        using var guardian = await StolenGuardian.OfAsync(scene.Keystore, registered.Record.GuardianPlace.Handle);
        foreach (var (password, isRight) in new[] { (RecoveryScene.OtherPassword, false), (RecoveryScene.Password, true) })
        {
            var watch = Stopwatch.StartNew();
            using var stretched = await scene.Typed(password).StretchAsync(registered.Record.Place.Store, scene.Username, Cancellation);
            Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(20), $"A guess costs {watch.Elapsed}.");
            using var y1 = Evaluate(store.Key, stretched);
            using var y2 = Evaluate(guardian.Key, stretched);
            Assert.Equal(isRight, Opens(stretched, y1, y2, store));
        }

        // Both shares, and not the person's.
        Assert.False(ResetOpens(store, guardian.Share));
    }

    private static SecretBytes Evaluate(OprfKey key, StretchedPassword stretched)
    {
        using var blinding = stretched.Blind();
        return blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
    }

    private static bool Opens(StretchedPassword stretched, SecretBytes y1, SecretBytes y2, StolenStore store)
    {
        using var slotKey = stretched.DeriveSlotKey(y1, y2, store.Place);
        if (!slotKey.TryUnwrap(new Wrapped<RecoveryKey>(store.PasswordSlot), out var key))
            return false;
        using (key)
        using (key.Open(store.Kit, store.Place))
            return true;
    }

    private static bool ResetOpens(StolenStore store, byte[] guardianShare)
    {
        using var madeUp = RecoveryCode.Generate();
        using var zeros = RecoveryCode.FromSecret(new byte[ResetSecret.Size]);
        foreach (var code in new[] { madeUp, zeros })
        {
            using var secret = ResetSecret.Combine(store.Share, guardianShare, code);
            if (secret.TryUnwrap(new Wrapped<RecoveryKey>(store.ResetSlot), store.Place, out var key))
            {
                key.Dispose();
                return true;
            }
        }

        return false;
    }

    /// <summary>The one row of a service's table, by the names of its columns; bytes come in hex.</summary>
    private static async Task<Dictionary<string, string>> RowAsync(ServiceHost service, string table)
    {
        await using var connection = await service.Database.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {table}";
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        Assert.True(await reader.ReadAsync(Cancellation));
        var row = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, column => reader.GetValue(column) is byte[] bytes ? Convert.ToHexString(bytes) : $"{reader.GetValue(column)}");
        Assert.False(await reader.ReadAsync(Cancellation));
        return row;
    }

    private static AtRestSecret AtRest(ServiceHost service) =>
        AtRestSecret.LoadOrCreate(Path.Combine(service.Database.Folder.FullName, $"{service.Database.Service}.at-rest"));

    private static OprfKey OpenKey(AtRestSecret secret, string @sealed, string label, Guid owner)
    {
        using var scalar = secret.Open(Convert.FromHexString(@sealed), label, owner.ToByteArray(bigEndian: true));
        return OprfKey.FromScalar(scalar.DangerousSpan);
    }

    private static byte[] OpenShare(AtRestSecret secret, string @sealed, string label, Guid owner)
    {
        using var share = secret.Open(Convert.FromHexString(@sealed), label, owner.ToByteArray(bigEndian: true));
        return share.DangerousSpan.ToArray();
    }

    private sealed record StolenStore(RecoveryPlace Place, OprfKey Key, byte[] Share, byte[] PasswordSlot, byte[] ResetSlot, byte[] Kit) : IDisposable
    {
        public static async Task<StolenStore> OfAsync(ServiceHost store, RecoveryPlace place)
        {
            var (row, secret) = (await RowAsync(store, "records"), AtRest(store));
            Assert.Equal(place.Record.ToString(), row["record_id"]);
            return new StolenStore(
                place,
                OpenKey(secret, row["oprf_key"], "recovery/v1/at-rest-oprf-key", place.Record.Value),
                OpenShare(secret, row["share"], "recovery/v1/at-rest-share", place.Record.Value),
                Convert.FromHexString(row["password_slot"]),
                Convert.FromHexString(row["reset_slot"]),
                Convert.FromHexString(row["kit"]));
        }

        public void Dispose() => Key.Dispose();
    }

    private sealed record StolenGuardian(OprfKey Key, byte[] Share) : IDisposable
    {
        public static async Task<StolenGuardian> OfAsync(ServiceHost guardian, GuardianHandle handle)
        {
            var (row, secret) = (await RowAsync(guardian, "guardian_records"), AtRest(guardian));
            Assert.Equal(handle.ToString(), row["handle"]);
            return new StolenGuardian(OpenKey(secret, row["oprf_key"], "guardian/v1/oprf-key", handle.Value), OpenShare(secret, row["share"], "guardian/v1/share", handle.Value));
        }

        public void Dispose() => Key.Dispose();
    }
}
