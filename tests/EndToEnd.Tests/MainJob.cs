using System.Security.Cryptography;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests;

/// <summary>The main job, done by real processes against a recorded service, and what is left of it.</summary>
internal sealed class MainJob : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-run-");
    private readonly Dictionary<string, string> _variables = [];
    private readonly Script _script;

    private MainJob(KeystoreHost service)
    {
        Service = service;
        _variables["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority);
        _variables["PASSPHRASE"] = "herons over a grey canal " + RandomNumberGenerator.GetString("bcdfghjkmnpqrstvwxz", 20);
        _script = new Script(_folder.FullName, _variables);
    }

    public KeystoreHost Service { get; }

    public string this[string variable] => _variables[variable];

    /// <summary>What the devices keep: their profile folders, beside which lie the kit and the files of the story.</summary>
    public IReadOnlyList<FileInfo> ProfileFiles => [.. _folder.GetDirectories().SelectMany(profile => profile.GetFiles("*", SearchOption.AllDirectories))];

    public static async Task<MainJob> RunAsync(Engine engine, string story)
    {
        var job = new MainJob(await KeystoreHost.StartAsync(engine, recorded: true));
        await job._script.RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", story));
        return job;
    }

    /// <summary>Everything that service, wire and devices hold, searched; each line says where something was found, and what.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IEnumerable<Secret> secrets)
    {
        var canaries = new Canaries();
        foreach (var secret in secrets)
            secret.Plant(canaries);
        return [.. await Service.FindAsync(canaries), .. canaries.FindInFiles(ProfileFiles)];
    }

    public async ValueTask DisposeAsync()
    {
        await _script.CloseAsync();
        await Service.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
