using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Tests.Passphrases;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>The whole ladder of docs/spec/key-hierarchy.md, climbed on one device and again on another that knows the secret only.</summary>
public sealed class LadderTests
{
    private static readonly DateOnly Today = new(2026, 2, 28);
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Secrets() => ["words", "passphrase", "device"];

    [Theory]
    [MemberData(nameof(Secrets))]
    public async Task What_one_device_sealed_another_opens_from_the_secret_alone(string form)
    {
        using var words = Words.Generate();
        using var secretKey = SecretKey.Generate();
        var typed = form == "words" ? WordsTests.Write(words) : "Zürich im Mai ist schön";
        var (account, slot, data) = (AccountId.Generate(), SlotId.Generate(), DataId.Generate());

        // The first device: everything is made.
        using var deviceSecret = DeviceSecret.Generate();
        using var firstSecret = form == "device" ? UnlockSecret.FromDevice(deviceSecret) : Read(typed, secretKey);
        using var firstPdk = await PassphraseDerivedKey.DeriveAsync(firstSecret, Cancelled);
        using var firstMek = firstPdk.DeriveMasterEncryptionKey();
        using var firstKek = KeyEncryptionKey.Generate(account);
        using var firstDek = PersonalDataEncryptionKey.Generate(account);
        var wrappedKek = firstMek.Wrap(firstKek, slot);
        var wrappedDek = firstKek.Wrap(firstDek);
        var overview = firstKek.SealOverview(firstDek.Id, KeyOverview.Of(firstDek, "photos", Today), revision: 1);
        var envelope = firstDek.Seal(data, "plaintext"u8);

        // The second: only ciphertext, ids and what is typed; or the device itself, later.
        using var secret = form == "device" ? UnlockSecret.FromDevice(Kept(deviceSecret)) : Read(typed, secretKey);
        Assert.Equal(form, secret.SlotKind);
        using var pdk = await PassphraseDerivedKey.DeriveAsync(secret, Cancelled);
        using var mek = pdk.DeriveMasterEncryptionKey();
        using var kek = mek.Unwrap(new(wrappedKek.Envelope), account, slot, firstKek.Id);
        var opened = kek.OpenOverview(firstDek.Id, overview, revision: 1);
        using var dek = kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(wrappedDek.Envelope), firstDek.Id, opened);

        Assert.Equal("plaintext"u8, dek.Open(data, envelope));
        Assert.Equal(firstPdk.DeriveSlotLocator(), pdk.DeriveSlotLocator());
        using var firstLogin = firstPdk.DeriveLoginKeypair();
        using var login = pdk.DeriveLoginKeypair();
        Assert.Equal(firstLogin.PublicKey, login.PublicKey);
        Assert.Equal((KeyPurpose.PersonalDek, KeyState.Active, "photos", Today), (opened.Purpose, opened.State, opened.Label, opened.Created));
        Assert.All((byte[][])[wrappedKek.Envelope, wrappedDek.Envelope], wrapped => Assert.Equal(201, wrapped.Length));
        Assert.Equal(585, overview.Length);
    }

    /// <summary>As the same device finds it later.</summary>
    private static DeviceSecret Kept(DeviceSecret secret)
    {
        var file = new byte[DeviceSecret.Size];
        secret.DangerousWriteTo(file);
        Assert.True(DeviceSecret.TryImport(file, out var kept));
        return kept;
    }

    private static UnlockSecret Read(string typed, SecretKey secretKey) =>
        UnlockSecret.TryParse(typed, secretKey, out var secret, out var error) ? secret : throw new InvalidOperationException(error.ToString());
}
