using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AspNetCore.Tests;

/// <summary>
/// A browser: Debian's Chromium without a window, with a profile of its own, told what to do by its own protocol (chromedevtools.github.io/devtools-protocol). It is told
/// what a person does, and what it shows is read.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket = new();
    private string _page = "";
    private int _last;

    private Chromium(Process process, DirectoryInfo profile) => (_process, _profile) = (process, profile);

    /// <summary>Null where none is installed.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<Chromium> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("keyladder-chromium-");
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true };
        // Without a sandbox: a container and root have none, and nothing is opened here but this test's own pages.
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var browser = new Chromium(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync().WaitAsync(Patience, Cancelled);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an address in the one tab; the same page with another fragment stays the page that it is, as in any browser.</summary>
    public Task OpenAsync(Uri address) => CallAsync("Page.navigate", new JsonObject { ["url"] = address.AbsoluteUri }, _page);

    /// <summary>Presses what the selector finds.</summary>
    public Task PressAsync(string selector) => EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)}).click()");

    /// <summary>Where it is, fragment and all.</summary>
    public Task<string> AddressAsync() => EvaluateAsync("location.href");

    /// <summary>Waits until what the selector finds shows a text that is not empty, and has <paramref name="part"/> in it.</summary>
    /// <returns>That text.</returns>
    public async Task<string> ReadAsync(string selector, string part = "")
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var text = await EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.innerText ?? ''");
            if (text.Length > 0 && text.Contains(part, StringComparison.Ordinal))
                return text;
            Assert.True(waited.Elapsed < Patience, $"{selector} shows no “{part}” but “{text}”, of: {await EvaluateAsync("location.href + ' ' + document.body.innerText")}");
            await Task.Delay(50, Cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        for (var tries = 0; tries < 50 && _profile.Exists; tries++) // its helpers end a little later, and write until then
        {
            try
            {
                _profile.Delete(recursive: true);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task ConnectAsync()
    {
        const string listening = "DevTools listening on ";
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is null)
                address.TrySetException(new InvalidOperationException("Chromium ended before it listened."));
            else if (said.Data.StartsWith(listening, StringComparison.Ordinal))
                address.TrySetResult(new Uri(said.Data[listening.Length..]));
        };
        _process.BeginErrorReadLine();
        await _socket.ConnectAsync(await address.Task, Cancelled);
        var targets = (await CallAsync("Target.getTargets"))["targetInfos"]!.AsArray();
        var tab = targets.First(target => target!["type"]!.GetValue<string>() == "page")!["targetId"]!.GetValue<string>();
        _page = (await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = tab, ["flatten"] = true }))["sessionId"]!.GetValue<string>();
    }

    /// <summary>While one page gives way to another there is none to ask: then it is asked again.</summary>
    private async Task<string> EvaluateAsync(string expression)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true }, _page);
                if (answer["exceptionDetails"] is null)
                    return answer["result"]!["value"]!.GetValue<string>();
            }
            catch (InvalidOperationException) when (tries < 200)
            {
                await Task.Delay(50, Cancelled);
                continue;
            }

            Assert.True(tries < 200, $"{expression} fails.");
            await Task.Delay(50, Cancelled);
        }
    }

    /// <exception cref="InvalidOperationException">The browser says that it cannot.</exception>
    private async Task<JsonObject> CallAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        var call = new JsonObject { ["id"] = ++_last, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            call["sessionId"] = session;
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, Cancelled);
        while (true)
        {
            var answer = await ReceiveAsync();
            if (answer["id"]?.GetValue<int>() == _last)
                return answer["result"]?.AsObject() ?? throw new InvalidOperationException(answer.ToJsonString());
        }
    }

    private async Task<JsonObject> ReceiveAsync()
    {
        using var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), Cancelled).AsTask().WaitAsync(Patience, Cancelled);
            received.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(received.ToArray())!.AsObject();
    }
}
