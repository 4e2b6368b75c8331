using System.Net;
using System.Net.Sockets;
using System.Text;
using Keyladder.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Http;

/// <summary>What is not a Keystore, and what does not answer.</summary>
public sealed class TransportTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private Func<HttpContext, Task> _answer = _ => Task.CompletedTask;
    private int _calls;

    public TransportTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(context =>
        {
            Interlocked.Increment(ref _calls);
            return _answer(context);
        });
    }

    private Uri Address => new(_server.Urls.Single());

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _answer = context =>
        {
            context.Response.Redirect(context.Request.Path == "/v1/nonces" ? "/elsewhere" : "/v1/nonces", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };

        Assert.Equal(FailureReason.InvalidAnswer, await FailureAsync());
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Where_the_apps_own_client_follows_redirects_the_answer_is_refused()
    {
        _answer = async context =>
        {
            if (context.Request.Path == "/v1/nonces")
                context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            else
                await context.Response.WriteAsync("""{"nonce":"n","time":1}""");
        };
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = true });

        Assert.Equal(FailureReason.InvalidAnswer, await FailureAsync(http));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task J03_a_length_that_is_promised_and_too_long_is_refused_before_it_is_read()
    {
        _answer = async context =>
        {
            context.Response.ContentLength = 1L << 40;
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        Assert.Equal(FailureReason.InvalidAnswer, await FailureAsync());
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_given_up_three_times()
    {
        _answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        Assert.Equal(3, await TriesAsync(TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task An_answer_that_never_ends_in_time_is_given_up_three_times()
    {
        _answer = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(" ", context.RequestAborted);
                await Task.Delay(5, context.RequestAborted);
            }
        };

        Assert.Equal(3, await TriesAsync(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_is_not_tried_again()
    {
        using var cancel = new CancellationTokenSource();
        _answer = async context =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        await using var alice = new Person(Address);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alice.Device().Account().UnlockAsync(alice.Secret, cancel.Token));
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Welcome</html>", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "\uFEFF{\"nonce\":\"n\",\"time\":1}", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "{\"nonce\":\"n\",\"time\":1,}", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "{\"nonce\":\"n\",\"time\":1.0}", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "{\"nonce\":\"n\",\"time\":\"1\"}", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "{\"nonce\":\"n\",/* */\"time\":1}", FailureReason.InvalidAnswer, 1)]
    [InlineData(200, "application/json", "{\"nonce\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]],\"time\":1}", FailureReason.InvalidAnswer, 1)]
    [InlineData(404, "text/html", "<html>Nothing here</html>", FailureReason.InvalidAnswer, 1)]
    [InlineData(429, "text/plain", "slow down", FailureReason.TooManyRequests, 3)]
    [InlineData(502, "text/html", "<html>Bad gateway</html>", FailureReason.Unreachable, 3)]
    [InlineData(503, "application/problem+json", "{\"type\":\"urn:keyladder:problem:unavailable\"}", FailureReason.Unreachable, 3)]
    [InlineData(500, "application/problem+json", "{\"type\":\"urn:keyladder:problem:internal\"}", FailureReason.ServiceFailed, 1)]
    public async Task What_is_no_answer_is_said_to_be_none(int status, string type, string body, FailureReason reason, int calls)
    {
        _answer = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        };

        Assert.Equal(reason, await FailureAsync());
        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_said_to_be_unreachable()
    {
        await using var alice = new Person(new Uri("http://127.0.0.1:9"));

        var failure = await Assert.ThrowsAsync<KeyladderException>(() => alice.UnlockAsync());

        Assert.Equal(FailureReason.Unreachable, failure.Reason);
        Assert.NotEmpty(failure.NextStep);
    }

    [Fact]
    public async Task A_connection_that_is_reset_as_soon_as_it_is_there_is_no_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(listener.LocalEndpoint, cancellation);
                using (var accepted = await listener.AcceptSocketAsync(cancellation))
                    accepted.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Poll(-1, SelectMode.SelectRead); // the reset is here before the framework looks
                return new NetworkStream(socket, ownsSocket: true);
            },
        };

        Assert.Equal(3, await TriesAsync(TimeSpan.FromSeconds(5), handler));
    }

    /// <summary>Counted where they leave: a busy service may not have seen a try before its time was over.</summary>
    private async Task<int> TriesAsync(TimeSpan timeout, HttpMessageHandler? handler = null)
    {
        using var counter = new Counter(handler);
        using var http = new HttpClient(counter);
        Assert.Equal(FailureReason.Unreachable, await FailureAsync(http, timeout));
        return counter.Requests;
    }

    private async Task<FailureReason> FailureAsync(HttpClient? http = null, TimeSpan? timeout = null)
    {
        await using var alice = new Person(Address);
        using var client = new KeyladderClient(Address, new MemoryPinStore(), http) { Timeout = timeout ?? TimeSpan.FromSeconds(30) };
        return (await Assert.ThrowsAnyAsync<KeyladderException>(() => client.Account(AccountId.Generate()).UnlockAsync(alice.Secret, Cancellation))).Reason;
    }

    private sealed class Counter(HttpMessageHandler? handler) : DelegatingHandler(handler ?? new SocketsHttpHandler())
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
