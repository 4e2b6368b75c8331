using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can answer to who signs in: here an unlocked account whose session it has ended.</summary>
public sealed class SignInLies(SignInLies.Scene scene) : IClassFixture<SignInLies.Scene>
{
    private const string Nonces = "POST /v1/nonces";
    private const string Sessions = "POST /v1/sessions";

    public static TheoryData<string> Names => [.. All(null!).Select(lie => $"{lie.Call}: {lie.Name}")];

    [Theory, MemberData(nameof(Names))]
    public async Task B14_B15_no_lie_signs_in(string name)
    {
        var lie = All(scene).Single(lie => $"{lie.Call}: {lie.Name}" == name);
        var calls = scene.Hostile.Proxy.Calls.Count;
        var told = new StrongBox<int>();

        scene.Hostile.Proxy.Lie = lie.In(told);
        await lie.ExpectAsync(() => scene.Me.Keys.ListAsync(Cancellation));
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal(lie.Call, scene.Hostile.Proxy.Calls.Skip(calls).Last());
    }

    private static IEnumerable<Lie> All(Scene scene) =>
    [
        .. Lie.AboutForm(Nonces, "nonce"),
        .. Lie.AboutForm(Sessions, "serverKey"),
        Lie.Fails(FailureReason.InvalidAnswer, "a time beyond all time", Nonces, answer => answer.Edit(json => json["time"] = 1L << 52)),
        Lie.Fails(FailureReason.InvalidAnswer, "a time before all time", Nonces, answer => answer.Edit(json => json["time"] = -1)),
        Lie.Fails(FailureReason.InvalidAnswer, "a nonce as long as a book", Nonces, answer => answer.Edit(json => json["nonce"] = new string('n', 129))),
        Lie.Fails(FailureReason.InvalidAnswer, "an empty nonce", Nonces, answer => answer.Edit(json => json["nonce"] = "")),
        Lie.Fails(FailureReason.InvalidAnswer, "a server key of zeros", Sessions, answer => answer.Edit(json => json["serverKey"] = Base64Url.EncodeToString(new byte[32]))),
        Lie.Fails(FailureReason.InvalidAnswer, "a short server key", Sessions, answer => answer.Edit(json => json["serverKey"] = "AAAA")),
        Lie.Fails(FailureReason.InvalidAnswer, "a session without a name", Sessions, answer => answer.Edit(json => json["keyId"] = "")),
        Lie.Raises(Alarm.ObjectInvalid, "a session for another account", Sessions, answer => answer.Edit(json => json["keyId"] = scene.BobsKeyId)),
        Lie.Fails(FailureReason.SessionEnded, "a refusal", Sessions, answer =>
        {
            answer.Status = 401;
            answer.Body = """{"type":"urn:keyladder:problem:sign-in-failed"}"""u8.ToArray();
        }),
    ];

    public sealed class Scene : IAsyncLifetime
    {
        private Person _alice = null!;

        public HostileKeystore Hostile { get; } = new();

        public UnlockedAccount Me { get; private set; } = null!;

        public string BobsKeyId { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            await bob.SignUpAsync();
            BobsKeyId = Hostile.Proxy.Last("POST /v1/accounts")["keyId"]!.GetValue<string>();
            _alice = new Person(Hostile.Proxy.Address);
            Me = await _alice.SignUpAsync();
            await Me.Sessions.RevokeAsync((await Me.Sessions.ListAsync(Cancellation)).Single().Id, Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }
    }
}
