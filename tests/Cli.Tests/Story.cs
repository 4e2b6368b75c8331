using Keyladder.Keystore;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A service, and a folder in which real processes run, with their profiles and files. After disposal all of it is gone.</summary>
public sealed class Story : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-story-");
    private readonly Dictionary<string, string> _variables = [];
    private readonly Script _script;

    private Story(KeystoreHost service, VaultHost vault)
    {
        (Service, Vault) = (service, vault);
        _variables["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority);
        _variables["VAULT"] = vault.Origin.GetLeftPart(UriPartial.Authority);
        _script = new Script(_folder.FullName, _variables);
    }

    public KeystoreHost Service { get; }

    public VaultHost Vault { get; }

    public string Folder => _folder.FullName;

    /// <summary>What the story kept by this name; $SERVER and $VAULT are there from the start.</summary>
    public string this[string variable]
    {
        get => _variables[variable];
        set => _variables[variable] = value;
    }

    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>What commands find in their environment besides, or instead of, what this process has.</summary>
    public Dictionary<string, string> Environment => _script.Environment;

    /// <summary>Of the last command: what it printed.</summary>
    public string Output => _script.Output;

    /// <summary>Of the last command: what it said on standard error.</summary>
    public string Errors => _script.Errors;

    public static async Task<Story> BeginAsync(bool recorded = false, Func<KeystoreOptions, KeystoreOptions>? settings = null) =>
        new(await KeystoreHost.StartAsync(Engine.Sqlite, recorded, settings: settings), await VaultHost.StartAsync(Engine.Sqlite, recorded));

    /// <summary>Lines as in Scripts/.</summary>
    public Task TellAsync(string lines) => _script.TellAsync(lines);

    public Task RunAsync(string path) => _script.RunAsync(path);

    /// <summary>A command at a terminal. It may go on as a line of the shell does: <c>status &gt; file</c>.</summary>
    public PseudoTerminal AtTerminal(string profile, string command) => new(Folder, profile, command, Environment);

    public string PathOf(string name) => Path.Combine(Folder, name);

    public async ValueTask DisposeAsync()
    {
        await _script.CloseAsync();
        await Service.DisposeAsync();
        await Vault.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A fixture: an account of words, open on "laptop", with a personal key; the kit is in kit.txt, the words are $WORDS.</summary>
public sealed class OneAccount : IAsyncLifetime
{
    public Story Story { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Story = await Story.BeginAsync();
        await Story.TellAsync("""
            laptop$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            laptop$ keyladder key generate personal --label photos
            """);
    }

    public ValueTask DisposeAsync() => Story.DisposeAsync();
}
