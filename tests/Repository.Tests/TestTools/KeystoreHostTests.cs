using System.Net.Http.Json;
using System.Text;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;

namespace Repository.Tests.TestTools;

public sealed class KeystoreHostTests(Keystores keystores) : IClassFixture<Keystores>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, OnBothEngines]
    public async Task The_service_answers_and_its_clock_is_the_tests(Engine engine)
    {
        var keystore = await keystores.On(engine);
        Assert.Same(keystore, await keystores.On(engine));
        var before = await TimeOfAsync(keystore);
        keystore.Time.Move(TimeSpan.FromHours(3));
        Assert.InRange(await TimeOfAsync(keystore) - before, 3 * 3_600_000, long.MaxValue);
    }

    [Theory, OnBothEngines]
    public async Task After_a_restart_and_beside_another_process_the_data_is_the_same(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        var origin = keystore.Origin;
        var before = await keystore.Database.DumpAsync();
        await using (var other = await keystore.StartAnotherAsync())
        {
            Assert.NotEqual(keystore.Address, other.Address);
            Assert.Equal(origin, other.Origin);
            Assert.Equal(before, await other.Database.DumpAsync());
        }

        await keystore.RestartAsync();
        Assert.Equal(origin, keystore.Origin);
        Assert.NotEmpty(before);
        Assert.Equal(before, await keystore.Database.DumpAsync());
        await TimeOfAsync(keystore);
    }

    [Theory, OnBothEngines]
    public async Task A_planted_secret_is_found_wherever_it_went(Engine engine)
    {
        var canaries = new Canaries();
        const string words = "gravity machine north sort system female filter attitude volume fold club stay";
        canaries.Plant("words", words);
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        using var client = new HttpClient { BaseAddress = keystore.Origin };
        await TimeOfAsync(keystore);
        Assert.Empty(await keystore.FindAsync(canaries));

        using var body = new StringContent($"{{\"words\":\"{words}\"}}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(ServiceRoutes.Sessions, UriKind.Relative), body, Cancellation);
        Assert.Equal(["POST /v1/sessions: words"], await keystore.FindAsync(canaries)); // on the wire, and refused: nowhere else
    }

    private static async Task<long> TimeOfAsync(KeystoreHost keystore)
    {
        using var client = new HttpClient { BaseAddress = keystore.Origin };
        using var response = await client.PostAsync(new Uri(ServiceRoutes.Nonces, UriKind.Relative), null, Cancellation);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.NonceResponse, Cancellation))!.Time;
    }
}
