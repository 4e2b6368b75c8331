using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>
/// What a lying Keystore may answer, through the client's own HTTP layer and into what holds it against the account: an alarm or a refusal,
/// whatever it is.
/// </summary>
internal static class AnswerParsers
{
    // A call builds a request, its signature and buffers of 16 KiB for the answer.
    private const int CallBytes = 512 * 1024;
    private const long Expires = 1_770_000_000_000;

    private static readonly AnsweringService Service = new();
    private static readonly Session OwnSession = new(Fixed.KeyId, SessionKeyOf(), restored: 0);
    private static readonly ServiceHttp Http = new(ServiceKind.Keystore, new HttpClient(Service), Fixed.Origin, Fixed.Clock);
    private static readonly SignInKey SignInKey = new(SampleAccount.Locator, new LoginKeypair(Fixed.Signer(13)));
    private static readonly KeystoreCalls Calls = new(new SignedConnection(Http, SignInKey, OwnSession));
    private static readonly KeystoreTrust Trust = OpenTrust(MessageParsers.Account);
    private static readonly KeystoreWatch Watch = new(Trust, Calls, new MemoryPinStore());
    private static readonly HeadPin Pinned = SampleAccount.Pin(5);
    private static readonly KeyId[] Ids = [.. SampleAccount.Keys.Take(3).Select(key => new KeyId(key.Id))];

    public static IReadOnlyList<Parser> All { get; } =
    [
        Of("answer-nonce", new("AQ", Expires), ProtocolJson.Default.NonceResponse, SignIn, 200, "SignInKey.NonceAsync", "ServiceHttp.CorrectClock"),
        Of(
            "answer-account",
            MessageParsers.Account,
            ProtocolJson.Default.AccountResponse,
            ReadAccount,
            200,
            "KeystoreTrust.Open", "RootOfTrust.Read", "HeadWatch.Verify", "HeadWatch.VerifyDescent", "ProvenObjects.Verify", "BoundedAnswer.ReadAsync"),
        Of("answer-keys", MessageParsers.Keys, ProtocolJson.Default.KeysResponse, ReadKeys, 200, "ProvenObjects.Verify", "StoredKey.Read"),
        Of("answer-changes", MessageParsers.Changes, ProtocolJson.Default.ChangesResponse, ReadChanges, 200, "Delta.Verify", "Delta.Leaf"),
        Of(
            "answer-sessions",
            new([new(Fixed.Uuid(2), Fixed.Uuid(3), "2026-01-02", Expires, true)]),
            ProtocolJson.Default.SessionsResponse,
            ReadSessions,
            200,
            "AccountSessions.ListAsync"),
        Of("answer-audit", MessageParsers.Audit, ProtocolJson.Default.AuditResponse, ReadAudit, 200, "AccountAudit.Verify", "AuditTail.Next"),
        Of("answer-conflict", MessageParsers.Conflict, ProtocolJson.Default.ProblemMessage, ReadConflict, 409, "KeystoreCalls.Winner", "Failures.Refused"),
        Of(
            "answer-problem",
            new(ProblemTypes.Unavailable, "", 503, "x", Expires),
            ProtocolJson.Default.ProblemMessage,
            ReadConflict,
            503,
            "Failures.Refused"),
    ];

    private static Parser Of<T>(string name, T sample, JsonTypeInfo<T> type, Func<bool> read, int status, params string[] covers) =>
        new(name, [JsonSerializer.SerializeToUtf8Bytes(sample, type)], input =>
        {
            (Service.Status, Service.Body) = (status, input);
            return read();
        })
        {
            Covers = [.. covers],
            // A call that may be sent again is sent three times, and reads each answer.
            BytesPerByte = status == 503 ? 3 * 128 : 128,
            Refusals = [typeof(KeyladderException)],
            MoreBytes = CallBytes,
        };

    private static SessionKey SessionKeyOf()
    {
        using var client = X25519PrivateKey.FromScalar(Fixed.Bytes(32, 70));
        using var service = X25519PrivateKey.FromScalar(Fixed.Bytes(32, 71));
        return SessionKey.DeriveForClient(client, service.PublicKey, Fixed.Origin, Fixed.KeyId);
    }

    private static KeystoreTrust OpenTrust(AccountResponse shown) =>
        KeystoreTrust.Open(SampleAccount.Account, SampleAccount.Mek, SlotKind.Words, SampleAccount.Login.PublicKey, shown);

    // The nonce, then a session: one body cannot be both, so that what follows an accepted nonce is a refusal.
    private static bool SignIn()
    {
        using var session = SignInKey.SignInAsync(Http, CancellationToken.None).GetAwaiter().GetResult();
        return true;
    }

    private static bool ReadAccount()
    {
        var answer = Calls.GetAccountAsync(5, CancellationToken.None).GetAwaiter().GetResult();
        using var opened = OpenTrust(answer);
        _ = opened.Read(answer.Head);
        var (head, pin) = Watch.Verify(Pinned, answer.Head, answer.Chain);
        _ = AuditTail.Continue(SampleAccount.Account, head.Head, answer.Events);
        _ = ProvenObjects<KeystoreHead, StoredKey>.Verify([Trust.Identity.Id], [Trust.Read(answer.Identity)], answer.Proof, head, pin);
        var genuine = MessageParsers.Account;
        // The slot's kind and login key the client has from the secret itself, and reads no others.
        Require(
            answer.Head == genuine.Head
            && SampleAccount.Leaf(answer.Identity) == SampleAccount.Leaf(genuine.Identity)
            && answer.Slot.Wrapped.AsSpan().SequenceEqual(genuine.Slot.Wrapped),
            "Only the truth is believed.");
        return true;
    }

    private static bool ReadKeys()
    {
        var answer = Calls.FetchKeysAsync(Ids, 5, CancellationToken.None).GetAwaiter().GetResult();
        var (head, pin) = Watch.Verify(Pinned, answer.Head, answer.Chain);
        var keys = ProvenObjects<KeystoreHead, StoredKey>.Verify([.. Ids], answer.Keys.Select(Trust.Read), answer.Proof, head, pin);
        Require(keys.Objects.Count == 3 && head.Jws == MessageParsers.Account.Head, "Only the truth is believed.");
        return true;
    }

    private static bool ReadChanges()
    {
        var answer = Calls.GetChangesAsync(5, CancellationToken.None).GetAwaiter().GetResult();
        var (head, _) = Watch.Verify(Pinned, answer.Head, answer.Chain);
        var delta = Delta.Verify(
            Pinned, head.Head, answer.Changes.Select(change => ((ObjectName)new KeyId(change.Id), change.Old, change.New)), answer.Proof);
        foreach (var key in answer.Keys)
            _ = StoredKey.Read(key).Leaf;
        Require(delta.Leaves.Count >= 8, "Every change is there.");
        return true;
    }

    private static bool ReadSessions() => new AccountSessions(Calls).ListAsync().GetAwaiter().GetResult() is not null;

    private static bool ReadAudit()
    {
        var answer = Calls.GetAuditAsync(0, CancellationToken.None).GetAwaiter().GetResult();
        _ = AccountAudit<KeystoreHead>.Verify(SampleAccount.Account, [SampleAccount.Heads[13]], new Hash256(answer.Previous), answer.Events);
        Require(
            answer.Events.Length >= 13 && answer.Events.Where(known => known.Head is not null).Take(13).Select(known => known.Head).SequenceEqual(Enumerable.Range(1, 13).Select(head => (long?)head)),
            "Every change is told.");
        return true;
    }

    private static bool ReadConflict()
    {
        var shown = Calls.WriteAsync(MessageParsers.Write, 6, CancellationToken.None).GetAwaiter().GetResult();
        if (shown is not null)
            Watch.Verify(Pinned, shown.Head, shown.Chain);
        return true;
    }

    /// <summary>Answers every request with one status and body, on the thread that asks.</summary>
    private sealed class AnsweringService : HttpMessageHandler
    {
        public int Status { get; set; }

        public byte[] Body { get; set; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)Status) { Content = new ByteArrayContent(Body), RequestMessage = request });
    }
}
