using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cryptography;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>Two people, each with a Vault of their own, and what they read where a service does not answer, or lies; and at a terminal.</summary>
public sealed class ShareTests : IAsyncLifetime
{
    private readonly HostileVault _alices = new();
    private Story _story = null!;

    public async ValueTask InitializeAsync()
    {
        await _alices.InitializeAsync();
        _story = await Story.BeginAsync();
        _story["HERS"] = _alices.Proxy.Address.GetLeftPart(UriPartial.Authority);
        await _story.TellAsync("""
            alice$ keyladder sign-up --server $SERVER --kit alice.txt
            alice$ keyladder vault create $HERS
            bob$ keyladder sign-up --server $SERVER --kit bob.txt
            bob$ keyladder vault create $VAULT
            alice$ keyladder connect invite Bob --link-file link.txt
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _story.DisposeAsync();
        await _alices.DisposeAsync();
    }

    [Fact]
    public async Task A_link_and_a_yes_to_terms_are_typed_and_the_link_is_not_shown()
    {
        var link = (await File.ReadAllTextAsync(_story.PathOf("link.txt"), TestContext.Current.CancellationToken)).Trim();
        await using (var terminal = _story.AtTerminal("bob", "connect accept Alice"))
        {
            await terminal.ShowsAsync("Link: ");
            await terminal.TypeAsync(link + PseudoTerminal.Enter);
            Assert.Equal(0, await terminal.EndAsync());
            Assert.DoesNotContain(link.Split('#')[1][..24], terminal.Shown, StringComparison.Ordinal);
        }

        await GiveAsync("--terms-file terms.txt", "write terms.txt For the rent only.");
        foreach (var (typed, code) in new[] { ("no", 6), ("yes", 0) })
        {
            await _story.TellAsync("bob$ keyladder share list");
            await using var terminal = _story.AtTerminal("bob", $"share show {_story["SHARE"]}");
            await terminal.ShowsAsync("For the rent only.");
            await terminal.ShowsAsync("Type yes to go on: ");
            await terminal.TypeAsync(typed + PseudoTerminal.Enter);
            Assert.Equal(code, await terminal.EndAsync());
            Assert.Equal(code == 0, terminal.Shown.Contains("DE01 2345", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Where_a_Vault_does_not_answer_what_is_kept_is_listed_and_whose_it_is_is_said()
    {
        await _story.TellAsync("bob$ keyladder connect accept Alice --link-file link.txt");
        await GiveAsync();
        await _story.TellAsync("bob$ keyladder share list");

        _alices.Proxy.Block = _ => true;
        await _story.TellAsync("""
            bob$ keyladder share list
            out given
            err The Vault of Alice does not answer
            bob$ keyladder connect sync
            err The Vault of Alice does not answer
            bob$ keyladder share show $SHARE
            exit 8
            alice$ keyladder connect list
            out Bob\testablished
            err this is what this device has kept
            alice$ keyladder share list
            out Bank\: iban\tgiven
            err this is what this device has kept
            alice$ keyladder connect sync
            exit 8
            alice$ keyladder share revoke $SHARE
            exit 8
            alice$ keyladder share list
            out Bank\: iban\tgiven
            """);

        _alices.TellTheTruth();
        await _story.TellAsync("""
            alice$ keyladder connect sync
            alice$ keyladder share revoke $SHARE
            bob$ keyladder share list
            out revoked
            err Alice has taken back
            """);
    }

    [Fact]
    public async Task A_letter_that_is_refused_is_told_with_exit_code_7_the_rest_is_printed_and_nothing_of_it_is_used()
    {
        await _story.TellAsync("bob$ keyladder connect accept Alice --link-file link.txt");
        await GiveAsync();

        Action<ProxiedAnswer> lie = answer =>
        {
            if (answer.Path == "/v1/channel" && answer.Method == "GET" && answer.Status == 200)
                answer.Edit(Spoil);
        };
        _alices.Proxy.Lie = lie;
        await _story.TellAsync("""
            bob$ keyladder share list
            exit 7
            silent \tfrom\t
            err letter of relationship .* at the other one's Vault \($HERS\) is not signed by the other party
            err tell the operator of that Vault
            err letter was refused
            err connect block NAME
            bob$ keyladder connect list --json
            exit 7
            out "name":"Alice","status":"established"
            out "refused":\["[^"]+"
            bob$ keyladder share show $SHARE
            exit 5
            bob$ keyladder connect block Alice
            bob$ keyladder connect sync
            bob$ keyladder connect unblock Alice
            """);

        _alices.TellTheTruth();
        await _story.TellAsync("""
            bob$ keyladder share list
            out $SHARE\tfrom
            bob$ keyladder share show $SHARE --only iban
            out ^DE01 2345$
            """);

        _alices.Proxy.Lie = lie;
        await _story.TellAsync("""
            bob$ keyladder share show $SHARE
            exit 7
            silent DE01
            """);
    }

    [Fact]
    public async Task A_share_is_named_by_its_id_and_where_two_sharers_have_chosen_one_by_the_sharer_too()
    {
        await _story.TellAsync("bob$ keyladder connect accept Alice --link-file link.txt");
        await GiveAsync("--terms rent");
        await _story.TellAsync("""
            bob$ keyladder connect invite Carol --link-file carol.txt
            bob$ keyladder share list
            bob$ keyladder share show Alice/$SHARE
            exit 6
            bob$ keyladder share accept Alice/$SHARE --yes
            bob$ keyladder share show Alice/$SHARE --only iban
            out ^DE01 2345$
            bob$ keyladder share show Carol/$SHARE
            exit 5
            bob$ keyladder share show Nobody/$SHARE
            exit 5
            err There is nobody by that name
            """);
        var (one, two) = (ShareId.Generate(), ShareId.Generate());
        Assert.Equal(2, ShareRequests.Find([1, 2], each => each == 1 ? one : two, two.ToString()));
        var refused = Assert.Throws<Failure>(() => ShareRequests.Find([1, 2], _ => one, one.ToString()));
        Assert.Contains("Several people", refused.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("item save Album note"), InlineData("share save $SHARE note")]
    public async Task An_attachment_is_saved_through_a_link_to_where_that_leads(string command)
    {
        await _story.TellAsync("""
            bob$ keyladder connect accept Alice --link-file link.txt
            alice$ keyladder connect sync
            bob$ keyladder connect sync
            write note.txt a note
            write old.txt an old one
            alice$ keyladder item add Album
            alice$ keyladder item attach Album note.txt --name note
            alice$ keyladder share give Album --with Bob
            set SHARE out ^([0-9a-f-]+)
            bob$ keyladder share list
            """);
        var link = File.CreateSymbolicLink(_story.PathOf("saved.txt"), _story.PathOf("old.txt"));
        await _story.TellAsync($"""
            {(command.StartsWith("item", StringComparison.Ordinal) ? "alice" : "bob")}$ keyladder {command} --output saved.txt
            same note.txt old.txt
            """);
        link.Refresh();
        Assert.Equal(_story.PathOf("old.txt"), link.LinkTarget);
    }

    private static void Spoil(JsonObject json)
    {
        foreach (var letter in json["letters"]!.AsArray())
        {
            var text = letter!["sealed"]!.GetValue<string>();
            letter["sealed"] = text[..^8] + (text[^8] == 'A' ? 'B' : 'A') + text[^7..];
        }
    }

    /// <summary>Connects the two, and has Alice share; Bob has not fetched it yet.</summary>
    private Task GiveAsync(string terms = "", string before = "") => _story.TellAsync($"""
        {before}
        alice$ keyladder connect sync
        bob$ keyladder connect sync
        in DE01 2345
        alice$ keyladder item add Bank --attribute iban
        alice$ keyladder share give Bank --only iban --with Bob {terms}
        set SHARE out ^([0-9a-f-]+)
        """);
}
