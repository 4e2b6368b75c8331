using System.Diagnostics;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Soak.Devices;

namespace Keyladder.Soak.Runs;

/// <summary>
/// Devices of one account that write to one Vault at random, each in a process of its own with a copy on its disk, while their connections are cut, and they and the two services are killed.
/// Then nothing is broken any more, each sends what waits, and what they all show is held against what each was told.
/// </summary>
internal sealed class DevicesRun : IAsyncDisposable
{
    private const int Count = 5;

    private readonly DirectoryInfo folder;
    private readonly DeviceSecret secret = DeviceSecret.Generate();
    private readonly List<DeviceProcess> devices = [];
    private readonly List<string> findings = [];
    private readonly Chance chance;
    private readonly TwoServices services;
    private int killedServices;
    private int killedDevices;

    private DevicesRun(TwoServices services, DirectoryInfo folder, ulong seed)
    {
        (this.services, this.folder, chance) = (services, folder, new Chance(seed));
        var bytes = new byte[DeviceSecret.Size];
        secret.DangerousWriteTo(bytes);
        devices.AddRange(Enumerable.Range(1, Count).Select(number => new DeviceProcess(number, seed, bytes, folder.CreateSubdirectory($"device-{number}").FullName)));
    }

    /// <param name="keystore">Connection string of its database; null for SQLite.</param>
    /// <param name="vault">Likewise.</param>
    /// <param name="time">For which they write.</param>
    public static async Task<Report> RunAsync(string? keystore, string? vault, TimeSpan time, ulong seed)
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-soak-");
        await using var run = new DevicesRun(await TwoServices.StartAsync(folder, keystore, vault), folder, seed);
        return await run.RunAsync(time);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in devices)
            await device.DisposeAsync();
        await services.DisposeAsync();
        secret.Dispose();
        if (Environment.GetEnvironmentVariable("KEYLADDER_SOAK_KEEP") is null)
            folder.Delete(recursive: true);
        else
            Console.WriteLine(folder.FullName);
    }

    private async Task<Report> RunAsync(TimeSpan time)
    {
        using var unlock = UnlockSecret.FromDevice(secret);
        using var keystoreHttp = Wire.Connect(() => services.KeystorePort);
        using var vaultHttp = Wire.Connect(() => services.VaultPort);
        using (var client = new KeyladderClient(TwoServices.KeystoreOrigin, new MemoryPinStore(), keystoreHttp))
        {
            await using var account = await client.SignUpAsync(unlock);
            await using var vault = await account.Vaults.CreateAsync(TwoServices.VaultOrigin, http: vaultHttp);
        }

        Direct();
        await Task.WhenAll(devices.Select(async device =>
        {
            await device.StartAsync();
            if (!await device.HearAsync(Device.Open))
                throw new InvalidOperationException("A device did not start.");
        }));
        using var stop = new CancellationTokenSource(time);
        await Task.WhenAll([.. devices.Select((_, index) => CutAsync(index, stop.Token)), KillServicesAsync(stop.Token), KillDevicesAsync(stop.Token)]);
        foreach (var way in devices.SelectMany(device => new[] { device.Keystore, device.Vault }))
            way.IsCalm = true;

        await AskAsync(Device.Settle);
        await AskAsync(Device.Show);
        var logs = devices.Index().SelectMany(device => device.Item.Logs().Select(lines => (Device: device.Index + 1, Lines: lines))).ToList();
        findings.AddRange(from log in logs from line in log.Lines where line.Finding is not null select $"Device {log.Device}: {line.Finding}");
        if (findings.Count > 0)
            return new Report(Figures(logs, [], []), findings);
        var writes = logs.SelectMany(log => DeviceLog.Writes(log.Device, log.Lines)).ToList();
        using var fresh = new KeyladderClient(TwoServices.KeystoreOrigin, new MemoryPinStore(), keystoreHttp);
        await using var unlocked = await fresh.Account().UnlockAsync(unlock);
        await using var there = await unlocked.Vaults.OpenAsync(TwoServices.VaultOrigin, vaultHttp);
        var end = await VaultPicture.TakeAsync(there);
        findings.AddRange(DevicesChecker.Check(writes, [.. devices.Select((device, index) => ($"Device {index + 1}", device.Picture())), ("a device without memory", end)]));
        findings.AddRange(services.Log.Where(line => line.Contains(" failed: ", StringComparison.Ordinal)).Distinct().Select(line => $"A service failed: {line}"));
        return new Report(Figures(logs, writes, end), findings);
    }

    private void Direct()
    {
        foreach (var device in devices)
            (device.Keystore.Target, device.Vault.Target) = (services.KeystorePort, services.VaultPort);
    }

    private async Task AskAsync(string what)
    {
        var answers = await Task.WhenAll(devices.Select(async device => await device.AskAsync(what)));
        findings.AddRange(from answer in answers.Index() where !answer.Item select $"Device {answer.Index + 1} did not {what}.");
    }

    /// <summary>What befalls the connections of one device, beside those that its ways break by themselves.</summary>
    private async Task CutAsync(int index, CancellationToken stop)
    {
        var (device, own) = (devices[index], new Chance((ulong)chance.Next(int.MaxValue)));
        while (await WaitAsync(2000 + own.Next(6000), stop))
        {
            var time = TimeSpan.FromMilliseconds(200 + own.Next(2000));
            switch (own.Next(4))
            {
                case 0:
                    device.Vault.GoOffline(time);
                    break;
                case 1:
                    device.Vault.GoOffline(time);
                    device.Keystore.GoOffline(time);
                    break;
                default:
                    device.Vault.LoseAnswer(time);
                    break;
            }
        }
    }

    private async Task KillServicesAsync(CancellationToken stop)
    {
        while (await WaitAsync(4000 + chance.Next(8000), stop))
        {
            var isVault = chance.Next(4) > 0;
            await services.KillAsync(isVault);
            killedServices++;
            Direct();
            await WaitAsync(chance.Next(1500), stop);
            await (isVault ? services.StartVaultAsync() : services.StartKeystoreAsync());
            Direct();
        }
    }

    private async Task KillDevicesAsync(CancellationToken stop)
    {
        while (await WaitAsync(1500 + chance.Next(3500), stop))
        {
            var device = devices[chance.Next(devices.Count)];
            if (device.HasExited)
            {
                findings.Add("A device ended by itself.");
                return;
            }

            await device.KillAsync();
            killedDevices++;
            await WaitAsync(chance.Next(500), stop);
            await device.StartAsync();
        }
    }

    /// <returns>False once the time is over.</returns>
    private static async Task<bool> WaitAsync(int milliseconds, CancellationToken stop)
    {
        try
        {
            await Task.Delay(milliseconds, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private IReadOnlyList<string> Figures(IEnumerable<(int Device, IReadOnlyList<LogLine> Lines)> logs, List<DeviceWrite> writes, IReadOnlyCollection<ShownItem> end)
    {
        var events = logs.SelectMany(log => log.Lines).Where(line => line.Event is not null).CountBy(line => line.Event!).OrderBy(kind => kind.Key, StringComparer.Ordinal);
        return
        [
            Say($"{killedServices} SIGKILLs to services, {killedDevices} to devices, {devices.Sum(device => device.Keystore.Cut + device.Vault.Cut)} connections cut at a byte"),
            Say($"{writes.Count} writes: {Told(Promise.Stored)} at the Vault, {Told(Promise.Queued)} waiting, {Told(Promise.Refused)} refused, {Told(Promise.Unknown)} unknown"),
            Say($"{end.Count} items at the end, {end.Count(item => item.ConflictOf is not null)} of them other versions; {writes.Sum(write => write.Others.Count(other => other is not null))} conflicts told"),
            string.Join(", ", events.Select(kind => Say($"{kind.Value} × {kind.Key}"))),
        ];

        int Told(Promise promise) => writes.Count(write => write.Promise == promise);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
