using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>The file that a device keeps a Vault's copy in (docs/spec/local-store.md): cut, altered, exchanged, in use, and read by others.</summary>
public sealed class LocalStoreTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    private const int HeaderLength = 56;
    private const int Lengths = 8; // a record's, and its complement

    [Fact]
    public async Task H10_a_record_that_was_cut_off_anywhere_is_the_old_state_or_the_new_one()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("second");
        await alice.Vault.DisposeAsync();
        var before = await File.ReadAllBytesAsync(alice.File, Cancellation);
        await alice.RestartAsync();
        await alice.ChangeAsync("third");
        await alice.Vault.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(alice.File, Cancellation);
        Assert.Equal(before, whole[..before.Length]);

        // Two records: what waits now, and that what had waited does not. Each part of them: the length, the envelope's header, its end.
        var (first, second) = (Frames(whole)[^2], Frames(whole)[^1]);
        Assert.Equal(before.Length, first.Start.Value);
        int[] cuts = [.. Enumerable.Range(before.Length, 6), before.Length + 60, first.End.Value - 1, first.End.Value, second.Start.Value + 2, second.End.Value - 1, whole.Length];
        foreach (var (length, zeros) in cuts.SelectMany(length => new[] { (length, 0), (length, ZerosBehind(length)) }).Distinct())
        {
            await File.WriteAllBytesAsync(alice.File, [.. whole[..length], .. new byte[zeros]], Cancellation);
            await alice.RestartAsync();
            Assert.Equal(length >= first.End.Value ? "third" : "second", await alice.PasswordAsync());
            await alice.ChangeAsync("goes on");
            await alice.RestartAsync();
            Assert.Equal("goes on", await alice.PasswordAsync());
            await alice.Vault.DisposeAsync();
        }

        // What a loss of power leaves where a file has grown and its blocks were not written: the record's end as zeros.
        int ZerosBehind(int length)
        {
            var record = length < first.End.Value ? first : second;
            return length - record.Start.Value is > 0 and < Lengths ? 0 : record.End.Value - length;
        }
    }

    [Fact]
    public async Task A_copy_that_was_altered_anywhere_else_is_refused_and_stays()
    {
        await using var alice = await scene.StartAsync();
        await alice.ChangeAsync("second");
        await alice.ChangeAsync("third");
        await alice.Vault.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(alice.File, Cancellation);
        var frames = Frames(whole);
        Assert.True(frames.Count >= 4);

        List<byte[]> altered = [[], whole[..(HeaderLength - 1)], [.. whole.Skip(1)]];
        altered.AddRange(Enumerable.Range(0, HeaderLength).Where(position => position % 5 == 0).Select(position => Flipped(whole, position)));
        foreach (var frame in frames[..^1])
            altered.AddRange([Flipped(whole, frame.Start.Value + Lengths), Flipped(whole, frame.Start.Value + 40), Flipped(whole, frame.End.Value - 1)]);
        // A length that was altered must not make one record, the last one too, look as if it had been cut off with all behind it.
        foreach (var frame in frames)
            altered.AddRange(Enumerable.Range(frame.Start.Value, Lengths).Select(position => Flipped(whole, position)));
        altered.Add(Without(whole, frames[1])); // dropped
        altered.Add([.. whole[..frames[1].Start], .. whole[frames[2]], .. whole[frames[1]], .. whole[frames[2].End..]]); // exchanged
        altered.Add([.. whole[..frames[2].End], .. whole[frames[1]], .. whole[frames[2].End..]]); // repeated
        foreach (var file in altered)
        {
            await File.WriteAllBytesAsync(alice.File, file, Cancellation);
            await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, () => alice.OpenAsync());
            Assert.Equal(file, await File.ReadAllBytesAsync(alice.File, Cancellation));
        }

        // A file that had grown before anything came into it.
        await File.WriteAllBytesAsync(alice.File, [.. whole, .. new byte[100]], Cancellation);
        await alice.RestartAsync();
        Assert.Equal("third", await alice.PasswordAsync());
        await alice.Vault.DisposeAsync();

        // Moved away, it is made anew.
        File.Delete(alice.File);
        await alice.RestartAsync();
        Assert.Equal("third", await alice.PasswordAsync());
    }

    [Fact]
    public async Task Leaves_that_are_not_those_of_the_head_are_refused_whoever_sealed_them()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(alice.File, Cancellation);
        Assert.True(Origin.TryCreate(scene.Hostile.Proxy.Address, out var origin));
        var dek = (await VaultKeys.FindAsync(alice.Account.Keys, origin, Cancellation))!.Sealing;
        var store = new DataId(new Guid(whole.AsSpan(8, 16), bigEndian: true));

        foreach (var edit in (Action<JsonObject>[])[record => record["changes"]!.AsArray().RemoveAt(0), record => record["changes"]![0]!["leaf"] = new string('A', 43)])
        {
            List<byte> altered = [.. whole[..HeaderLength]];
            foreach (var (index, frame) in Frames(whole).Index())
            {
                var record = JsonNode.Parse(dek.OpenRecord(store, index + 1, whole.AsSpan(frame)[Lengths..]))!.AsObject();
                if (record["changes"] is JsonArray { Count: > 0 })
                    edit(record);
                var envelope = dek.SealRecord(store, index + 1, Encoding.UTF8.GetBytes(record.ToJsonString()));
                altered.AddRange([0, 0, (byte)(envelope.Length >> 8), (byte)envelope.Length, 0xff, 0xff, (byte)~(envelope.Length >> 8), (byte)~envelope.Length, .. envelope]);
            }

            await File.WriteAllBytesAsync(alice.File, [.. altered], Cancellation);
            await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, () => alice.OpenAsync());
        }
    }

    [Fact]
    public async Task H10_a_disk_that_takes_nothing_is_told_and_loses_nothing()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("kept");
        var full = Directory.CreateDirectory(alice.File + ".new"); // in the way of the file that is written anew
        full.CreateSubdirectory("x");
        var waiting = 0;
        await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, async () =>
        {
            for (; waiting < 100; waiting++)
                await alice.Vault.PutAsync(ItemDraft.New("Big").With(ItemAttribute.Binary("file", new byte[40_000])), Cancellation);
        });
        Assert.Equal(waiting + 1, alice.Vault.Queued.Count);
        Assert.Equal(waiting + 1, (await alice.Vault.ListAsync(Cancellation)).Count);

        // Nor is anything lost where the Vault has it and the disk does not.
        scene.Mend();
        await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, () => alice.Vault.SyncAsync(Cancellation));
        full.Delete(recursive: true);
        await alice.Vault.SyncAsync(Cancellation);
        Assert.Equal("kept", await alice.PasswordAsync(await alice.OpenElsewhereAsync()));
        scene.Cut();
        await alice.RestartAsync();
        Assert.Empty(alice.Vault.Queued);
        Assert.Equal("kept", await alice.PasswordAsync());
        Assert.Equal(waiting + 1, (await alice.Vault.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task J08_another_persons_copy_is_refused()
    {
        await using var alice = await scene.StartAsync();
        await using var bob = await scene.StartAsync();
        await alice.Vault.DisposeAsync();
        await bob.Vault.DisposeAsync();
        File.Copy(bob.File, alice.File, overwrite: true);

        await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, () => alice.OpenAsync());
    }

    [Fact]
    public async Task J09_an_older_copy_follows_to_the_newest_state_and_is_seen_through_where_the_Vault_goes_back_with_it()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.DisposeAsync();
        var older = await File.ReadAllBytesAsync(alice.File, Cancellation);
        var yesterday = await scene.Hostile.KeepAsync();
        await alice.RestartAsync();
        await alice.ChangeAsync("second");
        await alice.Vault.DisposeAsync();

        await File.WriteAllBytesAsync(alice.File, older, Cancellation);
        await alice.RestartAsync();
        Assert.Equal("second", await alice.PasswordAsync());

        await alice.Vault.DisposeAsync();
        await File.WriteAllBytesAsync(alice.File, older, Cancellation);
        scene.Hostile.Proxy.StandBefore(yesterday);
        await Lies.Expect.AlarmAsync(Alarm.RolledBack, () => alice.OpenAsync());
        scene.Mend();
    }

    [Fact]
    public async Task D08_what_is_not_proven_to_be_the_newest_is_not_kept()
    {
        await using var alice = await scene.StartAsync();
        var yesterday = await scene.Hostile.KeepAsync();
        await alice.ChangeAsync("second");
        await alice.Vault.DisposeAsync();
        scene.Hostile.Proxy.StandBefore(yesterday);
        var elsewhere = await alice.UnlockWithoutMemoryAsync();

        await WitnessScene.UnprovenAsync(() => elsewhere.OpenAsync());
        scene.Cut();
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => elsewhere.OpenAsync());
        scene.Mend();

        await elsewhere.RestartAsync();
        Assert.Equal("second", await elsewhere.PasswordAsync());
    }

    [Fact]
    public async Task D08_what_is_not_proven_is_not_shown_either_once_the_Vault_is_out_of_reach_again()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        scene.Mend();
        await using (var there = await alice.OpenElsewhereAsync())
            await alice.ChangeAsync("second", there);
        await scene.Hostile.Real.Database.ExecuteAsync("DELETE FROM witnesses");

        await WitnessScene.UnprovenAsync(() => alice.Vault.SyncAsync(Cancellation));
        scene.Cut();
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => alice.PasswordAsync());
        await alice.RestartAsync();
        Assert.Equal("first", await alice.PasswordAsync());
    }

    [Fact]
    public async Task One_program_at_a_time_has_the_copy_open()
    {
        await using var alice = await scene.StartAsync();

        await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, () => alice.OpenAsync());

        await alice.RestartAsync();
        Assert.Equal("first", await alice.PasswordAsync());
    }

    [Fact]
    public async Task Nothing_of_the_Vault_is_readable_in_the_copy()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.Vault.PutAsync(Login("Queued canary", "waiting canary") with { Tags = ["canary tag"] }, Cancellation);
        var item = (await alice.Vault.GetAsync(alice.Item, Cancellation)).Item;
        await alice.Vault.DisposeAsync();

        var file = await File.ReadAllBytesAsync(alice.File, Cancellation);
        string[] texts = ["Bank", "first", "canary", "login", "password", "\"head\"", $"{item.Id}", $"{alice.Vault.Id}"];
        Assert.All(texts, text => Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(-1, file.AsSpan().IndexOf(item.Stored.Sealed.AsSpan(0, 16)));
        Assert.Equal(-1, file.AsSpan().IndexOf(item.Stored.Leaf.ToArray()));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(alice.File));
    }

    [Fact]
    public async Task A_copy_that_has_grown_by_what_was_overtaken_is_written_anew()
    {
        await using var alice = await scene.StartAsync();
        var big = ItemDraft.New("Big").With(ItemAttribute.Binary("file", new byte[40_000]));
        await alice.Vault.PutAsync(big, Cancellation);
        var longest = 0L;
        for (var round = 0; round < 30; round++)
        {
            var next = (await alice.Vault.GetAsync(big.Id, Cancellation)).Edit().With(ItemAttribute.Binary("file", Enumerable.Repeat((byte)round, 40_000).ToArray()));
            await alice.Vault.PutAsync(next, Cancellation);
            longest = Math.Max(longest, new FileInfo(alice.File).Length);
        }

        Assert.True(new FileInfo(alice.File).Length < longest);
        scene.Cut();
        await alice.RestartAsync();
        Assert.Equal(Enumerable.Repeat((byte)29, 40_000), (await alice.Vault.GetAsync(big.Id, Cancellation)).Find("file")!.Value.ToArray());
    }

    [Fact]
    public async Task Deleting_the_account_at_the_Vault_takes_the_copy()
    {
        await using var alice = await scene.StartAsync();
        Assert.True(File.Exists(alice.File));

        await alice.DeleteAsync();

        Assert.False(File.Exists(alice.File));
    }

    private static byte[] Flipped(byte[] file, int position)
    {
        byte[] flipped = [.. file];
        flipped[position] ^= 1;
        return flipped;
    }

    private static byte[] Without(byte[] file, Range frame) => [.. file[..frame.Start], .. file[frame.End..]];

    private static List<Range> Frames(byte[] file)
    {
        var frames = new List<Range>();
        for (var position = HeaderLength; position < file.Length;)
        {
            var end = position + Lengths + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(position));
            frames.Add(position..end);
            position = end;
        }

        return frames;
    }
}
