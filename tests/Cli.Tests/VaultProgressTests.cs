using System.Text.Json;

namespace Keyladder.Cli.Tests;

/// <summary>What a person sees while much is written or brought, and that it ends with the command.</summary>
public sealed class VaultProgressTests(VaultWithFilm film) : IClassFixture<VaultWithFilm>
{
    private readonly Story _story = film.Story;

    [Fact]
    public async Task It_is_said_how_far_it_is()
    {
        await ShowsAsync("a", "item save Holidays film -o saved", @"Saving \d+\.\d MiB");
        await ShowsAsync("a", "vault export shown.kv --secret-file words.txt", @"Exporting \d+\.\d MiB");
        await _story.TellAsync("""
            same film saved
            b$ keyladder sign-up --server $SERVER --kit b.txt
            b$ keyladder vault create $VAULT
            """);
        await ShowsAsync("b", "vault import shown.kv --secret-file words.txt", "Importing 0 of 1");
        await _story.TellAsync("""
            b$ keyladder item save Holidays film -o again
            silent .
            same film again
            """);
    }

    [Fact]
    public async Task Control_C_ends_an_import_and_another_finds_nothing_of_it()
    {
        await _story.TellAsync("""
            a$ keyladder vault export vault.kv --secret-file words.txt
            c$ keyladder sign-up --server $SERVER --kit c.txt
            c$ keyladder vault create $VAULT
            """);
        await using (var terminal = _story.AtTerminal("c", "vault import vault.kv --secret-file words.txt"))
        {
            await terminal.ShowsAsync("Importing 0 of 1");
            await terminal.TypeAsync(PseudoTerminal.ControlC);
            Assert.Equal(130, await terminal.EndAsync());
        }

        // What goes on in the agent would be done before this one, which would find it.
        await _story.TellAsync("""
            c$ keyladder vault import vault.kv --secret-file words.txt
            err 1 items were put into the Vault; 0 were there already
            c$ keyladder item list --json
            """);
        Assert.Single(JsonDocument.Parse(_story.Output).RootElement.GetProperty("items").EnumerateArray());
    }

    private async Task ShowsAsync(string profile, string command, string pattern)
    {
        await using var terminal = _story.AtTerminal(profile, command);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Matches(pattern, terminal.Shown);
    }
}

/// <summary>The Vault of one person, with an item that has much attached.</summary>
public sealed class VaultWithFilm : IAsyncLifetime
{
    public Story Story { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Story = await Story.BeginAsync();
        // Holes: what is read and sealed, and takes no room before.
        await using (var film = File.Create(Story.PathOf("film")))
            film.SetLength(64L << 20);
        await Story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            write words.txt $WORDS
            a$ keyladder vault create $VAULT
            a$ keyladder item add Holidays
            a$ keyladder item attach Holidays film --name film
            """);
    }

    public ValueTask DisposeAsync() => Story.DisposeAsync();
}
