using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>What a person reads and does while neither service can be reached, and afterwards.</summary>
public sealed class OfflineTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-story-");
    private readonly HostileKeystore _keystore = new();
    private readonly HostileVault _vault = new();
    private readonly Dictionary<string, string> _variables = [];
    private Script _script = null!;

    public async ValueTask InitializeAsync()
    {
        await _keystore.InitializeAsync();
        await _vault.InitializeAsync();
        _variables["SERVER"] = _keystore.Proxy.Address.GetLeftPart(UriPartial.Authority);
        _variables["VAULT"] = _vault.Proxy.Address.GetLeftPart(UriPartial.Authority);
        _script = new Script(_folder.FullName, _variables);
    }

    [Fact]
    public async Task Items_are_read_and_written_offline_wait_and_are_sent()
    {
        await _script.TellAsync("""
            laptop$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            laptop$ keyladder vault create $VAULT
            in 0042
            laptop$ keyladder item add Bicycle --attribute combination
            laptop$ keyladder vault sync
            err This device and the Vault have the same
            """);

        _keystore.Proxy.Block = _vault.Proxy.Block = _ => true;
        await _script.TellAsync("""
            laptop$ keyladder item list
            out Bicycle
            err The Vault cannot be reached: this is what this device has kept of it
            laptop$ keyladder lock
            in $WORDS
            laptop$ keyladder unlock --secret-file -
            err The service cannot be reached: the account is open with what this device has kept
            laptop$ keyladder item show Bicycle --only combination
            out ^0042$
            in 4711
            laptop$ keyladder item change Bicycle --attribute combination
            out waits to be sent
            err What was written here of one item waits and goes there as soon as it answers
            laptop$ keyladder item add Draft
            laptop$ keyladder item discard Draft
            laptop$ keyladder item discard Bicycle
            out Bicycle
            silent waits
            laptop$ keyladder item show Bicycle --only combination
            out ^0042$
            in 4711
            laptop$ keyladder item change Bicycle --attribute combination
            laptop$ keyladder vault sync
            exit 8
            laptop$ keyladder lock
            in $WORDS
            laptop$ keyladder unlock --no-copy --secret-file -
            exit 6
            err what waits in it to be sent is nowhere else
            in $WORDS
            phone$ keyladder unlock --server $SERVER --secret-file -
            exit 8
            """);

        _keystore.TellTheTruth();
        _vault.TellTheTruth();
        await _script.TellAsync("""
            in $WORDS
            laptop$ keyladder unlock --secret-file -
            laptop$ keyladder vault sync
            err This device and the Vault have the same
            in $WORDS
            phone$ keyladder unlock --server $SERVER --secret-file - --no-copy
            phone$ keyladder item show Bicycle --only combination
            out ^4711$
            phone$ keyladder item list
            silent Draft
            """);
        Assert.True(Directory.Exists(Path.Combine(_folder.FullName, "laptop", "copies")));
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "phone", "copies")));
    }

    public async ValueTask DisposeAsync()
    {
        await _script.CloseAsync();
        await _keystore.DisposeAsync();
        await _vault.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
