using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Keystore;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Keyladder.Client.Tests.Lies;

/// <summary>A Keystore whose operator lies: the real one behind a <see cref="LyingProxy"/>, and copies of it from the past.</summary>
public sealed class HostileKeystore : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _past = [];

    public LyingProxy Proxy { get; private set; } = null!;

    public KeystoreHost Real { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Proxy = await LyingProxy.StartAsync();
        Real = await KeystoreHost.StartAsync(Engine.Sqlite, origin: Proxy.Address);
        TellTheTruth();
    }

    public void TellTheTruth()
    {
        (Proxy.Lie, Proxy.Block, Proxy.Invent) = (null, null, null);
        Proxy.StandBefore(Real.Address);
    }

    /// <summary>The service as it is now, kept: the same data, secret and origin, running beside the real one.</summary>
    public async Task<Uri> KeepAsync()
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-past-");
        var now = Real.Database.Folder;
        foreach (var file in now.GetFiles().Where(file => !file.Name.Contains(".db", StringComparison.Ordinal)))
            file.CopyTo(Path.Combine(folder.FullName, file.Name));
        await using (var connection = await Real.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"VACUUM INTO '{Path.Combine(folder.FullName, now.GetFiles("*.db").Single().Name)}'");
            await command.ExecuteNonQueryAsync();
        }

        var past = KeystoreService.Build(
            new KeystoreOptions { Urls = "http://127.0.0.1:0", Origin = Proxy.Address.GetLeftPart(UriPartial.Authority), Data = folder.FullName },
            Real.Time,
            logging => logging.ClearProviders());
        await past.StartAsync();
        _past.Add(past);
        return new Uri(past.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var past in _past)
            await past.DisposeAsync();
        await Proxy.DisposeAsync();
        await Real.DisposeAsync();
    }
}

/// <summary>What must be so after every lie: it was refused for the expected reason.</summary>
internal static class Expect
{
    public static async Task AlarmAsync(Alarm alarm, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<IntegrityException>(call);
        Assert.Equal(alarm, refusal.Alarm);
        Assert.NotEmpty(refusal.Object);
        Assert.NotEmpty(refusal.NextStep);
    }

    public static async Task FailureAsync(FailureReason reason, Func<Task> call) =>
        Assert.Equal(reason, (await Assert.ThrowsAnyAsync<KeyladderException>(call)).Reason);
}

/// <summary>One way to lie: which answer it falsifies, how, and what the client must say to it.</summary>
public sealed class Lie
{
    private Lie(string name, string call, Action<Answer> tell) => (Name, Call, Tell) = (name, call, tell);

    public string Name { get; }

    public string Call { get; }

    public Action<Answer> Tell { get; }

    public Alarm? Alarm { get; private init; }

    public FailureReason Reason { get; private init; }

    public static Lie Raises(Alarm alarm, string name, string call, Action<Answer> tell) => new(name, call, tell) { Alarm = alarm, Reason = FailureReason.Integrity };

    public static Lie Fails(FailureReason reason, string name, string call, Action<Answer> tell) => new(name, call, tell) { Reason = reason };

    /// <summary>Lies in every answer to the call, and counts them.</summary>
    public Action<Answer> In(StrongBox<int> told) => answer =>
    {
        if ($"{answer.Method} {answer.Path}" != Call)
            return;
        Tell(answer);
        told.Value++;
    };

    public Task ExpectAsync(Func<Task> call) => Alarm is { } alarm ? Expect.AlarmAsync(alarm, call) : Expect.FailureAsync(Reason, call);

    public override string ToString() => Name;

    /// <summary>What every answer is tried with: none of these is the JSON of the protocol.</summary>
    public static IEnumerable<Lie> AboutForm(string call, string member) =>
    [
        Fails(FailureReason.InvalidAnswer, "a member is absent", call, answer => answer.Edit(json => json.Remove(member))),
        Fails(FailureReason.InvalidAnswer, "a member is null", call, answer => answer.Edit(json => json[member] = null)),
        Fails(FailureReason.InvalidAnswer, "a member is unknown", call, answer => answer.Edit(json => json["since"] = 1)),
        Fails(FailureReason.InvalidAnswer, "KDF parameters are added", call, answer => answer.Edit(json => json["kdf"] = new JsonObject { ["iterations"] = 1 })),
        Fails(FailureReason.InvalidAnswer, "a member stands there twice", call, answer => answer.Body =
            [.. Encoding.UTF8.GetBytes($$"""{"{{member}}":{{answer.Json[member]!.ToJsonString()}},"""), .. answer.Body.AsSpan(1)]),
        Fails(FailureReason.InvalidAnswer, "a member has another case", call, answer => answer.Edit(json =>
        {
            json[member.ToUpperInvariant()] = json[member]!.DeepClone();
            json.Remove(member);
        })),
        Fails(FailureReason.InvalidAnswer, "something follows", call, answer => answer.Body = [.. answer.Body, .. "{}"u8]),
        Fails(FailureReason.InvalidAnswer, "it is a list", call, answer => answer.Body = [.. "["u8, .. answer.Body, .. "]"u8]),
        Fails(FailureReason.InvalidAnswer, "it is nothing", call, answer => answer.Body = []),
        Fails(FailureReason.InvalidAnswer, "it is null", call, answer => answer.Body = "null"u8.ToArray()),
        Fails(FailureReason.InvalidAnswer, "it never ends", call, answer => answer.Endless = true),
        Fails(FailureReason.InvalidAnswer, "its status is another", call, answer => answer.Status = answer.Status == 200 ? 201 : 200),
        Fails(FailureReason.InvalidAnswer, "it says that there is nothing", call, answer =>
        {
            answer.Status = 404;
            answer.Body = """{"type":"urn:keyladder:problem:not-found"}"""u8.ToArray();
        }),
        Fails(FailureReason.InvalidAnswer, "it sends elsewhere", call, answer => answer.Status = 307),
    ];
}
