using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keyladder.Benchmarks.Vault;

/// <summary>
/// An attachment of 1 KiB and one of 1 GiB, sent and read again: peak memory of both processes, and the rate against that of the same bytes
/// through a Kestrel endpoint that does nothing but write them to a file and read them from it.
/// </summary>
internal static partial class AttachmentTransfer
{
    private const long Small = 1L << 10;
    private const long Large = 1L << 30;
    private const int PartLength = 4 * 1024 * 1024;
    private const int Parts = (int)(Large / PartLength);
    private const double MemoryBound = 16;
    private const double RateBound = 0.5;

    public static async Task<int> RunAsync()
    {
        var small = await ThroughVaultAsync(Small);
        var large = await ThroughVaultAsync(Large);
        var bare = await ThroughBareEndpointAsync(Large);
        var met = Say("client", small.Client, large.Client) & Say("service", small.Service, large.Service);
        Say("sent, on the disk before the answer, bare not", large.Sent, bare.Sent);
        return met & Say("sent, both on the disk before the answer", large.Sent, bare.Durable) & Say("read", large.Read, bare.Read) ? 0 : 1;
    }

    /// <summary>In a process of its own: writes its peak in bytes, and the seconds for sending and for reading, to standard output.</summary>
    public static async Task<int> TransferAsync(string keystore, string vaultAddress, long length)
    {
        using var random = DeviceSecret.Generate();
        using var secret = UnlockSecret.FromDevice(random);
        using var client = new KeyladderClient(new Uri(keystore), new MemoryPinStore());
        await using var account = await client.SignUpAsync(secret);
        await using var vault = await account.Vaults.CreateAsync(new Uri(vaultAddress));
        // Twice, and the second time counts: in the first the runtime still compiles, for a third of the service's time. The small one goes as often as the
        // large one has parts, so that what is compiled is the same, and the difference of the peaks is the length's.
        var (sent, read) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var rounds = 2 * (length == Small ? Parts : 1); rounds > 0; rounds--)
            (sent, read) = await SendAndReadAsync(vault, length);
        Print(sent, read);
        return 0;
    }

    /// <summary>The same bytes by a client that seals nothing.</summary>
    public static async Task<int> TransferBareAsync(string address, long length)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var part = new byte[PartLength];
        await SendAndReadBareAsync(http, part, length, flush: 0);
        var (sent, read) = await SendAndReadBareAsync(http, part, length, flush: 0);
        var (durable, _) = await SendAndReadBareAsync(http, part, length, flush: 1);
        Print(sent, read, durable);
        return 0;
    }

    /// <summary>The bare endpoint: runs until standard input ends; the first line of standard output is the address.</summary>
    public static async Task<int> ServeBareAsync(string file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var at = long.Parse(context.Request.Query["at"]!, CultureInfo.InvariantCulture);
            if (context.Request.Method == "GET")
            {
                await context.Response.SendFileAsync(file, at, PartLength);
                return;
            }

            if (at == 0)
                File.Delete(file); // as for the Vault: the second time is not onto pages that are there
            await using var target = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write) { Position = at };
            await context.Request.Body.CopyToAsync(target);
            if (context.Request.Query["flush"] == "1")
                target.Flush(flushToDisk: true);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task<(TimeSpan Sent, TimeSpan Read)> SendAndReadAsync(Client.Vault vault, long length)
    {
        var watch = Stopwatch.StartNew();
        await using var upload = vault.Upload(new Zeros(length));
        var attachment = await upload.RunAsync();
        var sent = watch.Elapsed;
        watch.Restart();
        await using var content = vault.Open(attachment);
        var buffer = new byte[128 * 1024];
        long read = 0;
        for (int count; (count = await content.ReadAsync(buffer)) > 0;)
            read += count;
        return read == length ? (sent, watch.Elapsed) : throw new InvalidOperationException($"{read} bytes came back of {length}.");
    }

    private static async Task<(TimeSpan Sent, TimeSpan Read)> SendAndReadBareAsync(HttpClient http, byte[] part, long length, int flush)
    {
        var watch = Stopwatch.StartNew();
        for (var at = 0L; at < length; at += part.Length)
            (await http.PutAsync(new Uri($"/?at={at}&flush={flush}", UriKind.Relative), new ByteArrayContent(part))).EnsureSuccessStatusCode();
        var sent = watch.Elapsed;
        watch.Restart();
        for (var at = 0L; at < length; at += part.Length)
        {
            await using var body = await http.GetStreamAsync(new Uri($"/?at={at}", UriKind.Relative));
            await body.ReadExactlyAsync(part);
        }

        return (sent, watch.Elapsed);
    }

    private static async Task<(long Client, long Service, double Sent, double Read)> ThroughVaultAsync(long length)
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        var data = database.Folder.FullName;
        await using var server = await ServerProcess.ListenAsync(
        [
            "--services", "keystore,vault", $"--keystore:data={data}", $"--vault:data={data}", "--keystore:signup=open", "--vault:signup=open", "--vault:urls=http://127.0.0.1:0",
            .. ServerProcess.Silent,
        ]);
        var vault = AddressIn().Match((await server.ReadLineAsync())!).Value;
        var (client, sent, read, _) = await InNewProcessAsync("attachment", server.Address.OriginalString, vault, length.ToString(CultureInfo.InvariantCulture));
        var service = File.ReadLines($"/proc/{server.Id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        return (client, long.Parse(service, CultureInfo.InvariantCulture) * 1024, sent, read);
    }

    private static async Task<(double Sent, double Read, double Durable)> ThroughBareEndpointAsync(long length)
    {
        var file = Path.GetTempFileName();
        using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["bare-attachments", file]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            var address = (await server.StandardOutput.ReadLineAsync())!;
            var (_, sent, read, durable) = await InNewProcessAsync("bare-attachment", address, length.ToString(CultureInfo.InvariantCulture));
            return (sent, read, durable);
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
            File.Delete(file);
        }
    }

    private static async Task<(long Peak, double Sent, double Read, double Durable)> InNewProcessAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        var said = (await process.StandardOutput.ReadToEndAsync()).Split(' ');
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (long.Parse(said[0], CultureInfo.InvariantCulture), Seconds(said[1]), Seconds(said[2]), Seconds(said[3]))
            : throw new InvalidOperationException($"The measured process ended with {process.ExitCode}.");
    }

    private static double Seconds(string said) => double.Parse(said, CultureInfo.InvariantCulture);

    private static void Print(TimeSpan sent, TimeSpan read, TimeSpan durable = default)
    {
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(FormattableString.Invariant($"{self.PeakWorkingSet64} {sent.TotalSeconds} {read.TotalSeconds} {durable.TotalSeconds}"));
    }

    private static bool Say(string where, long small, long large)
    {
        var more = (large - small) / 1048576.0;
        Console.WriteLine(FormattableString.Invariant(
            $"peak of the {where}: {small / 1048576.0:F1} MiB for 1 KiB, {large / 1048576.0:F1} for 1 GiB: {more:F1} more (bound {MemoryBound:F0})"));
        return more <= MemoryBound;
    }

    private static bool Say(string what, double seconds, double bare)
    {
        Console.WriteLine(FormattableString.Invariant($"1 GiB {what}: {1024 / seconds:F0} MiB/s, bare {1024 / bare:F0}: {bare / seconds:F2} of it (bound {RateBound})"));
        return bare / seconds >= RateBound;
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex AddressIn();

    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            Position += read;
            return read;
        }

        // The base would take a thread and memory for each call.
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read([], 0, buffer.Length));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
