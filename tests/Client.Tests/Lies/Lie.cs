using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Testing;

namespace Keyladder.Client.Tests.Lies;

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
    private Lie(string name, string call, Action<ProxiedAnswer> tell) => (Name, Call, Tell) = (name, call, tell);

    public string Name { get; }

    public string Call { get; }

    public Action<ProxiedAnswer> Tell { get; }

    public Alarm? Alarm { get; private init; }

    public FailureReason Reason { get; private init; }

    public static Lie Raises(Alarm alarm, string name, string call, Action<ProxiedAnswer> tell) => new(name, call, tell) { Alarm = alarm, Reason = FailureReason.Integrity };

    public static Lie Fails(FailureReason reason, string name, string call, Action<ProxiedAnswer> tell) => new(name, call, tell) { Reason = reason };

    /// <summary>Lies in every answer to the call, and counts them.</summary>
    public Action<ProxiedAnswer> In(StrongBox<int> told) => answer =>
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
