using Keyladder.Client;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace AspNetCore.Tests;

/// <summary>The pages of the sample application and their script, did.js, in a browser; the client library answers, as the person's program does.</summary>
public sealed class MembersInBrowserTests : IAsyncLifetime
{
    private const string Shown = "#command";
    private const string Problem = "#problem";
    private const string Member = "#member";

    private readonly MembersScene _scene = new();

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_links_a_DID_and_signs_in_with_it_and_a_wrong_answer_says_what_to_do()
    {
        Assert.SkipWhen(Chromium.Program is null, "No Chromium is installed here.");
        await using var account = await _scene.SignUpAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.OpenAsync(new Uri(_scene.Origin, "/openid"));
        Assert.Equal("alice", await browser.ReadAsync(Member));
        await browser.OpenAsync(new Uri(_scene.Origin, "/did"));
        var toLink = await LinkAsync(browser, "link");
        var linked = await account.Dids.LinkAsync(toLink, cancellationToken: Cancelled);

        // A link whose end was left behind signs nothing.
        Assert.All(Enumerable.Range(1, 20), missing => Assert.False(DidSignInLink.TryParse(toLink.ToString()[..^missing], out _)));

        // An answer that was cut is refused, the page says so, and nothing of it stays in the address.
        await browser.OpenAsync(new Uri(linked.Address.AbsoluteUri[..^5]));
        await browser.ReadAsync(Problem, "Ask for a new challenge");
        Assert.Equal($"{_scene.Origin}did", await browser.AddressAsync());
        await browser.OpenAsync(new Uri(linked.Address.AbsoluteUri.Split("&response")[0]));
        await browser.ReadAsync(Problem, "Copy the whole line, and open it here.");
        await LinkAsync(browser, "link", not: toLink);

        await browser.OpenAsync(linked.Address);
        await browser.ReadAsync("main", linked.Did.ToString());
        Assert.Equal($"{_scene.Origin}", await browser.AddressAsync());
        await browser.PressAsync("form[action='/sign-out'] button");
        await browser.ReadAsync("main", "Nobody is signed in here.");

        await browser.OpenAsync(new Uri(_scene.Origin, "/did"));
        var answered = await account.Dids.SignInAsync(await LinkAsync(browser, "sign-in"), cancellationToken: Cancelled);

        // The answer to another browser's link is worth nothing here.
        await using (var another = await Chromium.StartAsync())
        {
            await another.OpenAsync(new Uri(_scene.Origin, "/did"));
            await LinkAsync(another, "sign-in");
            await another.OpenAsync(answered.Address);
            await another.ReadAsync(Problem, "in the browser that asked");
            await another.OpenAsync(_scene.Origin);
            await another.ReadAsync("main", "Nobody is signed in here.");
        }

        await browser.OpenAsync(answered.Address);
        Assert.Equal("alice", await browser.ReadAsync(Member));
        await browser.ReadAsync("main", $"with {linked.Did}");
        Assert.Equal($"{_scene.Origin}", await browser.AddressAsync());
    }

    [Fact]
    public async Task Who_is_not_linked_is_told_so_and_gets_another_link_at_once()
    {
        Assert.SkipWhen(Chromium.Program is null, "No Chromium is installed here.");
        using var key = Ed25519PrivateKey.Generate();
        await using var browser = await Chromium.StartAsync();
        await browser.OpenAsync(new Uri(_scene.Origin, "/did"));
        var link = await LinkAsync(browser, "sign-in");
        await browser.OpenAsync(link.AnswerWith(DidSignIn.Sign(link, key)));
        await browser.ReadAsync(Problem, "sign in in another way and link the DID");
        await LinkAsync(browser, "sign-in", not: link);
    }

    /// <summary>What the page says to run, as the program takes it.</summary>
    private static async Task<DidSignInLink> LinkAsync(Chromium browser, string purpose, DidSignInLink? not = null)
    {
        var begin = $"keyladder did {purpose} '";
        for (var tries = 0; ; tries++)
        {
            var command = await browser.ReadAsync(Shown, begin);
            Assert.EndsWith("'", command, StringComparison.Ordinal);
            Assert.True(DidSignInLink.TryParse(command[begin.Length..^1], out var link), command);
            if (link != not)
                return link;
            Assert.True(tries < 200, "The page shows the same link still.");
            await Task.Delay(50, Cancelled);
        }
    }
}
