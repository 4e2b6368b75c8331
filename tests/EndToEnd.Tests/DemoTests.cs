using System.Diagnostics;
using System.Text.RegularExpressions;
using Keyladder.Vectors;

namespace Keyladder.EndToEnd.Tests;

/// <summary>What <c>./demo</c> shows a newcomer, as it was built with the tests. Each of its steps checks what it claims.</summary>
public class DemoTests
{
    [Fact]
    public async Task The_demo_does_the_main_job()
    {
        var output = await RunAsync();
        Assert.Contains(": 0 hits", output, StringComparison.Ordinal);
        Assert.Contains("Try next:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_shares_and_what_two_people_hold_has_nothing_in_common_until_something_is_planted()
    {
        var output = await RunAsync("share");
        Assert.Equal(3, output.Split(", 0 in common").Length - 1);
        Assert.Matches(@"an id of the Keystore's in the Vault's: .* [1-9]\d* in common \([a-z_.]+ and given_letters\.letter_id\)", output);
        Assert.Matches(@"the same id of the attribute: .* [1-9]\d* in common", output);
    }

    /// <summary>Swap, drop, age and roll back are refused by name, as the real client does; and the aged item, which came through the same proxy, is believed by one that looks at no head.</summary>
    [Fact]
    public async Task The_demo_attacks_and_each_lie_is_refused_by_name_until_a_defence_is_off()
    {
        var output = await RunAsync("attack");
        var (bank, pin, mail) = (Known("item", "the bank as"), Known("attribute", "its pin as"), Known("item", "the mail as"));
        Assert.Matches($"Swap: .*\n.*item ({bank}|{mail})", output);
        Assert.Matches($"Drop: .*\n.*attribute {pin}", output);
        Assert.Matches($"Age: .*\n.*item {bank}", output);
        Assert.Matches(@"Roll back: .*\n.*change \d+", output);
        Assert.Matches($"with the check: .*item {bank}", output);
        Assert.Matches($"without it: item {bank} opens, and is shown as: Bank, old branch", output);

        string Known(string kind, string introduced) => Regex.Match(output, $"{introduced} {kind} ([0-9a-f-]{{36}})").Groups[1].Value is { Length: 36 } id
            ? id
            : throw new InvalidOperationException(output);
    }

    [Fact]
    public async Task F01_F02_F03_the_demo_recovers_and_a_thief_needs_both_services()
    {
        var output = await RunAsync("recover");
        Assert.Matches("all of the Passphrase Store, and the true password: .* opens nothing", output);
        Assert.Matches("all of the Guardian, and the true password: .* opens nothing", output);
        Assert.Matches("both, and the true password: the kit opens", output);
        Assert.Contains(": 0 hits", output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // bin/<configuration>/net10.0: the demo's are the same
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Clone.Root, "tools", "Keyladder.Demo", "bin", here.Parent!.Name, here.Name, "Keyladder.Demo.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var demo = Process.Start(start)!;
        var output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(demo.ExitCode == 0, await errors + await output);
        return await output;
    }
}
