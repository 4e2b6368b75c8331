using System.Security.Cryptography;
using Keyladder.Client.Tests.Lies;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a hostile Vault can give for an attachment: nothing false is read, and no end is reported that is none.</summary>
public sealed class AttachmentLies(AttachmentLies.Scene scene) : IClassFixture<AttachmentLies.Scene>
{
    private const int Header = 57;
    private const int Chunk = 16_384 + 16;

    public static TheoryData<string> Lies => [.. All(null!).Keys];

    [Theory, MemberData(nameof(Lies))]
    public async Task B10_D10_what_is_not_the_attachment_is_not_read(string lie)
    {
        var tell = All(scene)[lie];
        var told = 0;
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Method != "GET" || !answer.Path.StartsWith("/v1/attachments/", StringComparison.Ordinal))
                return;
            var (offset, length) = Asked(answer.Target);
            var stored = scene.Stored.ToArray();
            answer.Body = tell(stored) is { } shown ? [.. shown.Skip(offset).Take(length)] : answer.Body;
            told++;
        };

        var read = new MemoryStream();
        var refusal = await Assert.ThrowsAsync<IntegrityException>(async () =>
        {
            await using var stream = scene.Vault.Open(scene.Attachment);
            await stream.CopyToAsync(read, Cancellation);
        });
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told);
        Assert.Equal($"attachment {scene.Attachment.Id}", refusal.Object);
        Assert.True(scene.Content.AsSpan().StartsWith(read.ToArray()), "What was read before is the content.");
    }

    [Fact]
    public async Task D10_one_that_is_withheld_is_an_alarm()
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Path.StartsWith("/v1/attachments/", StringComparison.Ordinal))
                (answer.Status, answer.Body) = (404, """{"type":"urn:keyladder:problem:not-found","status":404}"""u8.ToArray());
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => AttachmentTests.ReadAsync(scene.Vault, scene.Attachment));
        scene.Hostile.TellTheTruth();
        Assert.Equal((Alarm.ObjectInvalid, $"attachment {scene.Attachment.Id}"), (refusal.Alarm, refusal.Object));
    }

    [Fact]
    public async Task More_than_was_asked_for_is_no_answer()
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Path.StartsWith("/v1/attachments/", StringComparison.Ordinal))
                answer.Body = [.. answer.Body, 0];
        };
        var refusal = await Assert.ThrowsAsync<KeyladderException>(() => AttachmentTests.ReadAsync(scene.Vault, scene.Attachment));
        scene.Hostile.TellTheTruth();
        Assert.Equal(FailureReason.InvalidAnswer, refusal.Reason);
    }

    [Fact]
    public async Task The_truth_is_read() => Assert.Equal(scene.Content, await AttachmentTests.ReadAsync(scene.Vault, scene.Attachment));

    /// <summary>What is shown in the place of what is stored.</summary>
    private static Dictionary<string, Func<byte[], byte[]?>> All(Scene scene) => new()
    {
        ["a bit of the first chunk"] = stored => Flip(stored, Header),
        ["a bit in the middle"] = stored => Flip(stored, stored.Length / 2),
        ["a bit of the last chunk"] = stored => Flip(stored, stored.Length - 1),
        ["two chunks in each other's place"] = stored =>
        {
            var first = stored.AsSpan(Header, Chunk).ToArray();
            stored.AsSpan(Header + Chunk, Chunk).CopyTo(stored.AsSpan(Header));
            first.CopyTo(stored, Header + Chunk);
            return stored;
        },
        ["one chunk twice"] = stored =>
        {
            stored.AsSpan(Header, Chunk).CopyTo(stored.AsSpan(Header + Chunk));
            return stored;
        },
        ["a chunk left out"] = stored => [.. stored[..(Header + Chunk)], .. stored[(Header + (2 * Chunk))..]],
        ["without the last chunk"] = stored => stored[..(Header + (((stored.Length - Header) / Chunk) * Chunk))],
        ["without the last byte"] = stored => stored[..^1],
        ["the first chunk alone"] = stored => stored[..(Header + Chunk)],
        ["a chunk of another attachment of the same person"] = stored =>
        {
            scene.OtherStored.AsSpan(Header, Chunk).CopyTo(stored.AsSpan(Header));
            return stored;
        },
        ["another attachment of the same person"] = _ => scene.OtherStored,
        ["another person's"] = _ => scene.BobsStored,
        ["zeros"] = stored => new byte[stored.Length],
    };

    private static byte[] Flip(byte[] stored, int at)
    {
        stored[at] ^= 1;
        return stored;
    }

    internal static (int Offset, int Length) Asked(string target)
    {
        var query = target.Split('?')[1].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => int.Parse(part[1], System.Globalization.CultureInfo.InvariantCulture));
        return (query["offset"], query["length"]);
    }

    public sealed class Scene : IAsyncLifetime
    {
        private KeystoreHost _keystore = null!;
        private VaultOwner _alice = null!;
        private VaultOwner _bob = null!;

        public HostileVault Hostile { get; } = new();

        public Client.Vault Vault { get; private set; } = null!;

        public Attachment Attachment { get; private set; } = null!;

        // Padded to six whole chunks: the last one, which says that it is the last, holds nothing.
        public byte[] Content { get; } = RandomNumberGenerator.GetBytes(98_000);

        public byte[] Stored { get; private set; } = [];

        public byte[] OtherStored { get; private set; } = [];

        public byte[] BobsStored { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
            await Hostile.InitializeAsync();
            (_alice, _bob) = (new(_keystore.Origin, Hostile.Proxy.Address), new(_keystore.Origin, Hostile.Proxy.Address));
            Vault = await _alice.CreateAsync();
            (Attachment, Stored) = await StoreAsync(Vault, Content);
            OtherStored = (await StoreAsync(Vault, Content)).Stored;
            BobsStored = (await StoreAsync(await _bob.CreateAsync(), Content)).Stored;
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await _bob.DisposeAsync();
            await Hostile.DisposeAsync();
            await _keystore.DisposeAsync();
        }

        private async Task<(Attachment Attachment, byte[] Stored)> StoreAsync(Client.Vault vault, byte[] content)
        {
            var files = Path.Combine(Hostile.Real.Database.Folder.FullName, "attachments");
            var before = Directory.Exists(files) ? Directory.GetFiles(files, "*", SearchOption.AllDirectories) : [];
            var attachment = await AttachmentTests.UploadAsync(vault, content);
            return (attachment, await File.ReadAllBytesAsync(Directory.GetFiles(files, "*", SearchOption.AllDirectories).Except(before).Single(), Cancellation));
        }
    }
}
