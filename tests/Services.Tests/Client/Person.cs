using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;

namespace Services.Tests.Client;

/// <summary>
/// A person with the secrets of one account and a raw client of one device: it knows its keys, its newest head, and makes requests from them. What it believes changes only by
/// <see cref="Accept"/>.
/// </summary>
internal sealed class Person(RunningService service)
{
    public AccountId Account { get; init; } = AccountId.Generate();

    public KeyEncryptionKeyId Kek { get; init; } = KeyEncryptionKeyId.Generate();

    public Ed25519PrivateKey Identity { get; init; } = Ed25519PrivateKey.Generate();

    public KeyId IdentityId { get; init; } = KeyId.Generate();

    public Slot Slot { get; set; } = Slot.Generate();

    public Session Session { get; set; } = null!;

    public Dictionary<Guid, KeyMessage> Keys { get; private set; } = [];

    public SignedHead<KeystoreHead> Head { get; private set; } = null!;

    public HeadPin Pin { get; private set; } = HeadPin.None;

    public DateTimeOffset Now => service.Time.GetUtcNow();

    public static async Task<Person> SignedUpAsync(RunningService service)
    {
        var person = new Person(service);
        await person.SignUpAsync();
        return person;
    }

    /// <summary>The same person at another device, with what this one knows.</summary>
    public async Task<Person> AtAnotherDeviceAsync()
    {
        var other = new Person(service) { Account = Account, Kek = Kek, Identity = Identity, IdentityId = IdentityId, Slot = Slot, Keys = new(Keys), Head = Head, Pin = Pin };
        await other.SignInAsync();
        return other;
    }

    public async Task SignUpAsync()
    {
        using var clientKey = X25519PrivateKey.Generate();
        var request = await SignUpRequestAsync(clientKey);
        var response = (await SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).As<SignInResponse>();
        Session = Session.From(response, clientKey, service.Origin);
        Keys = new() { [IdentityId.Value] = request.Keys[0] };
        Accept(request.Head);
    }

    public async Task<SignUpRequest> SignUpRequestAsync(X25519PrivateKey clientKey)
    {
        var identity = NewKey(IdentityId);
        var head = new KeystoreHead
        {
            Account = Account,
            Number = 1,
            Day = Today,
            Count = 1,
            Root = RootOf([identity]),
            Links = [],
            KeyEncryptionKey = Kek,
            Epoch = 1,
            Identity = new HeadIdentity(IdentityId, Identity.PublicKey),
            Slots = [Slot.InHead],
        };
        return new SignUpRequest(Account.Value, await AssertionAsync(clientKey), Slot.Message, [identity], head.Sign(Identity).Jws);
    }

    public Task SignInAsync() => SignInAsync(service.Http);

    public async Task SignInAsync(HttpClient http)
    {
        using var clientKey = X25519PrivateKey.Generate();
        var answer = await Request.Post(ServiceRoutes.Sessions, new SignInRequest(await AssertionAsync(clientKey))).SendAsync(http);
        Session = Session.From(answer.As<SignInResponse>(), clientKey, service.Origin);
    }

    public async Task<string> NonceAsync() => (await SendUnsignedAsync(Request.Post(ServiceRoutes.Nonces))).As<NonceResponse>().Nonce;

    public async Task<string> AssertionAsync(X25519PrivateKey clientKey) =>
        new LoginAssertion(service.Origin, await NonceAsync(), Slot.Locator, Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray()).Sign(Slot.Login);

    public async Task<string> ProofAsync(string head) =>
        new LoginProof(service.Origin, await NonceAsync(), Slot.Locator, Now.ToUnixTimeSeconds(), Jws.SigningInputHash(head)).Sign(Slot.Login);

    public Task<Answer> SendUnsignedAsync(Request request) => request.SendAsync(service.Http);

    public Task<Answer> SendAsync(Request request) => SendAsync(request, service.Http);

    public Task<Answer> SendAsync(Request request, HttpClient http) => request.SignedBy(Session, Now).SendAsync(http);

    public KeyMessage NewKey(KeyId? id = null) => new((id ?? KeyId.Generate()).Value, Kek.Value, 1, Slot.Envelope(585), Slot.Envelope(201));

    public KeyMessage NextRevision(Guid id) => Keys[id] with { Revision = Keys[id].Revision + 1, Overview = Slot.Envelope(585) };

    /// <summary>A write against what this device knows, correct in every part unless the head is changed on the way.</summary>
    public WriteRequest Write(KeyMessage[] put, Guid[] delete, Func<KeystoreHead, KeystoreHead>? spoil = null)
    {
        var after = new Dictionary<Guid, KeyMessage>(Keys);
        foreach (var key in put)
            after[key.Id] = key;
        foreach (var id in delete)
            after.Remove(id);
        var head = Pin.Next(Head, Today, RootOf(after.Values), after.Count);
        return new WriteRequest(
            (spoil?.Invoke(head) ?? head).Sign(Identity).Jws,
            [.. put.Select(key => new PutKeyMessage(key, Keys.TryGetValue(key.Id, out var old) ? Leaf(old).ToArray() : null))],
            [.. delete.Select(id => new DeleteKeyMessage(id, Keys.TryGetValue(id, out var old) ? Leaf(old).ToArray() : new byte[32]))]);
    }

    public async Task<Answer> PutAsync(params KeyMessage[] keys) => await LandAsync(Write(keys, []));

    public async Task<Answer> DeleteAsync(params Guid[] ids) => await LandAsync(Write([], ids));

    public Task<Answer> SendWriteAsync(WriteRequest request) => SendAsync(Request.Post(ServiceRoutes.Changes, request));

    /// <summary>A change of slots with everything that it needs.</summary>
    public async Task<ChangeSlotsRequest> SlotChangeAsync(Slot? add, SlotId? remove)
    {
        var slots = Head.Head.Slots.Where(slot => slot.Id != remove).Concat(add is null ? [] : [add.InHead]).OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal);
        var head = (Pin.Next(Head, Today, Pin.Root, Pin.Count) with { Slots = [.. slots] }).Sign(Identity).Jws;
        return new ChangeSlotsRequest(head, await ProofAsync(head), add?.Message, remove?.Value);
    }

    /// <summary>A deletion of the account as this device knows it, correct in every part unless it is changed on the way.</summary>
    public async Task<DeleteAccountRequest> DeletionAsync(Func<AccountDeletion, AccountDeletion>? spoil = null)
    {
        var deletion = new AccountDeletion(service.Origin, Account, Pin.Number + 1, Today, Head.Hash, Identity.PublicKey);
        var jws = (spoil?.Invoke(deletion) ?? deletion).Sign<KeystoreHead>(Identity);
        return new DeleteAccountRequest(jws, await ProofAsync(jws));
    }

    /// <summary>Takes a head that the service has acknowledged, or that follows from what it answered, as this device's own.</summary>
    public void Accept(string head, string[]? chain = null)
    {
        Head = Read(head);
        Pin = HeadChain.Verify(Pin, Head, [.. (chain ?? []).Select(Read)], Account, Identity.PublicKey);
    }

    public void Accept(WriteRequest landed)
    {
        Accept(landed.Head);
        foreach (var put in landed.Put)
            Keys[put.Key.Id] = put.Key;
        foreach (var delete in landed.Delete)
            Keys.Remove(delete.Id);
    }

    public static Hash256 Path(Guid id) => KeyLeaf.Path(new KeyId(id));

    public static Hash256 Leaf(KeyMessage key) => KeyLeaf.Value(new KeyId(key.Id), new KeyEncryptionKeyId(key.Kek), key.Revision, key.Overview, key.Wrapped);

    public static Hash256 RootOf(IEnumerable<KeyMessage> keys) =>
        new PagedTree(new Dictionary<string, byte[]>()).Apply(keys.ToDictionary(key => Path(key.Id), key => (Hash256?)Leaf(key))).Root;

    public static SignedHead<KeystoreHead> Read(string jws)
    {
        Assert.True(KeystoreHead.TryRead(jws, out var head));
        return head;
    }

    private DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public async Task<Answer> LandAsync(WriteRequest request)
    {
        var answer = await SendWriteAsync(request);
        Assert.Equal(Pin.Number + 1, answer.As<WriteResponse>().Number);
        Accept(request);
        return answer;
    }
}
