using Keyladder.Client;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests;

/// <summary>After the main job, done by real processes, the service and the wire hold nothing that a person would call theirs.</summary>
public class NothingReadableTests
{
    [Theory, OnBothEngines]
    public async Task No_secret_stands_in_any_database_file_log_or_captured_body(Engine engine)
    {
        await using var run = await Run.TheMainJobAsync(engine);
        var canaries = new Canaries();
        canaries.Plant("words", run["WORDS"]);
        canaries.Plant("text", "Meet me at noon.");
        canaries.Plant("label", "letters");
        canaries.Plant("label of a DEK", "photos");
        canaries.Plant("DID", run["DID"]);
        foreach (var (name, key) in await run.KeysAsync())
        {
            canaries.Plant(name, key.DangerousSpan);
            key.Dispose();
        }

        Assert.NotEmpty(run.Service.Proxy!.Exchanges);
        Assert.Empty(await run.Service.FindAsync(canaries));
    }

    [Theory, OnBothEngines]
    public async Task The_same_search_finds_what_the_service_does_hold(Engine engine)
    {
        await using var run = await Run.TheMainJobAsync(engine);
        var canaries = new Canaries();
        canaries.Plant("id of a key", run["PERSONAL"]);

        var found = await run.Service.FindAsync(canaries);

        Assert.Contains(found, line => line.StartsWith("tables: ", StringComparison.Ordinal));
        Assert.Contains(found, line => line.Contains("/v1/changes", StringComparison.Ordinal));
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-run-");
        private readonly Dictionary<string, string> _variables = [];
        private readonly Script _script;

        private Run(KeystoreHost service)
        {
            Service = service;
            _variables["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority);
            _script = new Script(_folder.FullName, _variables);
        }

        public KeystoreHost Service { get; }

        public string this[string variable] => _variables[variable];

        public static async Task<Run> TheMainJobAsync(Engine engine)
        {
            var run = new Run(await KeystoreHost.StartAsync(engine, recorded: true));
            await run._script.RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", "two-devices.txt"));
            return run;
        }

        /// <summary>Every key of the ladder, as bytes: from the words down to each DEK and private key.</summary>
        public async Task<List<(string Name, SecretBytes Key)>> KeysAsync()
        {
            Assert.True(UnlockSecret.TryParse(this["WORDS"], null, out var secret, out _));
            using var client = new KeyladderClient(Service.Origin, new MemoryPinStore());
            await using var me = await client.Account().UnlockAsync(secret, TestContext.Current.CancellationToken);
            var keys = new List<(string, SecretBytes)> { ("pseudorandom key of the words", secret.DerivePseudorandomKey()) };
            foreach (var key in await me.Keys.ListAsync(TestContext.Current.CancellationToken))
            {
                using KeystoreKey open = key.Purpose switch
                {
                    KeyPurpose.PersonalDek => me.Keys.UnwrapPersonal(key),
                    KeyPurpose.SharingDek => me.Keys.UnwrapSharing(key),
                    _ => me.Keys.UnwrapSigning(key),
                };
                using var bytes = open.CopyKeyBytes();
                keys.Add((key.ToString(), SecretBytes.CopyOf(bytes.DangerousSpan[..32])));
            }

            Assert.True(keys.Count >= 4);
            return keys;
        }

        public async ValueTask DisposeAsync()
        {
            await _script.CloseAsync();
            await Service.DisposeAsync();
            _folder.Delete(recursive: true);
        }
    }
}
