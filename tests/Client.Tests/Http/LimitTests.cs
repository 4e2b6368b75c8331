using System.Globalization;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Http;

/// <summary>What the client makes of a service that says "not now". Time is counted in what it asks of its clock, not measured.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly HastyTime _clock = new();
    private string _retryAfter = "";
    private bool _givesNonces;
    private int _calls;

    public LimitTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(async context =>
        {
            if (_givesNonces && context.Request.Path == ServiceRoutes.Nonces)
            {
                await context.Response.WriteAsync("""{"nonce":"n","time":1790000000000}""");
                return;
            }

            Interlocked.Increment(ref _calls);
            context.Response.StatusCode = 429;
            if (_retryAfter.Length > 0)
                context.Response.Headers.RetryAfter = _retryAfter;
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync("""{"type":"urn:keyladder:problem:too-many-requests","status":429,"retryAfter":1}""");
        });
    }

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("6", 6)]
    [InlineData("900", 900)]
    [InlineData("99999999", 86_400)] // no answer keeps an app away for good
    public async Task A_long_wait_is_told_and_not_waited_for(string retryAfter, int seconds)
    {
        _retryAfter = retryAfter;
        var failure = await FailureAsync();

        Assert.Equal(FailureReason.TooManyRequests, failure.Reason);
        Assert.Equal(TimeSpan.FromSeconds(seconds), failure.RetryAfter);
        Assert.Matches(@"in \d+ (seconds|minutes)", failure.NextStep);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_wait_until_a_moment_is_a_wait()
    {
        _retryAfter = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("R", CultureInfo.InvariantCulture);
        Assert.InRange((await FailureAsync()).RetryAfter!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_short_wait_is_waited_for_and_the_call_sent_again()
    {
        _retryAfter = "3";

        Assert.Equal(FailureReason.TooManyRequests, (await FailureAsync()).Reason);

        Assert.Equal(3, _calls);
        Assert.Equal(2, _clock.Pauses.Count);
        Assert.All(_clock.Pauses, pause => Assert.InRange(pause, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public async Task A_sign_in_that_is_refused_as_too_much_is_not_tried_again()
    {
        (_givesNonces, _retryAfter) = (true, "1");

        Assert.Equal(TimeSpan.FromSeconds(1), (await FailureAsync()).RetryAfter);

        Assert.Equal(1, _calls);
        Assert.Empty(_clock.Pauses);
    }

    private async Task<KeyladderException> FailureAsync()
    {
        var address = new Uri(_server.Urls.Single());
        await using var alice = new Person(address);
        return await Assert.ThrowsAnyAsync<KeyladderException>(() => alice.Device(time: _clock).Account().UnlockAsync(alice.Secret, Cancellation));
    }

    /// <summary>Whoever pauses by this clock is told at once that it is over; the time limit of a call stays.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

        public List<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != TimeLimit)
                Pauses.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime == TimeLimit ? dueTime : TimeSpan.Zero, period);
        }
    }
}
