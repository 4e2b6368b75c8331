using Keyladder.Cryptography.Signing;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Http;

/// <summary>A request by hand goes to the account's own service, whatever its target reads like.</summary>
public sealed class OriginTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, InlineData("//{0}/v1/account"), InlineData("//{0}"), InlineData("///{0}/v1/account"), InlineData("//person@{0}/v1/account")]
    public async Task A_target_that_names_another_host_reaches_nobody(string target)
    {
        var calls = 0;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var elsewhere = builder.Build();
        elsewhere.Run(_ =>
        {
            Interlocked.Increment(ref calls);
            return Task.CompletedTask;
        });
        await elsewhere.StartAsync(Cancellation);
        await using var alice = new Person((await keystores.On(Engine.Sqlite)).Origin);
        var me = await alice.SignUpAsync();

        var failure = await Record.ExceptionAsync(() => me.SendAsync(
            HttpMethod.Get, string.Format(System.Globalization.CultureInfo.InvariantCulture, target, new Uri(elsewhere.Urls.Single()).Authority), cancellationToken: Cancellation));

        Assert.Equal(0, calls);
        Assert.Equal(FailureReason.NotAllowed, Assert.IsType<KeyladderException>(failure).Reason);
    }

    [Theory, InlineData("https://keys.example.org"), InlineData("http://127.0.0.1:1")]
    public void Only_a_service_on_this_machine_is_reached_without_a_proxy(string address)
    {
        Assert.True(Origin.TryParse(address, out var origin));
        using var handler = DefaultHttpClient.CreateHandler(origin);

        Assert.Equal(!origin.Address.IsLoopback, handler.UseProxy);
    }
}
