using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Vault;

/// <summary>What is copied as ciphertext is verified to its last byte, the padding too, which nobody reads.</summary>
public sealed class AttachmentCopyTests
{
    private const int HeaderLength = 57;

    private readonly AccountId _vault = AccountId.Generate();
    private readonly AttachmentId _id = AttachmentId.Generate();
    private readonly byte[] _key = new byte[Attachment.KeySize];

    // Whoever has the key can seal what he likes: all that is said of the content is how long it is, and the rest must be padding.
    public static TheoryData<byte[], long, bool> Cases => new()
    {
        { Repeat(1, 60), 60, true },
        { Repeat(1, 20_000), 20_000, true },
        { Repeat(1, 16_383), 16_383, true },
        { Repeat(0, 0), 0, true },
        { Repeat(1, 60), 10, false },
        { Repeat(1, 60), 61, false },
        { Repeat(1, 60), 63, false },
        { Repeat(1, 60), 64, false },
        { [.. Repeat(1, 10), 0x80, .. Repeat(0, 49)], 10, false },
        { [.. Repeat(1, 20_000), 0x80, .. Repeat(0, 10)], 20_000, false },
        { Repeat(0, 20_000), 19_990, false },
        { [.. Repeat(1, 16_383), 0x80, .. Repeat(0, 5)], 16_383, false },
    };

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task Only_what_is_padded_as_it_must_be_is_copied(byte[] content, long size, bool isGenuine)
    {
        var envelope = await SealAsync(content);
        var attachment = new Attachment(new AttachmentMembers(_id, _key, envelope[..HeaderLength], size));
        var copy = new MemoryStream();

        var copying = attachment.CopySealedAsync(_vault, new MemoryStream(envelope), copy, TestContext.Current.CancellationToken);

        if (isGenuine)
        {
            await copying;
            Assert.Equal(envelope, copy.ToArray());
        }
        else
        {
            await Assert.ThrowsAsync<OpenFailedException>(() => copying);
        }
    }

    private async Task<byte[]> SealAsync(byte[] content)
    {
        var envelope = new MemoryStream();
        await using var sealing = new AttachmentSealing(Contexts.VaultAttachment(_vault, _id), _id, SecretBytes.CopyOf(_key), envelope);
        await sealing.WriteAsync(content, TestContext.Current.CancellationToken);
        while (!await sealing.PadAsync(TestContext.Current.CancellationToken))
        {
        }

        return envelope.ToArray();
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}
