using System.Net.Sockets;
using System.Text;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>A field that stands there twice has no one meaning: who signs and who verifies could read different lines.</summary>
public sealed class SignatureLinesTests(Keystores keystores) : IClassFixture<Keystores>
{
    public static TheoryData<Engine, string, string> Lines() => new MatrixTheoryData<Engine, string, string>(
        [Engine.Sqlite, Engine.Postgres], ["Signature", "Signature-Input", "Content-Digest"], ["the same", "another before", "another after", "nothing before", "nothing after"]);

    [Theory, MemberData(nameof(Lines))]
    public async Task A_field_of_the_signature_in_two_lines_is_refused(Engine engine, string field, string line)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var request = Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now);
        var fields = new List<(string Name, string Value)>
        {
            ("Content-Digest", request.Digest!), ("Signature-Input", request.SignatureInput!), ("Signature", request.Signature!),
        };
        var place = fields.FindIndex(one => one.Name == field);
        var other = line switch { "the same" => fields[place].Value, "another before" or "another after" => "sig=other", _ => "" };
        Assert.Equal("HTTP/1.1 200 OK", await StatusAsync(service, request.Target, fields));

        fields.Insert(line is "another before" or "nothing before" ? place : place + 1, (field, other));
        Assert.Equal("HTTP/1.1 401 Unauthorized", await StatusAsync(service, request.Target, fields));
    }

    // By hand: an HttpClient writes the values of one field in one line.
    private static async Task<string?> StatusAsync(RunningService service, string target, IEnumerable<(string Name, string Value)> fields)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(service.Http.BaseAddress!.Host, service.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        var head = $"GET {target} HTTP/1.1\r\nHost: {service.Http.BaseAddress.Authority}\r\nConnection: close\r\n{string.Concat(fields.Select(field => $"{field.Name}: {field.Value}\r\n"))}\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(socket.GetStream());
        return await answer.ReadLineAsync(TestContext.Current.CancellationToken);
    }
}
