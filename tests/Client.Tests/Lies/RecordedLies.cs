using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>A service that has recorded what it ever said to Alice and to Bob, and puts any of it in the place of any other.</summary>
public sealed class RecordedLies(RecordedLies.Scene scene) : IClassFixture<RecordedLies.Scene>
{
    [Theory, InlineData("GET /v1/account"), InlineData("GET /v1/changes"), InlineData("POST /v1/keys/fetch")]
    public async Task B08_B09_B15_D04_D05_D06_H08_nothing_that_was_said_to_another_person_or_at_another_moment_is_believed(string call)
    {
        var before = await scene.Pins.GetAsync(scene.Me.Id, Cancellation);
        (string, System.Text.Json.Nodes.JsonObject)[] others =
            [("Bob's", scene.Bob.Answer(call)), ("the first", scene.First.Answer(call)), ("the one before", scene.Before.Answer(call))];
        var believed = new List<string>();
        var names = Falsifications.Of(scene.Now.Answer(call), others).Select(lie => lie.Name).ToList();
        for (var number = 0; number < names.Count; number++)
        {
            var told = 0;
            scene.Hostile.Proxy.Lie = answer =>
            {
                if ($"{answer.Method} {answer.Path}" != call)
                    return;
                answer.Json = Falsifications.Of(answer.Json, others).ElementAt(number).Answer;
                told++;
            };
            // What is refused is not believed, and neither is what changes nothing of what a person gets to see.
            var seen = "";
            var refusal = await Record.ExceptionAsync(async () => seen = await scene.LookAsync(scene.Me, call, scene.Photos));
            scene.Hostile.TellTheTruth();
            var isRefused = refusal is KeyladderException { Reason: FailureReason.Integrity or FailureReason.InvalidAnswer };
            if (told == 0 || !(isRefused || seen == scene.Truth[call]))
                believed.Add($"{names[number]}: {seen}{refusal?.Message}");
        }

        Assert.True(names.Count > 20);
        Assert.Empty(believed);
        Assert.Equal(before, await scene.Pins.GetAsync(scene.Me.Id, Cancellation));
    }

    /// <summary>Bob; and Alice at three moments, of whom only the last is so.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        private Person _alice = null!;

        public HostileKeystore Hostile { get; } = new();

        public MemoryPinStore Pins { get; } = new();

        public UnlockedAccount Me { get; private set; } = null!;

        public Cryptography.KeyId Photos { get; private set; }

        public Recording Bob { get; private set; } = null!;

        public Recording First { get; private set; } = null!;

        public Recording Before { get; private set; } = null!;

        public Recording Now { get; private set; } = null!;

        /// <summary>What a person gets to see at the last of them, by call.</summary>
        public Dictionary<string, string> Truth { get; } = [];

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            var his = await bob.SignUpAsync();
            Bob = await RecordAsync(bob, (await his.Keys.GeneratePersonalAsync("photos", Cancellation)).Id);

            _alice = new Person(Hostile.Proxy.Address);
            Me = await _alice.SignUpAsync(Pins);
            Photos = (await Me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
            First = await RecordAsync(_alice, Photos);
            var letters = (await Me.Keys.GenerateSharingAsync("letters", Cancellation)).Id;
            await Me.Keys.GenerateSigningAsync("desk", Cancellation);
            Before = await RecordAsync(_alice, Photos);
            await Me.Keys.SetStateAsync(Photos, KeyState.Deactivated, Cancellation);
            await Me.Keys.DeleteAsync(letters, Cancellation);
            Now = await RecordAsync(_alice, Photos);
        }

        /// <returns>What a person gets to see.</returns>
        public async Task<string> LookAsync(UnlockedAccount account, string call, Cryptography.KeyId key) => call switch
        {
            "GET /v1/account" => string.Join('\n', await account.UnlockMethods.ListAsync(Cancellation)),
            "GET /v1/changes" => string.Join('\n', (await account.Keys.ListAsync(Cancellation)).Select(Written).Order(StringComparer.Ordinal)),
            _ => Written(await account.Keys.GetAsync(key, Cancellation)),
        };

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }

        // By a device that remembers nothing: it is told everything.
        private Task<Recording> RecordAsync(Person person, Cryptography.KeyId key) => Hostile.Proxy.RecordAsync(async () =>
        {
            var there = await person.UnlockAsync();
            foreach (var call in new[] { "GET /v1/account", "GET /v1/changes", "POST /v1/keys/fetch" })
                Truth[call] = await LookAsync(there, call, key);
        });

        private static string Written(AccountKey key) => $"{key.Id} {key.Purpose} {key.State} {key.Created} {key.Label} {key.Did}";
    }
}
