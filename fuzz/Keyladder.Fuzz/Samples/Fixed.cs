using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Fuzz.Samples;

/// <summary>Ids, keys and times that are the same in every process: the genuine inputs follow from them, and so do the mutated ones.</summary>
internal static class Fixed
{
    public static DateTimeOffset Now { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TimeProvider Clock { get; } = new StandingClock();

    public static Origin Origin { get; } = ParseOrigin("https://keys.example.org");

    public static Guid Uuid(int number) => new($"{number:x8}-0000-4000-8000-000000000000");

    public static byte[] Bytes(int length, byte first = 1) => [.. Enumerable.Range(0, length).Select(index => (byte)((index * 7) + first))];

    public static SecretBytes Secret(byte first) => SecretBytes.CopyOf(Bytes(32, first));

    public static Ed25519PrivateKey Signer(byte first) => Ed25519PrivateKey.FromSeed(Bytes(Ed25519PrivateKey.SeedSize, first));

    public static SessionKeyId KeyId { get; } = new(1, new AccountId(Uuid(1)), new SessionId(Uuid(2)));

    private static Origin ParseOrigin(string text) => Origin.TryParse(text, out var origin) ? origin : throw new InvalidOperationException();

    // Waits end at once, limits never: no input may make a parser wait.
    private sealed class StandingClock : TimeProvider
    {
        private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new StandingTimer();
            if (dueTime >= TimeSpan.Zero && dueTime < LongestWait)
                callback(state);
            return timer;
        }
    }

    private sealed class StandingTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
