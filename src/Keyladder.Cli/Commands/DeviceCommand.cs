using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Commands;

/// <summary>Devices that open the account by a secret of their own. What a device is called stays on it: the service and other devices see an id.</summary>
internal static class DeviceCommand
{
    private static readonly Option<string?> DeviceName = new("--name")
    {
        Description = "What you call this device; kept on it alone (default: the machine's name)",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Keyring = new("--keyring")
    {
        Description = "Keep the secret in the desktop's keyring (GNOME Keyring and others), not in a file",
    };

    private static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "Write what opens the account to a new file, for an application on another machine; this device stays as it is",
        HelpName = "FILE",
    };

    public static Command Create() => new("device", "Devices that open the account without anything typed") { Add(), List(), Remove() };

    private static Command Add() => new Command("add", "Let this device open the account by a random secret, in a file that only you can read, or in the keyring")
    {
        DeviceName, Keyring, KeyFile, SecretInput.SecretFile, SecretInput.SecretKeyFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        if (parsed.GetValue(KeyFile) is { } keyFile)
        {
            await AddKeyFileAsync(parsed, keyFile, cancellationToken);
            return;
        }

        var name = parsed.GetValue(DeviceName) ?? Environment.MachineName;
        if (!KeyOverview.IsLabel(name))
            throw Failure.Usage($"A name has 1 to {KeyOverview.MaxLabelLength} bytes and no control characters.", "Choose another with --name NAME.");
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(null, profile);
        DeviceStore store = parsed.GetValue(Keyring) ? new DeviceKeyring(profile) : new DeviceFile(profile);
        if (store is DeviceKeyring keyring)
            await keyring.RequireAsync(cancellationToken);
        // Asked for again though the account may be open: what makes a new way in wants more than an unlocked screen.
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using var closeTyped = typed;
        using var closeCode = code;
        string id;
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
        {
            await RequireNoneAsync(profile, server, account, cancellationToken);
            id = (await AddAsync(profile, store, account, cancellationToken)).Id.ToString();
            profile.Write(new ProfileSettings(server, new DeviceSettings(server, id, name), profile.ReadSettings()?.NoCopy));
            await account.LockAsync(cancellationToken);
        }

        await UnlockCommand.OpenAsync(profile, server, typed, code, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
        var file = (store as DeviceFile)?.Path;
        Screen.Show(new JsonObject { ["added"] = id, ["name"] = name, ["file"] = file, ["keyring"] = (store as DeviceKeyring)?.Entry }, () => Screen.Say(
            "Added. From now on `keyladder unlock` asks for nothing on this device: its secret lies in "
            + (file is null
                ? "the desktop's keyring. While that is unlocked, every program of yours can read it there; locked, it is as safe as the keyring's password."
                : $"{file}, which only you can read. Whoever gets hold of the disk gets hold of the account, unless the disk is encrypted.")));
    });

    /// <summary>For a machine where nobody types. Neither this profile nor an account that is open here changes.</summary>
    private static async Task AddKeyFileAsync(ParseResult parsed, string keyFile, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(DeviceName) is not null || parsed.GetValue(Keyring))
            throw Failure.Usage("--key-file adds an application, --name and --keyring are about this device.", "Leave them out, or leave --key-file out.");
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(null, profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using var closeTyped = typed;
        using var closeCode = code;
        using var client = ServiceAddress.Connect(server, profile);
        await using var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken);
        var id = (await account.UnlockMethods.AddKeyFileAsync(keyFile, cancellationToken)).Id.ToString();
        await account.LockAsync(cancellationToken);
        Screen.Show(new JsonObject { ["added"] = id, ["name"] = null, ["file"] = keyFile, ["keyring"] = null }, () => Screen.Say(
            $"{keyFile} opens the account, wherever it is, until `keyladder device remove {id}`. Bring it to the application's machine in a way that nobody else can read, for the application's own user alone (chmod 600), and delete it here."));
    }

    private static Command List() => new Command("list", "List the devices that open the account, and where they have it open").Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var own = profile.ReadSettings()?.Device;
        var sessions = (await parsed.AskAsync(new ListSessions(), cancellationToken)).Sessions!;
        DeviceLine[] devices =
        [
            .. (await UnlockMethodCommand.AllAsync(parsed, cancellationToken)).Where(method => method.Kind == SlotKind.Device).Select(method => new DeviceLine(
                method.Id,
                method.Id == own?.Id ? own.Name : null,
                [.. sessions.Where(session => session.Slot == method.Id).Select(session => session.Id)],
                method.Id == own?.Id,
                method.Current,
                method.Id == own?.Id ? DeviceStore.Of(profile).Name : null)),
        ];
        Screen.Show(new JsonObject { ["devices"] = Screen.ToJson(devices) }, () => Screen.Table(
            ["ID", "NAME", "SESSIONS", "", ""],
            devices.Select(device => new[]
            {
                device.Id, device.Name ?? "", $"{device.Sessions.Length}", device.ThisDevice ? $"this device, {device.KeptIn}" : "", device.Current ? "opened the account" : "",
            })));
    });

    private static Command Remove()
    {
        var id = new Argument<string>("ID") { Description = "An id from `device list`, or its first 8 characters or more" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("remove", "Remove a device: its secret opens the account no more") { id, yes }.Does((parsed, cancellationToken) =>
            UnlockMethodCommand.RemoveAsync(parsed, parsed.GetRequiredValue(id), parsed.GetValue(yes), "device", method => method.Kind == SlotKind.Device, cancellationToken));
    }

    /// <summary>A secret that still opens something is not replaced; one that was removed elsewhere is.</summary>
    private static async Task RequireNoneAsync(Profile profile, string server, UnlockedAccount account, CancellationToken cancellationToken)
    {
        if (profile.ReadSettings()?.Device is not { } known || !DeviceStore.Of(profile).Exists)
            return;
        if (known.Server != server)
            throw new Failure(ExitCode.Refused, $"This profile opens an account at {known.Server} already.", "Use a profile of its own for each account: --profile FOLDER.");
        if ((await account.UnlockMethods.ListAsync(cancellationToken)).Any(method => method.Id.ToString() == known.Id))
            throw new Failure(ExitCode.Refused, "This device has been added already.", $"`keyladder device remove {known.Id}` removes it.");
    }

    /// <summary>
    /// First kept here and read back from there, then at the service. If that fails the secret goes: should the slot have landed, nobody can open it.
    /// </summary>
    private static async Task<UnlockMethod> AddAsync(Profile profile, DeviceStore store, UnlockedAccount account, CancellationToken cancellationToken)
    {
        DeviceStore.SayThatItStays(await DeviceStore.RemoveAsync(profile, cancellationToken));
        try
        {
            using var made = await store.WaitAsync(store.CreateAsync(cancellationToken), cancellationToken);
            using var kept = await store.WaitAsync(store.ReadAsync(cancellationToken), cancellationToken);
            using var secret = UnlockSecret.FromDevice(made);
            using var readBack = UnlockSecret.FromDevice(kept);
            return await account.UnlockMethods.AddAsync(secret, readBack, cancellationToken);
        }
        catch
        {
            DeviceStore.SayThatItStays(await DeviceStore.RemoveAsync(profile, CancellationToken.None));
            throw;
        }
    }
}

/// <summary>A device as it is listed.</summary>
/// <param name="Name">Null where it is another one: its name is not here.</param>
/// <param name="KeptIn">Where its secret is, "file" or "keyring"; null where it is another one.</param>
internal sealed record DeviceLine(string Id, string? Name, string[] Sessions, bool ThisDevice, bool Current, string? KeptIn);
