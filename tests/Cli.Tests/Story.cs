using Keyladder.Keystore;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A service, and a folder in which real processes run, with their profiles and files. After disposal all of it is gone.</summary>
public sealed class Story : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-story-");
    private readonly Dictionary<string, string> _variables = [];
    private readonly Script _script;
    private int _mails;

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

    /// <summary>A Passphrase Store, by the name $STORE, whose Guardian is the Keystore; it is the caller's.</summary>
    public async Task<PassphraseStoreHost> AddPassphraseStoreAsync()
    {
        var store = await PassphraseStoreHost.StartAsync(Engine.Sqlite, settings: options => options with { Guardian = this["SERVER"] });
        this["STORE"] = store.Origin.GetLeftPart(UriPartial.Authority);
        return store;
    }

    /// <summary>Waits for one mail more than this has seen, and writes the code in it to a file.</summary>
    public async Task CodeFromMailAsync(PassphraseStoreHost store, string file)
    {
        string? code = null;
        while (code is null)
            code = PassphraseStoreHost.CodeIn(await store.MailAsync("person@example.org", ++_mails));
        await File.WriteAllTextAsync(PathOf(file), code);
    }

    /// <summary>From a page that <c>--kit</c> has written.</summary>
    public void CopyRecoveryCode(string page, string file) =>
        File.WriteAllText(PathOf(file), System.Text.RegularExpressions.Regex.Match(File.ReadAllText(PathOf(page)), "KR1-[0-9A-Z-]+").Value);

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
