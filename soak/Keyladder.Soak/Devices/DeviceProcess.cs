using System.Diagnostics;
using System.Text.Json;

namespace Keyladder.Soak.Devices;

/// <summary>One of the devices, as the run sees it: its process, which is killed and started again on the same folder, and its ways to the two services.</summary>
internal sealed class DeviceProcess(int number, ulong seed, byte[] secret, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private Process? process;
    private int starts;

    public Forwarder Keystore { get; } = new(new Chance(seed + ((ulong)number << 40) + 1));

    public Forwarder Vault { get; } = new(new Chance(seed + ((ulong)number << 40) + 2));

    public bool HasExited => process is null or { HasExited: true };

    public DeviceSettings Settings => new(
        number, starts, seed, secret, TwoServices.KeystoreOrigin, Keystore.Port, TwoServices.VaultOrigin, Vault.Port, folder);

    public async Task StartAsync()
    {
        starts++;
        process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Keyladder.Soak.dll"), Device.Command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        })!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(Settings));
    }

    /// <summary>SIGKILL, and the wait until it is gone.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Has it do something.</summary>
    /// <returns>False if it did not say in time that it has done it.</returns>
    public async Task<bool> AskAsync(string what)
    {
        try
        {
            await process!.StandardInput.WriteLineAsync(what);
        }
        catch (IOException)
        {
            return false;
        }

        return await HearAsync(what);
    }

    /// <summary>Waits until it says something.</summary>
    /// <returns>False if it did not, or not in time.</returns>
    public async Task<bool> HearAsync(string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (await process!.StandardOutput.ReadLineAsync(patience.Token) is { } said)
            {
                if (said == what)
                    return true;
            }
        }
        catch (OperationCanceledException)
        {
            // Not in time.
        }

        return false;
    }

    /// <summary>What it was told so far, by start.</summary>
    public IEnumerable<IReadOnlyList<LogLine>> Logs() => Directory.GetFiles(folder, "log-*").Order(StringComparer.Ordinal).Select(DeviceLog.Read);

    public IReadOnlyList<ShownItem> Picture() => JsonSerializer.Deserialize<ShownItem[]>(File.ReadAllBytes(Settings.Picture))!;

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await KillAsync();
        process?.Dispose();
        await Keystore.DisposeAsync();
        await Vault.DisposeAsync();
    }
}
