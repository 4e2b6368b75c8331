using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests;

/// <summary>
/// Everything secret of a <see cref="MainJob"/>: what unlocks, each rung of the ladder down to the DEKs and private keys, and the keys of all
/// sessions. Each key is proved to be the one by what it opens or verifies, so that nothing else is looked for in its place.
/// </summary>
internal static class EverySecret
{
    public static async Task<IReadOnlyList<Secret>> OfAsync(MainJob job, bool withPassphrase)
    {
        var secrets = new List<Secret>
        {
            new("text", "Meet me at noon."),
            new("label", "stationery"),
            new("label of a DEK", "photos"),
            new("DID", job["DID"]),
        };
        using var secretKey = withPassphrase ? Read(job["SECRETKEY"]) : null;
        Assert.True(UnlockSecret.TryParse(job[withPassphrase ? "PASSPHRASE" : "WORDS"], secretKey, out var unlock, out _));
        using (unlock)
        {
            if (secretKey is null)
            {
                secrets.Add(new("words", job["WORDS"]));
            }
            else
            {
                using var bytes = secretKey.CopySecret();
                secrets.AddRange(
                [
                    new("passphrase", job["PASSPHRASE"]), new("Secret Key, its code", job["SECRETKEY"]),
                    new("Secret Key, its code without hyphens", job["SECRETKEY"].Replace("-", "", StringComparison.Ordinal)), new("Secret Key", bytes),
                ]);
            }

            secrets.AddRange(await OfAsync(job.Service, unlock));
        }

        return secrets;
    }

    /// <summary>The rungs of the ladder of the one account that the service has, its keys, and the keys of all sessions so far.</summary>
    public static async Task<IReadOnlyList<Secret>> OfAsync(KeystoreHost service, UnlockSecret unlock) =>
        [.. Ladder(service, unlock), .. await KeysAsync(service, unlock), .. Sessions(service)];

    // docs/spec/key-hierarchy.md sections 2 and 3.
    private static IEnumerable<Secret> Ladder(KeystoreHost service, UnlockSecret unlock)
    {
        using var pdk = unlock.DerivePassphraseDerivedKey();
        using var prk = unlock.DerivePseudorandomKey();
        using var loginSeed = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.LoginKeypair), 32);
        using var mekBytes = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32);

        var shown = Answers(service, $"GET {KeystoreRoutes.Account}").Select(body => JsonSerializer.Deserialize(body, ProtocolJson.Default.AccountResponse)!).Last();
        using var login = Ed25519PrivateKey.FromSeed(loginSeed.DangerousSpan);
        Assert.Equal(shown.Slot.Login, login.PublicKey.Bytes.ToArray());
        using var mek = new MasterEncryptionKey(SecretBytes.CopyOf(mekBytes.DangerousSpan));
        var (account, kekId, identityId) = (SessionsOf(service)[0].KeyId.Account, new KeyEncryptionKeyId(shown.Identity.Kek), new KeyId(shown.Identity.Id));
        using var kek = mek.Unwrap(new Wrapped<KeyEncryptionKey>(shown.Slot.Wrapped), account, new SlotId(shown.Slot.Id), kekId);
        var overview = kek.OpenOverview(identityId, shown.Identity.Overview, shown.Identity.Revision);
        using var identity = kek.Unwrap(new Wrapped<IdentityKeypair>(shown.Identity.Wrapped), identityId, overview);
        using var kekBytes = kek.CopyKeyBytes();
        return
        [
            new("PDK", pdk), new("PRK", prk), new("login seed", loginSeed), new("MEK", mekBytes), new("KEK", kekBytes), new("identity seed", Seed(identity)),
        ];
    }

    private static async Task<IEnumerable<Secret>> KeysAsync(KeystoreHost service, UnlockSecret unlock)
    {
        using var client = new KeyladderClient(service.Origin, new MemoryPinStore());
        await using var me = await client.Account().UnlockAsync(unlock, TestContext.Current.CancellationToken);
        var secrets = new List<Secret>();
        foreach (var key in await me.Keys.ListAsync(TestContext.Current.CancellationToken))
        {
            using KeystoreKey open = key.Purpose switch
            {
                KeyPurpose.PersonalDek => me.Keys.UnwrapPersonal(key),
                KeyPurpose.SharingDek => me.Keys.UnwrapSharing(key),
                _ => me.Keys.UnwrapSigning(key),
            };
            secrets.Add(new(key.Purpose.ToString(), Seed(open)));
        }

        return secrets;
    }

    // docs/spec/sign-in.md section 3: with the service's secret, what both sides derived for each session that was ever opened.
    private static List<Secret> Sessions(KeystoreHost service)
    {
        var file = File.ReadAllBytes(Path.Combine(service.Database.Folder.FullName, "keystore.secret"));
        using var serviceSecret = SecretBytes.CopyOf(file.AsSpan(1, 32));
        Assert.True(Origin.TryCreate(service.Origin, out var origin));
        var secrets = new List<Secret>();
        foreach (var (keyId, clientKey, serverKey) in SessionsOf(service))
        {
            using var own = SessionKey.DeriveServicePrivateKey(serviceSecret, keyId, clientKey);
            Assert.Equal(serverKey, own.PublicKey.ToArray());
            using var agreed = own.Agree(clientKey);
            var info = Fields.Encode("keystore/v1/session-key", origin.ToString(), keyId.ToString(), clientKey, serverKey);
            using var key = HkdfSha512.DeriveKey(agreed.DangerousSpan, [], info, 32);
            using var sessionKey = SessionKey.DeriveForService(own, clientKey, origin, keyId);
            Assert.Equal(sessionKey.Sign("anything"u8), HMACSHA256.HashData(key.DangerousSpan, "anything"u8));
            secrets.AddRange([new("session key", key), new("what a session key follows from", agreed)]);
        }

        Assert.True(secrets.Count >= 4);
        return secrets;
    }

    private static List<(SessionKeyId KeyId, byte[] ClientKey, byte[] ServerKey)> SessionsOf(KeystoreHost service)
    {
        var sessions = new List<(SessionKeyId, byte[], byte[])>();
        foreach (var exchange in service.Proxy!.Exchanges.Where(IsSignIn))
        {
            using var request = JsonDocument.Parse(exchange.RequestBody);
            Assert.True(LoginAssertion.TryReadUnverified(request.RootElement.GetProperty("assertion").GetString()!, out var assertion));
            var answer = JsonSerializer.Deserialize(exchange.ResponseBody, ProtocolJson.Default.SignInResponse)!;
            Assert.True(SessionKeyId.TryParse(answer.KeyId, out var keyId));
            sessions.Add((keyId, assertion.SessionPublicKey, answer.ServerKey));
        }

        return sessions;

        static bool IsSignIn(Exchange exchange) => exchange.Response.StartsWith("201", StringComparison.Ordinal)
            && exchange.Request.Split('\n')[0] is $"POST {ServiceRoutes.Sessions}" or $"POST {ServiceRoutes.Accounts}";
    }

    private static IEnumerable<byte[]> Answers(KeystoreHost service, string call) => service.Proxy!.Exchanges
        .Where(exchange => exchange.Request.StartsWith(call, StringComparison.Ordinal) && exchange.Response.StartsWith("200", StringComparison.Ordinal))
        .Select(exchange => exchange.ResponseBody);

    // Of a keypair the seed; behind it stands its public half.
    private static byte[] Seed(KeystoreKey key)
    {
        using var bytes = key.CopyKeyBytes();
        return bytes.DangerousSpan[..32].ToArray();
    }

    private static SecretKey Read(string code)
    {
        Assert.True(SecretKey.TryParse(code, out var secretKey, out _));
        return secretKey;
    }
}
