using System.Diagnostics;
using System.Text;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>Commands that ask, at a terminal that util-linux's <c>script</c> makes, and ones whose output goes nowhere.</summary>
public sealed class PromptTests : IAsyncLifetime
{
    private const int Stopped = 130;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-prompt-");
    private KeystoreHost _service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Server => _service.Origin.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync() => _service = await KeystoreHost.StartAsync(Engine.Sqlite);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("lock");
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_account_is_made_when_the_person_has_the_kit_on_paper_and_not_before()
    {
        var stopped = await AtTerminalAsync($"sign-up --server {Server}", "press Enter", "\u0003");
        Assert.Equal(Stopped, stopped.Code);
        Assert.Equal(0, await AccountsAsync());

        var made = await AtTerminalAsync($"sign-up --server {Server}", "press Enter", "\r");
        Assert.Equal(0, made.Code);
        Assert.Contains("Your account is made", made.Shown, StringComparison.Ordinal);
        Assert.Equal(1, await AccountsAsync());
    }

    [Theory, InlineData("> /dev/full"), InlineData("| true")]
    public async Task A_kit_that_reaches_nobody_makes_no_account(string where)
    {
        // The pipe's own code is that of `true`: the command's is told on standard error.
        var ended = await ShellAsync($"({Command($"sign-up --server {Server}")}; echo code $? >&2) 2>errors {where}; cat errors");

        Assert.Contains("code 5", ended, StringComparison.Ordinal);
        Assert.Contains("nothing was made", ended, StringComparison.Ordinal);
        Assert.Equal(0, await AccountsAsync());
    }

    [Theory, InlineData("\u0004"), InlineData("\u0003"), InlineData("abc\u0004")]
    public async Task Control_D_and_Control_C_end_the_prompt_for_a_secret(string typed) =>
        Assert.Equal(Stopped, (await AtTerminalAsync($"unlock --server {Server}", "Words or passphrase: ", typed)).Code);

    [Fact]
    public async Task Control_U_clears_what_was_typed()
    {
        var ended = await AtTerminalAsync($"unlock --server {Server}", "Words or passphrase: ", "legal winner\u0015\r");
        Assert.Equal(2, ended.Code);
        Assert.Contains("The secret is empty.", ended.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_waits_at_a_prompt_ends_when_it_is_told_to() =>
        Assert.Equal(Stopped, (await AtTerminalAsync($"unlock --server {Server}", "Words or passphrase: ", typed: null)).Code);

    [Theory, InlineData("no\r", 6), InlineData("\u0003", Stopped), InlineData("\u0004", Stopped)]
    public async Task Nothing_but_yes_destroys_a_key(string typed, int code)
    {
        await RunAsync($"sign-up --server {Server} --kit kit.txt");
        await RunAsync("key generate personal --label photos");

        Assert.Equal(code, (await AtTerminalAsync("key delete photos", "Type yes to go on: ", typed)).Code);
        Assert.Contains("photos", await RunAsync("key list"), StringComparison.Ordinal);
    }

    private static string Command(string arguments) => $"dotnet '{Path.Combine(AppContext.BaseDirectory, "keyladder.dll")}' {arguments}";

    private Task<string> RunAsync(string arguments) => ShellAsync(Command(arguments));

    private async Task<string> ShellAsync(string line)
    {
        using var process = Process.Start(Here(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", line } }))!;
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancelled).WaitAsync(TimeLimit, Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return output;
    }

    /// <param name="prompt">What is waited for before anything is typed.</param>
    /// <param name="typed">Null: the command gets a SIGTERM instead.</param>
    private async Task<(int Code, string Shown)> AtTerminalAsync(string arguments, string prompt, string? typed)
    {
        var line = "echo $$ > pid; exec " + Command(arguments);
        using var process = Process.Start(Here(new ProcessStartInfo("script") { ArgumentList = { "--quiet", "--return", "--command", line, "/dev/null" } }))!;
        var shown = new StringBuilder();
        var buffer = new char[4096];
        var asked = false;
        int read;
        while ((read = await process.StandardOutput.ReadAsync(buffer, Cancelled).AsTask().WaitAsync(TimeLimit, Cancelled)) > 0)
        {
            shown.Append(buffer, 0, read);
            if (asked || !shown.ToString().Contains(prompt, StringComparison.Ordinal))
                continue;
            asked = true;
            if (typed is null)
                await ShellAsync("kill -TERM $(cat pid)");
            else
                await process.StandardInput.WriteAsync(typed);
            await process.StandardInput.FlushAsync(Cancelled);
        }

        Assert.True(asked, shown.ToString());
        await process.WaitForExitAsync(Cancelled).WaitAsync(TimeLimit, Cancelled);
        return (process.ExitCode, shown.ToString());
    }

    private ProcessStartInfo Here(ProcessStartInfo start)
    {
        start.WorkingDirectory = _folder.FullName;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        start.Environment["KEYLADDER_PROFILE"] = Path.Combine(_folder.FullName, "profile");
        start.Environment["SHELL"] = "/bin/sh";
        start.Environment["TERM"] = "xterm";
        return start;
    }

    private async Task<long> AccountsAsync()
    {
        await using var database = await _service.Database.OpenAsync();
        await using var count = database.CreateCommand();
        count.CommandText = "SELECT count(*) FROM slots";
        return Convert.ToInt64(await count.ExecuteScalarAsync(Cancelled), System.Globalization.CultureInfo.InvariantCulture);
    }
}
