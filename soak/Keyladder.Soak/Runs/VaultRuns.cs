using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Soak.Processes;
using Keyladder.Testing;
using Microsoft.Data.Sqlite;

namespace Keyladder.Soak.Runs;

/// <summary>
/// A Vault whose every write fails once, or that dies at it: in a batch of items, and in an attachment with the item that names it. Whatever
/// came of it, a device without memory then reads the old state or the new one, whole; and the new one if the writer was told so.
/// </summary>
internal static class VaultRuns
{
    private const int AttachmentSize = 50_000;

    /// <param name="dies">Whether the process is killed by the write (SIGXFSZ), or sees it fail.</param>
    /// <param name="frames">At most so many frames of the write-ahead log, for each of the two.</param>
    public static async Task<Report> EveryWriteAsync(bool dies, int frames)
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        var folder = Directory.CreateTempSubdirectory("keyladder-soak-");
        try
        {
            await using var vault = await Faulty.StartAsync(folder, dies);
            using var device = DeviceSecret.Generate();
            using var secret = UnlockSecret.FromDevice(device);
            using var client = new KeyladderClient(keystore.Origin, new MemoryPinStore());
            await using var account = await client.SignUpAsync(secret);
            await using var here = await account.Vaults.CreateAsync(vault.Address);
            await here.PutManyAsync([Draft("first", "0"), Draft("second", "0")]);
            var run = new Run(keystore.Origin, secret, here, vault);
            await run.EachAsync(Offsets(frames), run.BatchAsync);
            var batches = run.Figures("batch");
            await run.EachAsync([.. Offsets(frames), AttachmentSize / 2, AttachmentSize], run.AttachmentAsync);
            return new Report([batches, run.Figures("attachment")], run.Findings);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<long> Offsets(int frames) => Enumerable.Range(0, frames).SelectMany(DiskRuns.FailingOffsets);

    private static ItemDraft Draft(string name, string text) => ItemDraft.New(name).With(ItemAttribute.Text("text", text)).With(ItemAttribute.Text("more", text));

    /// <summary>The cases, one after the other, and what was found.</summary>
    private sealed class Run(Uri keystore, UnlockSecret secret, Client.Vault here, Faulty vault)
    {
        private int _failed;
        private int _acknowledged;

        public List<string> Findings { get; } = [];

        public string Figures(string what)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {_failed} failing writes, {_acknowledged} acknowledged");
            (_failed, _acknowledged) = (0, 0);
            return line;
        }

        /// <param name="offsets">Beyond which nothing is written, one after the other, until a few pass.</param>
        /// <param name="write">Given a number, says what is to be there afterwards beside or in the place of what is, and does it.</param>
        public async Task EachAsync(IEnumerable<long> offsets, Func<int, Task<(Dictionary<string, string> Next, Func<Task> Do)>> write)
        {
            var passed = 0;
            foreach (var (number, offset) in offsets.Index())
            {
                var before = await ReadAsync();
                var (changes, doing) = await write(number + 1);
                var next = before.Concat(changes).GroupBy(line => line.Key).ToDictionary(line => line.Key, line => line.Last().Value);
                var told = vault.Process.Log.Count;
                await vault.LimitAsync(offset);
                var task = TryAsync(doing);
                var failed = await vault.WaitAsync(task, told);
                await vault.MendAsync();
                var isAcknowledged = await task;
                var after = await ReadAsync();
                if (!Same(after, next) && (isAcknowledged || !Same(after, before)))
                    Findings.Add($"Beyond {offset}, {(isAcknowledged ? "acknowledged" : "not acknowledged")}: {string.Join(", ", after)}; before: {string.Join(", ", before)}");
                _acknowledged += isAcknowledged ? 1 : 0;
                _failed += failed ? 1 : 0;
                passed = failed ? 0 : passed + 1;
                if (passed == 4 && offset > 0 && !offsets.Skip(number + 1).Any(later => later < offset))
                    break;
            }
        }

        public async Task<(Dictionary<string, string> Next, Func<Task> Do)> BatchAsync(int number)
        {
            var text = $"{number}";
            var drafts = new List<ItemDraft> { Draft($"new {number}", text) };
            foreach (var item in (await here.ListAsync()).Where(item => item.Name is "first" or "second"))
                drafts.Add((await here.GetAsync(item.Id)).Edit().With(ItemAttribute.Text("text", text)).With(ItemAttribute.Text("more", text)));
            return (new() { [$"new {number}"] = text + text, ["first"] = text + text, ["second"] = text + text }, () => here.PutManyAsync(drafts));
        }

        public Task<(Dictionary<string, string> Next, Func<Task> Do)> AttachmentAsync(int number)
        {
            var content = RandomNumberGenerator.GetBytes(AttachmentSize);
            return Task.FromResult((new Dictionary<string, string> { [$"file {number}"] = Convert.ToHexString(SHA256.HashData(content)) }, (Func<Task>)(async () =>
            {
                await using var upload = here.Upload(new MemoryStream(content));
                await here.PutAsync(ItemDraft.New($"file {number}").With((await upload.RunAsync()).ToAttribute("file")));
            })));
        }

        private static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && !one.Except(other).Any();

        private static async Task<bool> TryAsync(Func<Task> doing)
        {
            try
            {
                await doing();
                return true;
            }
            catch (KeyladderException e) when (e is not IntegrityException)
            {
                return false;
            }
        }

        /// <returns>Each item by its name, with all that it says and all that is attached.</returns>
        private async Task<Dictionary<string, string>> ReadAsync()
        {
            using var client = new KeyladderClient(keystore, new MemoryPinStore());
            await using var account = await client.Account().UnlockAsync(secret);
            await using var there = await account.Vaults.OpenAsync(vault.Address);
            var items = await there.GetManyAsync([.. (await there.ListAsync()).Select(item => item.Id)]);
            var read = new Dictionary<string, string>();
            foreach (var item in items)
            {
                var says = "";
                foreach (var attribute in item.Attributes)
                {
                    if (attribute.Content.GetAttachment() is { } attachment)
                    {
                        await using var stream = there.Open(attachment);
                        says += Convert.ToHexString(await SHA256.HashDataAsync(stream));
                    }
                    else
                    {
                        says += attribute.Content.GetText();
                    }
                }

                read.Add(item.Name, says);
            }

            return read;
        }
    }

    /// <summary>A server with a Vault alone, always at the same address, and what is done to it.</summary>
    private sealed class Faulty(DirectoryInfo folder, bool dies, Uri address) : IAsyncDisposable
    {
        public Uri Address => address;

        public ServerProcess Process { get; private set; } = null!;

        public static async Task<Faulty> StartAsync(DirectoryInfo folder, bool dies)
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var faulty = new Faulty(folder, dies, new Uri($"http://{free.LocalEndpoint}"));
            free.Stop();
            await faulty.StartAsync();
            return faulty;
        }

        /// <summary>Empties the write-ahead log, so that an offset in it is a place in the next transaction, and lets nothing be written beyond it.</summary>
        public async Task LimitAsync(long offset)
        {
            await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "vault.db")};Pooling=False"))
            {
                await connection.OpenAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE);";
                await command.ExecuteNonQueryAsync();
            }

            await Disk.LimitAsync(Process.Id, offset);
        }

        /// <summary>Waits until the write is over, or has met the limit.</summary>
        /// <param name="write">The client's.</param>
        /// <param name="told">Lines of the log before it.</param>
        /// <returns>Whether it met the limit.</returns>
        public async Task<bool> WaitAsync(Task write, int told)
        {
            while (!write.IsCompleted && !Process.HasExited && Process.Log.Count == told)
                await Task.Delay(10);
            return Process.HasExited || Process.Log.Count > told;
        }

        public async Task MendAsync()
        {
            if (!Process.HasExited)
            {
                await Disk.LimitAsync(Process.Id, null);
                return;
            }

            await Process.DisposeAsync();
            await StartAsync();
        }

        public ValueTask DisposeAsync() => Process.DisposeAsync();

        private async Task StartAsync() => Process = await ServerProcess.ListenAsync(
            [
                "--services", "vault", "--vault:urls", address.GetLeftPart(UriPartial.Authority), "--vault:origin", address.GetLeftPart(UriPartial.Authority),
                "--vault:data", folder.FullName, "--vault:signup", "open", "--vault:limits:unsigned", "1000000", "--vault:limits:signed", "1000000", "--logging:loglevel:default", "Warning",
            ],
            before: dies ? [] : Disk.Limitable);
    }
}
