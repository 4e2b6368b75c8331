using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Soak.Devices;
using Keyladder.Soak.Processes;
using Keyladder.Testing;

namespace Keyladder.Soak.Runs;

/// <summary>
/// The connection to a Vault is cut at one byte after the other: of a batch of items and of its answer, and of the parts of an attachment and of their answers. The client that
/// was cut off goes on; it and a device without memory see the old state or the new one, whole, and the attachment goes on where it was and reads back byte for byte.
/// </summary>
internal static class CutRuns
{
    private const string Batch = "POST /v1/changes";

    // The tries of a client for one call: after so many it gives up.
    private const int Tries = 3;

    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="places">Of the batch's body, of its answer, and of each part's body and answer, at most so many each, besides the edges; null for every byte, and of a part's body for a thousand.</param>
    /// <param name="limit">After which no further place is tried.</param>
    /// <param name="seed">Of the places between the edges.</param>
    public static async Task<Report> RunAsync(string? postgres, int? places, TimeSpan limit, ulong seed)
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        var folder = Directory.CreateTempSubdirectory("keyladder-soak-");
        try
        {
            await using var vault = await FaultyVault.StartAsync(folder, postgres);
            await using var way = new CutWay(vault.Address.Port);
            using var device = DeviceSecret.Generate();
            using var secret = UnlockSecret.FromDevice(device);
            using var client = new KeyladderClient(keystore.Origin, new MemoryPinStore(), time: new HurriedTime());
            using var http = Wire.Connect(() => way.Port);
            await using var account = await client.SignUpAsync(secret);
            await using var here = await account.Vaults.CreateAsync(vault.Address, http: http);
            await here.PutManyAsync([VaultCases.Draft("first", "0"), VaultCases.Draft("second", "0")]);
            var sweep = new Sweep(way, here, new VaultCases(keystore.Origin, secret, here, vault.Address), places, limit, new Chance(seed));
            await sweep.CutBatchesAsync();
            await sweep.CutUploadAsync();
            return new Report(sweep.Figures, [.. sweep.Findings, .. vault.Process.Log.Where(line => line.Contains(" failed: ", StringComparison.Ordinal)).Distinct()]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Sweep(CutWay way, Client.Vault here, VaultCases cases, int? places, TimeSpan limit, Chance chance)
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly List<string> figures = [];
        private readonly List<string> findings = [];
        private int number;

        public IReadOnlyList<string> Figures => figures;

        public IEnumerable<string> Findings => [.. cases.Findings, .. findings];

        private bool IsOver => clock.Elapsed >= limit;

        public async Task CutBatchesAsync()
        {
            var whole = await MeasureAsync(Batch, async () => await (await cases.BatchAsync(++number)).Do());
            await CutBatchesAsync("batch, its request", whole.Single().Length, [0, 1, whole[0].Head - 1, whole[0].Head, whole[0].Head + 1], at => (at, null));
            await CutBatchesAsync("batch, its answer", whole.Single().Answered, [0, 1], at => (null, at));
        }

        /// <summary>Every other cut is one, after which the client is to get through by itself; of the others it meets as many as make it give up.</summary>
        private async Task CutBatchesAsync(string what, long length, long[] edges, Func<long, (long? Sent, long? Answered)> place)
        {
            var met = 0;
            foreach (var (index, at) in Places(length, edges, places).Index())
            {
                if (IsOver)
                    break;
                var (sent, answered) = place(at);
                var times = index % 2 == 0 ? Tries : 1;
                await cases.OneAsync($"{what} cut at {at}", await cases.BatchAsync(++number), async begin =>
                {
                    way.Cut(new(Batch, sent, answered, times, IsReset: index % 4 < 2));
                    var isAcknowledged = await begin();
                    var cuts = way.Mend();
                    met += Math.Sign(cuts);
                    if (!isAcknowledged && times == 1)
                        findings.Add($"{what} was cut once, at {at}, and the client did not get through.");
                    return (isAcknowledged, cuts > 0);
                });
                // Whoever was cut off sees what a device without memory sees, and is not in the way of the next.
                if (await cases.DiffersAsync() is { } difference)
                    findings.Add($"{what} cut at {at}, the client that was cut off: {difference}");
                if (index % 8 == 7)
                    await here.DeleteManyAsync([.. (await here.ListAsync()).Where(item => item.Name.StartsWith("new ", StringComparison.Ordinal))]);
            }

            figures.Add(string.Create(CultureInfo.InvariantCulture, $"{what}, {length} bytes, cut at {met} places; {cases.Figures("writes that were cut")}"));
        }

        /// <summary>One upload, of which each part is cut at one byte after the other until it is let through; and then each of its answers.</summary>
        public async Task CutUploadAsync()
        {
            var content = RandomNumberGenerator.GetBytes(VaultCases.ThreeParts);
            await using var measured = here.Upload(new MemoryStream(content));
            var parts = await MeasureAsync("PUT /v1/attachments/", () => measured.RunAsync());
            await using var upload = here.Upload(new MemoryStream(content));
            foreach (var (index, part) in parts.Index())
            {
                var line = part.Line[part.Line.IndexOf('?', StringComparison.Ordinal)..]; // the id before it is another one
                long[] edges = [.. places is null ? Enumerable.Range(0, part.Head).Select(at => (long)at) : [0, 1, part.Head - 1], part.Head, part.Head + 1, part.Length / 2, part.Length - 1];
                await CutPartAsync($"part {index + 1}, its request", upload, line, Places(part.Length, edges, places ?? 1000), at => (at, null));
                await CutPartAsync($"part {index + 1}, its answer", upload, line, Places(part.Answered - 1, [0, 1], places), at => (null, at)); // of a whole one nothing is lost
            }

            var attachment = await upload.RunAsync();
            var id = (await here.PutAsync(ItemDraft.New("file").With(attachment.ToAttribute("file")))).Id;
            if (await cases.ReadAsync() is var read && read.GetValueOrDefault("file") != Convert.ToHexString(SHA256.HashData(content)))
                findings.Add("The attachment reads otherwise than it was.");
            await CutReadingAsync((await here.GetAsync(id)).Find("file")!.GetAttachment()!, content);
        }

        private async Task CutPartAsync(string what, AttachmentUpload upload, string line, IReadOnlyList<long> at, Func<long, (long? Sent, long? Answered)> place)
        {
            var (met, before) = (0, await cases.ReadAsync());
            foreach (var (index, one) in at.Index())
            {
                if (IsOver)
                    break;
                var (sent, answered) = place(one);
                way.Cut(new(line, sent, answered, int.MaxValue, IsReset: index % 4 < 2));
                try
                {
                    await upload.RunAsync();
                    findings.Add($"{what} was cut at {one} each time, and arrived.");
                }
                catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
                {
                }

                met += Math.Sign(way.Mend());
            }

            if (!VaultCases.Same(before, await cases.ReadAsync()))
                findings.Add($"{what}: cuts of an attachment changed what there is.");
            figures.Add(string.Create(CultureInfo.InvariantCulture, $"{what}, {at[^1]} bytes, cut at {met} places"));
        }

        /// <summary>What comes back is cut, too: the reader goes on, or fails; it reads nothing else.</summary>
        private async Task CutReadingAsync(Attachment attachment, byte[] content)
        {
            var whole = await MeasureAsync("GET /v1/attachments/", () => ReadAsync(attachment));
            var met = 0;
            foreach (var (index, at) in Places(whole[0].Answered, [0, 1, whole[0].Answered - 1], Math.Min(places ?? 50, 50)).Index())
            {
                if (IsOver)
                    break;
                way.Cut(new("GET /v1/attachments/", null, at, Times: 1, IsReset: index % 2 == 0));
                var read = await ReadAsync(attachment);
                if (!read.AsSpan().SequenceEqual(content))
                    findings.Add($"An attachment whose reading was cut at {at} reads otherwise than it was.");
                met += Math.Sign(way.Mend());
            }

            figures.Add($"reading an attachment, cut at {met} places");
        }

        private async Task<byte[]> ReadAsync(Attachment attachment)
        {
            await using var stream = here.Open(attachment);
            var read = new MemoryStream();
            await stream.CopyToAsync(read);
            return read.ToArray();
        }

        private async Task<List<CutWay.Exchange>> MeasureAsync(string line, Func<Task> doing)
        {
            way.Exchanges.Clear();
            await doing();
            return [.. way.Exchanges.Where(exchange => exchange.Line.StartsWith(line, StringComparison.Ordinal))];
        }

        /// <returns>The edges, the end, and others: one at random in each of so many stretches of the same length; or every one.</returns>
        private List<long> Places(long length, long[] edges, int? most)
        {
            var others = most is not { } count || count >= length
                ? Enumerable.Range(0, (int)length).Select(at => (long)at)
                : Enumerable.Range(0, count).Select(stretch => (length * stretch / count) + chance.Next((int)Math.Max(1, length / count)));
            return [.. edges.Concat(others).Append(length).Where(at => at >= 0 && at <= length).Distinct().Order()];
        }
    }
}
