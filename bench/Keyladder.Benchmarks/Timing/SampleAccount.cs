using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Benchmarks.Timing;

/// <summary>An account at a Keystore: its slot's locator, and a session. For the service, envelopes are bytes with a length and a first byte.</summary>
internal sealed record SampleAccount(byte[] Locator, SessionKeyId Session)
{
    public static async Task<SampleAccount> SignUpAsync(HttpClient http, Origin origin)
    {
        using var login = Ed25519PrivateKey.Generate();
        using var identity = Ed25519PrivateKey.Generate();
        var (account, slot, kek, id) = (AccountId.Generate(), SlotId.Generate(), KeyEncryptionKeyId.Generate(), KeyId.Generate());
        var (locator, wrapped) = (RandomNumberGenerator.GetBytes(32), Envelope(201));
        var key = new KeyMessage(id.Value, kek.Value, 1, Envelope(585), Envelope(201));
        var leaf = KeyLeaf.Value(id, kek, 1, key.Overview, key.Wrapped);
        var head = new KeystoreHead
        {
            Account = account,
            Number = 1,
            Day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
            Count = 1,
            Root = SparseMerkleTree.ComputeRoot(new Dictionary<Hash256, Hash256> { [KeyLeaf.Path(id)] = leaf }),
            Links = [],
            KeyEncryptionKey = kek,
            Epoch = 1,
            Identity = new HeadIdentity(id, identity.PublicKey),
            Slots = [new HeadSlot(slot, SlotKind.Words, login.PublicKey, Hash256.Of(wrapped))],
        }.Sign(identity);
        var request = new SignUpRequest(
            account.Value,
            Assertion(origin, locator, await NonceAsync(http), login),
            new SlotMessage(slot.Value, SlotKind.Words, login.PublicKey.Bytes.ToArray(), wrapped, locator),
            [key],
            head.Jws);
        using var response = await http.PostAsync(ServiceRoutes.Accounts, Json(request, ProtocolJson.Default.SignUpRequest));
        var answer = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), ProtocolJson.Default.SignInResponse)!;
        return SessionKeyId.TryParse(answer.KeyId, out var session) ? new(locator, session) : throw new InvalidOperationException("No session was opened.");
    }

    public static async Task<string> NonceAsync(HttpClient http)
    {
        using var response = await http.PostAsync(ServiceRoutes.Nonces, content: null);
        return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), ProtocolJson.Default.NonceResponse)!.Nonce;
    }

    public static string Assertion(Origin origin, byte[] locator, string nonce, Ed25519PrivateKey signer)
    {
        using var ephemeral = X25519PrivateKey.Generate();
        return new LoginAssertion(origin, nonce, locator, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), ephemeral.PublicKey.ToArray()).Sign(signer);
    }

    public static ByteArrayContent Json<T>(T message, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(message, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static byte[] Envelope(int size) => [1, .. RandomNumberGenerator.GetBytes(size - 1)];
}
