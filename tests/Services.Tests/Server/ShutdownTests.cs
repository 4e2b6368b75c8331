using System.Net;
using System.Net.Sockets;
using System.Text;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Server;

/// <summary>What a process does between SIGTERM and its end.</summary>
public sealed class ShutdownTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task While_it_drains_it_is_not_ready_and_still_does_everything()
    {
        await using var server = await ServerProcess.ListenAsync(["--keystore:data", folder.FullName, "--keystore:drain", "120", .. ServerProcess.Silent]);
        using var http = new HttpClient { BaseAddress = server.Address };
        (await Request.Get("/health/ready").SendAsync(http)).Is(HttpStatusCode.OK);
        server.Terminate();
        Answer ready;
        do
            ready = await Request.Get("/health/ready").SendAsync(http);
        while (ready.Status == HttpStatusCode.OK);
        ready.IsProblem(ProblemTypes.Unavailable);

        using var newConnection = new HttpClient { BaseAddress = server.Address };
        (await Request.Get("/health/live").SendAsync(newConnection)).Is(HttpStatusCode.OK);
        (await Request.Post(ServiceRoutes.Nonces).SendAsync(newConnection)).As<NonceResponse>();
    }

    [Theory, OnBothEngines]
    public async Task A_request_in_flight_is_finished_before_it_ends_with_0(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using var server = await ServerProcess.ListenAsync([.. database.Settings, "--keystore:drain", "1", .. ServerProcess.Silent]);
        await using var service = RunningService.At(server.Address, server.Address.GetLeftPart(UriPartial.Authority));
        var alice = await Person.SignedUpAsync(service);
        var write = Request.Post(ServiceRoutes.Changes, alice.Write([alice.NewKey()], [])).SignedBy(alice.Session, alice.Now);
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {write.Target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {write.Body.Length}\r\n" +
            $"Content-Digest: {write.Digest}\r\nSignature-Input: {write.SignatureInput}\r\nSignature: {write.Signature}\r\n\r\n"), TestContext.Current.CancellationToken);
        await stream.WriteAsync(write.Body.AsMemory(0, 10), TestContext.Current.CancellationToken);

        server.Terminate();
        while (await IsListeningAsync(server.Address))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await stream.WriteAsync(write.Body.AsMemory(10), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal((0, "", ""), await server.EndAsync());
    }

    [Fact]
    public async Task The_service_manager_is_told_when_it_is_ready_and_when_it_stops()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd runs on Linux.");
        var path = Path.Combine(folder.FullName, "notify");
        using var notices = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notices.Bind(new UnixDomainSocketEndPoint(path));
        await using var server = await ServerProcess.ListenAsync(
            ["--keystore:data", Path.Combine(folder.FullName, "data"), .. ServerProcess.Silent], new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });
        Assert.Equal("READY=1", await NextAsync());
        Assert.Equal(0, (await server.EndAsync(terminate: true)).Code);
        Assert.Equal("STOPPING=1", await NextAsync());

        async Task<string> NextAsync()
        {
            var buffer = new byte[100];
            return Encoding.UTF8.GetString(buffer, 0, await notices.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
        }
    }

    private static async Task<bool> IsListeningAsync(Uri address)
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
