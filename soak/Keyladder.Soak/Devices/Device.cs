using System.Diagnostics;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Soak.Devices;

/// <summary>
/// A device of the run <c>devices</c>, in a process of its own that may be killed at any moment: opens the account, writes at random until it is told
/// to settle, and shows what it has when it is told to. Whatever it is told it says in a line when it has done it.
/// </summary>
internal static class Device
{
    /// <summary>Its name among the runs; not for people.</summary>
    public const string Command = "device";

    /// <summary>Said by itself, once it is.</summary>
    public const string Open = "open";

    public const string Settle = "settle";
    public const string Show = "show";

    /// <summary>How long one answer may take: long enough for a server that starts anew on a busy machine.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>In which what waits must have been sent once nothing is broken any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync()
    {
        var settings = JsonSerializer.Deserialize<DeviceSettings>(await AskedAsync() ?? "null");
        if (settings is null)
            return 2;
        using var log = new DeviceLog(settings.Log);
        try
        {
            await RunAsync(settings, log);
            return 0;
        }
        catch (Exception e)
        {
            log.Add(new LogLine(Finding: $"ended: {e}"));
            return 3;
        }
    }

    private static async Task RunAsync(DeviceSettings settings, DeviceLog log)
    {
        using var keystoreHttp = Wire.Connect(() => settings.KeystorePort);
        using var vaultHttp = Wire.Connect(() => settings.VaultPort);
        using var client = new KeyladderClient(settings.Keystore, new FilePinStore(settings.Pins), keystoreHttp) { Timeout = Timeout, Store = new LocalStore(settings.Copies) };
        if (!DeviceSecret.TryImport(settings.Secret, out var deviceSecret))
            throw new InvalidOperationException("That is no secret.");
        using var secret = UnlockSecret.FromDevice(deviceSecret);
        deviceSecret.Dispose();
        await using var account = await OpenAsync(client, secret, log);
        await using var vault = await OpenAsync(account, settings.Vault, vaultHttp, log);
        Console.WriteLine(Open);
        var asked = AskedAsync();
        var writer = new DeviceWriter(vault, settings, log);
        while (!asked.IsCompleted)
            await writer.ActAsync();
        for (; await asked is { } what; asked = AskedAsync())
        {
            if (what == Settle)
                await SettleAsync(vault, log);
            if (what == Show)
            {
                await vault.SyncAsync();
                await File.WriteAllBytesAsync(settings.Picture, JsonSerializer.SerializeToUtf8Bytes(await VaultPicture.TakeAsync(vault)));
            }

            Console.WriteLine(what);
        }
    }

    /// <summary>Until it is open: with the Keystore, or, where that does not answer, with what is kept here.</summary>
    private static async Task<UnlockedAccount> OpenAsync(KeyladderClient client, UnlockSecret secret, DeviceLog log)
    {
        while (true)
        {
            try
            {
                return await client.Account().UnlockAsync(secret);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
            {
                try
                {
                    var account = await client.Account().UnlockOfflineAsync(secret);
                    log.Add(new LogLine(Event: "unlocked offline"));
                    return account;
                }
                catch (KeyladderException kept) when (kept.Reason == FailureReason.SignInFailed)
                {
                    log.Add(new LogLine(Event: $"nothing kept: {kept.Reason}"));
                    await Task.Delay(100);
                }
            }
        }
    }

    private static async Task<Client.Vault> OpenAsync(UnlockedAccount account, Uri address, HttpClient http, DeviceLog log)
    {
        while (true)
        {
            try
            {
                var vault = await account.Vaults.OpenAsync(address, http);
                log.Add(new LogLine(Event: vault.IsOffline ? "opened offline" : "opened"));
                return vault;
            }
            catch (KeyladderException e) when (IsOutOfReach(e))
            {
                log.Add(new LogLine(Event: $"not opened: {e.Reason}"));
                await Task.Delay(100);
            }
        }
    }

    private static async Task SettleAsync(Client.Vault vault, DeviceLog log)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(100))
        {
            try
            {
                await vault.SyncAsync();
                if (vault.Queued.Count == 0)
                    return;
            }
            catch (KeyladderException e) when (IsOutOfReach(e))
            {
                // A connection from before was cut, or a server starts.
            }
        }

        log.Add(new LogLine(Finding: $"{vault.Queued.Count} items still wait: {vault.Refusal}"));
    }

    /// <summary>
    /// Whether it says no more than that a service does not answer: a Keystore that does not, beside a Vault that does, leaves unproven that the newest state is shown
    /// (docs/spec/witness.md). Who hears that waits.
    /// </summary>
    public static bool IsOutOfReach(KeyladderException e) => e.Reason == FailureReason.Unreachable
        || (e is IntegrityException { Alarm: Alarm.FreshnessUnproven } && e.Message.Split(". ")[1..].All(sentence => sentence.Contains("did not give its witness", StringComparison.Ordinal)));

    // The console's own reader would keep the caller waiting.
    private static Task<string?> AskedAsync() => Task.Run(Console.In.ReadLine);
}
