using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cli;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Commands;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Dids;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Files of a device and what the command line and its agent say to each other.</summary>
internal static class DeviceParsers
{
    // What may be there before anything has arrived, for each of the first two frames of an input.
    private const int FrameBytes = 4 * FrameChannel.MaxData;

    private static readonly Profile Profile = new(Path.Combine(ScratchFolder.Path, "profile"));

    private static readonly AgentRequest[] Requests =
    [
        new Unlock("https://keys.example.org", 60, 900), new LockAccount(), new PutBack(), new Status(), new GenerateKeys("personal", "photos", 3), new GenerateKeys("signing", null, 1, "p-256"), new ListKeys(),
        new ShowKey("photos"), new ChangeKey("photos", "active", ""), new DeleteKey("photos"), new Encrypt(null), new Decrypt(), new Sign("work"), new Sign("work", "did:web:example.org"), new ExportPrivateKey("work", "jwk"), new AnswerApp("https://app.example/did#purpose=link&challenge=AAAA&check=vMr0sB3z", null, IsAnother: true),
        new ListSessions(), new RevokeSession("x"), new ListUnlockMethods(), new RemoveUnlockMethod("x"), new ReadAudit(), new Doctor(),
        new SendRequest("GET", "/v1/account", HasBody: false),
    ];

    private static readonly AgentAnswer Answer = new(
        "a", "https://keys.example.org", 900, [new("id", "signing", "p-256", "active", null, "2026-01-02", "did:key:z6Mk")], [new("id", "slot", "created", "expires", true)],
        [new("id", "words", true)], [new(1, "2026-01-02 03:00", "signed-in", "id", "slot", true)], [new("what", true, null)], "text", 200, "notice",
        [new("older", "key", "id", "signing", "work", "compromised", null, "active", PutBack: true)]);

    private static readonly string[] ProfileFiles =
    [
        "{\"server\": \"https://keys.example.org\"}",
        "{\"server\": \"https://keys.example.org\", \"device\": {\"server\": \"https://keys.example.org\", \"id\": \"a\", \"name\": \"laptop\"}}",
    ];

    // What a copy of a Vault says: objects, leaves with their head, what waits, what waits no longer.
    private static readonly StoreRecord[] Records =
    [
        new(Changes: [new("item", Fixed.Uuid(41), Fixed.Bytes(32)), new("attribute", Fixed.Uuid(42))], Head: new("e30.e30.e30", PinFile.Of(SampleAccount.Account, SampleAccount.Pin(6)), Fixed.Bytes(32))),
        new(Objects: [MessageParsers.Object]),
        new(Queued: new(3, [new(Fixed.Uuid(43), Fixed.Uuid(44), [MessageParsers.Object], [MessageParsers.Object], [[MessageParsers.Object]]), new(Fixed.Uuid(45), Fixed.Uuid(46), [MessageParsers.Object], [])])),
        new(Sent: 3),
    ];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("pin-file", [.. new[] { 1, 6, 13 }.Select(number => Write(PinFile.Of(SampleAccount.Account, SampleAccount.Pin(number))))], ReadPin)
        {
            Covers = ["PinFile.ToPin", "PinJson.PinFile"],
            Refusals = [typeof(ArgumentException)],
        },
        new("store-record", [.. Records.Select(Write)], ReadRecord)
        {
            Covers = ["StoreJson.StoreRecord"],
            Refusals = [typeof(ArgumentException), typeof(IntegrityException)],
        },
        new("store-record-sealed", [SampleVault.Dek.SealRecord(new DataId(Fixed.Uuid(40)), 1, Write(Records[0])), SampleVault.Dek.SealRecord(new DataId(Fixed.Uuid(40)), 1, new byte[20_000])], OpenRecord)
        {
            Covers = ["PersonalDataEncryptionKey.OpenRecord"],
        },
        new("profile-file", [.. ProfileFiles.Select(Text.Bytes)], ReadProfile)
        {
            Covers = ["Profile.ReadSettings", "ProfileJson.ProfileSettings"],
            Refusals = [typeof(Failure)],
        },
        new("agent-frames", [.. Requests.Take(4).Select(request => Frames(request))], ReadFrames)
        {
            Covers = ["FrameChannel.ReadAsync", "IncomingData.ReadAsync", "IncomingData.Read"],
            Refusals = [typeof(IOException), typeof(InvalidDataException)],
            MoreBytes = FrameBytes,
        },
        Message("agent-request", AgentJson.Default.AgentRequest, input => AgentJson.ReadRequest(input), Requests),
        Message("agent-answer", AgentJson.Default.AgentAnswer, input => AgentJson.ReadAnswer(input), Answer),
        Message("agent-failure", AgentJson.Default.AgentFailure, input => AgentJson.ReadFailure(input), new AgentFailure(ExitCode.Alarm, "what", "next", new RestoreQuestion("6:3:1f3a9c2e0b7d", 6, null, 3, "2026-01-02", Answer.WentBack))),
        new("agent-note", [Text.Bytes("/nowhere/keyladder-1/agent"), [], Fixed.Bytes(300, 33)], ReadNote)
        {
            Covers = ["Profile.ReadAgentSocket", "AgentConnection.TryOpenAsync"],
            MoreBytes = 1024 * 1024,
        },
        new("typed-secret", [Text.Bytes("correct horse battery staple\r\n"), Text.Bytes("\u00e9 \ud83d\ude00\n")], ReadTyped)
        {
            Covers = ["TypedSecret.FromUtf8", "SecretInput.Parse", "SecretInput.ParseSecretKey"],
            Refusals = [typeof(Failure)],
            MoreBytes = 256 * 1024,
            BytesPerByte = 256,
        },
    ];

    private static Parser Message<T>(string name, JsonTypeInfo<T> type, Func<byte[], T> read, params T[] samples)
        where T : class => new(name, [.. samples.Select(sample => JsonSerializer.SerializeToUtf8Bytes(sample, type))], input =>
        {
            var written = JsonSerializer.SerializeToUtf8Bytes(read(input), type);
            Require(JsonSerializer.SerializeToUtf8Bytes(read(written), type).AsSpan().SequenceEqual(written), "Writing it again keeps it.");
            return true;
        })
        {
            Covers = ["AgentJson.Read", $"AgentJson.{typeof(T).Name}", $"AgentJson.Read{typeof(T).Name["Agent".Length..]}"],
            Refusals = [typeof(InvalidDataException)],
        };

    private static bool ReadPin(byte[] input)
    {
        if (!StrictJson.TryRead(input, PinJson.Strict.PinFile, out var file))
            return false;
        var again = PinFile.Of(SampleAccount.Account, file.ToPin());
        Require(Write(again with { Account = file.Account }).AsSpan().SequenceEqual(Write(file)), "Writing it again keeps it.");
        return true;
    }

    private static bool ReadRecord(byte[] input)
    {
        if (!StrictJson.TryRead(input, StoreJson.Strict.StoreRecord, out var record))
            return false;
        var (once, twice) = (new LoadedStore(), new LoadedStore());
        once.Add(record);
        twice.Add(record);
        twice.Add(record);
        Require(once.Leaves.Count == twice.Leaves.Count && once.Queue.Count == twice.Queue.Count, "The same said twice is the same.");
        return true;
    }

    private static bool OpenRecord(byte[] input)
    {
        try
        {
            return SampleVault.Dek.OpenRecord(new DataId(Fixed.Uuid(40)), 1, input).Length > 0;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static byte[] Write(StoreRecord record) => StrictJson.Write(record, StoreJson.Strict.StoreRecord);

    private static byte[] Write(PinFile file) => StrictJson.Write(file, PinJson.Strict.PinFile);

    private static bool ReadProfile(byte[] input)
    {
        Directory.CreateDirectory(Profile.Folder);
        File.WriteAllBytes(Path.Combine(Profile.Folder, "profile.json"), input);
        return Profile.ReadSettings() is not null;
    }

    private static byte[] Frames(AgentRequest request)
    {
        using var stream = new MemoryStream();
        var channel = new FrameChannel(stream);
        Send(FrameKind.Request, JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.AgentRequest));
        Send(FrameKind.Data, Fixed.Bytes(200));
        Send(FrameKind.Data, Fixed.Bytes(20));
        Send(FrameKind.End, []);
        return stream.ToArray();

        void Send(FrameKind kind, byte[] payload) => channel.WriteAsync(kind, payload, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private static bool ReadFrames(byte[] input)
    {
        using var stream = new MemoryStream(input);
        var channel = new FrameChannel(stream);
        if (channel.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is not (FrameKind.Request, _))
            return false;
        using var data = new IncomingData(channel);
        var buffer = new byte[64];
        var read = 0L;
        for (int count; (count = data.Read(buffer, 0, buffer.Length)) > 0;)
            read += count;
        Require(read <= input.Length, "No more comes out than went in.");
        return true;
    }

    private static bool ReadTyped(byte[] input)
    {
        using var typed = TypedSecret.FromUtf8(input);
        Require(typed.ToUtf8() is var utf8 && input.AsSpan().StartsWith(utf8) && input.Length - utf8.Length <= 2, "It holds the text but for a line end.");
        using var code = TypedSecret.FromUtf8(SecretParsers.SecretKeyText);
        SecretInput.Parse(typed, code).Dispose();
        return true;
    }

    private static bool ReadNote(byte[] input)
    {
        Directory.CreateDirectory(Profile.Folder);
        File.WriteAllBytes(Path.Combine(Profile.Folder, "agent"), input);
        return AgentConnection.TryOpenAsync(Profile, CancellationToken.None).GetAwaiter().GetResult() is not null;
    }
}
