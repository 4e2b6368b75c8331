using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Services.Tests.Client;

/// <summary>As <see cref="Person"/>, at a Vault: two keypairs, one slot, and objects that are bytes with a length and a first byte.</summary>
internal sealed class VaultPerson(RunningService service)
{
    public AccountId Account { get; init; } = AccountId.Generate();

    public Ed25519PrivateKey HeadKey { get; init; } = Ed25519PrivateKey.Generate();

    public Ed25519PrivateKey SignInKey { get; init; } = Ed25519PrivateKey.Generate();

    public SlotId Slot { get; init; } = SlotId.Generate();

    public Session Session { get; set; } = null!;

    public Dictionary<Guid, ObjectMessage> Objects { get; private set; } = [];

    public SignedHead<VaultHead> Head { get; private set; } = null!;

    public HeadPin Pin { get; private set; } = HeadPin.None;

    /// <summary>The events of the account that its newest head does not sign for, as far as this device was told.</summary>
    public AuditEventMessage[] Events { get; private set; } = [];

    public DateTimeOffset Now => service.Time.GetUtcNow();

    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public byte[] Locator => SignInKey.PublicKey.Bytes.ToArray();

    public static async Task<VaultPerson> SignedUpAsync(RunningService service)
    {
        var person = new VaultPerson(service);
        await person.SignUpAsync();
        return person;
    }

    /// <summary>The same person at another device, with what this one knows.</summary>
    public async Task<VaultPerson> AtAnotherDeviceAsync()
    {
        var other = new VaultPerson(service) { Account = Account, HeadKey = HeadKey, SignInKey = SignInKey, Slot = Slot, Objects = new(Objects), Head = Head, Pin = Pin };
        await other.SignInAsync();
        return other;
    }

    public async Task SignUpAsync()
    {
        using var clientKey = X25519PrivateKey.Generate();
        var request = await SignUpRequestAsync(clientKey);
        Session = Session.From((await SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).As<SignInResponse>(), clientKey, service.Origin);
        Accept(request.Head);
    }

    public async Task<VaultSignUpRequest> SignUpRequestAsync(X25519PrivateKey clientKey, Func<VaultHead, VaultHead>? spoil = null)
    {
        var head = new VaultHead
        {
            Account = Account,
            Number = 1,
            Day = Today,
            Count = 0,
            Root = Hash256.Zero,
            Links = [],
            Key = HeadKey.PublicKey,
            SignIn = SignInKey.PublicKey,
        };
        return new VaultSignUpRequest(
            Account.Value, await AssertionAsync(clientKey), new VaultSlotMessage(Slot.Value, Locator), (spoil?.Invoke(head) ?? head).Sign(HeadKey).Jws);
    }

    public async Task SignInAsync()
    {
        using var clientKey = X25519PrivateKey.Generate();
        var answer = await SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(await AssertionAsync(clientKey))));
        Session = Session.From(answer.As<SignInResponse>(), clientKey, service.Origin);
    }

    public async Task<string> NonceAsync() => (await SendUnsignedAsync(Request.Post(ServiceRoutes.Nonces))).As<NonceResponse>().Nonce;

    public async Task<string> AssertionAsync(X25519PrivateKey clientKey) =>
        new LoginAssertion(service.Origin, await NonceAsync(), Locator, Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray()).Sign(SignInKey);

    public Task<Answer> SendUnsignedAsync(Request request) => request.SendAsync(service.Http);

    public Task<Answer> SendAsync(Request request) => SendAsync(request, service.Http);

    public Task<Answer> SendAsync(Request request, HttpClient http) => request.SignedBy(Session, Now).SendAsync(http);

    public static ObjectMessage NewItem(int size = 457) => New(ObjectKind.Item, size);

    public static ObjectMessage NewAttribute(int size = 265, Guid? attachment = null) => New(ObjectKind.Attribute, size) with { Attachment = attachment };

    public ObjectMessage NextRevision(Guid id, int size = 457) =>
        Objects[id] with { Revision = Objects[id].Revision + 1, Sealed = Services.Tests.Client.Slot.Envelope(size) };

    /// <summary>A write against what this device knows, correct in every part unless the head is changed on the way.</summary>
    public ObjectWriteRequest Write(ObjectMessage[] put, Guid[] delete, Func<VaultHead, VaultHead>? spoil = null)
    {
        var after = new Dictionary<Guid, ObjectMessage>(Objects);
        foreach (var one in put)
            after[one.Id] = one;
        foreach (var id in delete)
            after.Remove(id);
        var head = Pin.Next(Head, Today, RootOf(after.Values), after.Count);
        return new ObjectWriteRequest(
            (spoil?.Invoke(head) ?? head).Sign(HeadKey).Jws,
            [.. put.Select(one => new PutObjectMessage(one, Objects.TryGetValue(one.Id, out var old) ? Leaf(old).ToArray() : null))],
            [.. delete.Select(id => Objects.TryGetValue(id, out var old)
                ? new DeleteObjectMessage(old.Kind, id, Leaf(old).ToArray()) : new DeleteObjectMessage(ObjectKind.Item, id, new byte[32]))]);
    }

    public Task<ObjectWriteResponse> PutAsync(params ObjectMessage[] objects) => LandAsync(Write(objects, []));

    public Task<ObjectWriteResponse> DeleteAsync(params Guid[] ids) => LandAsync(Write([], ids));

    /// <summary>A write of channels and letters alone.</summary>
    public ObjectWriteRequest WriteChannels(ChannelMessage[]? channels = null, GivenLetterMessage[]? letters = null, Guid[]? taken = null) =>
        Write([], []) with { Channels = channels, Letters = letters, Taken = taken };

    /// <summary>Makes a channel of this account; its guest is another party, and knows no more than what is here.</summary>
    public async Task<Guest> InviteAsync()
    {
        var guest = Guest.Generate(service);
        await LandAsync(WriteChannels([guest.InWrite]));
        return guest;
    }

    public async Task<GivenLetterMessage> GiveAsync(Guest guest, int size = 457, params Guid[] attachments)
    {
        var letter = new GivenLetterMessage(guest.Channel, Guid.NewGuid(), RandomNumberGenerator.GetBytes(size), attachments.Length == 0 ? null : attachments);
        await LandAsync(WriteChannels(letters: [letter]));
        return letter;
    }

    public Task<ObjectWriteResponse> TakeAsync(params Guid[] letters) => LandAsync(WriteChannels(taken: letters));

    public async Task<ReceivedLetterMessage[]> ReceivedAsync(long after = 0, int wait = 0) =>
        (await SendAsync(Request.Get($"{VaultRoutes.Letters}?after={after}&wait={wait}"))).As<ReceivedLettersResponse>().Letters;

    public Task<Answer> SendWriteAsync(ObjectWriteRequest request) => SendAsync(Request.Post(ServiceRoutes.Changes, request));

    public async Task<ObjectWriteResponse> LandAsync(ObjectWriteRequest request)
    {
        var answer = (await SendWriteAsync(request)).As<ObjectWriteResponse>();
        Assert.Equal(Pin.Number + 1, answer.Number);
        Accept(request);
        Events = answer.Events;
        return answer;
    }

    public async Task<ObjectsResponse> FetchAsync(params ObjectNameMessage[] names) =>
        (await SendAsync(Request.Post(VaultRoutes.ObjectsFetch, new FetchObjectsRequest(names, Pin.Number)))).As<ObjectsResponse>();

    public async Task<ObjectChangesResponse> ChangesAsync(long since, bool attributes = false) =>
        (await SendAsync(Request.Get($"{ServiceRoutes.Changes}?since={since}{(attributes ? "&attributes=1" : "")}"))).As<ObjectChangesResponse>();

    public Task<Answer> VersionsAsync(Guid id) => SendAsync(Request.Get(VaultRoutes.ObjectVersions.Replace("{id}", id.ToString(), StringComparison.Ordinal)));

    public Task<Answer> SendPartAsync(Guid id, long offset, byte[] bytes, bool last, HttpClient? http = null) => SendAsync(
        new Request("PUT", $"{AttachmentPath(id)}?offset={offset}{(last ? "&last=1" : "")}") { Body = bytes, ContentType = "application/octet-stream" }, http ?? service.Http);

    public async Task<Guid> UploadAsync(params byte[][] parts)
    {
        var id = Guid.NewGuid();
        var stored = 0L;
        foreach (var (index, part) in parts.Index())
        {
            var answer = (await SendPartAsync(id, stored, part, last: index == parts.Length - 1)).As<AttachmentPartResponse>();
            Assert.Equal(new AttachmentPartResponse(stored += part.Length, index == parts.Length - 1), answer);
        }

        return id;
    }

    public Task<Answer> SendReadAsync(Guid id, long offset, long length) => SendAsync(Request.Get($"{AttachmentPath(id)}?offset={offset}&length={length}"));

    public async Task<byte[]> ReadAsync(Guid id, long offset, long length)
    {
        var answer = (await SendReadAsync(id, offset, length)).Is(System.Net.HttpStatusCode.OK);
        Assert.Equal("application/octet-stream", answer.ContentType);
        return answer.Body;
    }

    private static string AttachmentPath(Guid id) => VaultRoutes.Attachment.Replace("{id}", id.ToString(), StringComparison.Ordinal);

    /// <summary>A deletion of the account as this device knows it, correct in every part unless it is changed on the way.</summary>
    public async Task<DeleteAccountRequest> DeletionAsync(Func<AccountDeletion, AccountDeletion>? spoil = null)
    {
        var deletion = new AccountDeletion(service.Origin, Account, Pin.Number + 1, Today, Head.Hash, HeadKey.PublicKey);
        var jws = (spoil?.Invoke(deletion) ?? deletion).Sign<VaultHead>(HeadKey);
        var proof = new LoginProof(service.Origin, await NonceAsync(), Locator, Now.ToUnixTimeSeconds(), Jws.SigningInputHash(jws)).Sign(SignInKey);
        return new DeleteAccountRequest(jws, proof);
    }

    /// <summary>Takes a head that the service has acknowledged, or that follows from what it answered, as this device's own.</summary>
    public void Accept(string head, string[]? chain = null)
    {
        Head = Read(head);
        Pin = HeadChain.Verify(Pin, Head, [.. (chain ?? []).Select(Read)], Account, HeadKey.PublicKey);
    }

    public void Accept(ObjectWriteRequest landed)
    {
        Accept(landed.Head);
        foreach (var put in landed.Put)
            Objects[put.Object.Id] = put.Object;
        foreach (var delete in landed.Delete)
            Objects.Remove(delete.Id);
    }

    public static ObjectNameMessage NameOf(ObjectMessage one) => new(one.Kind, one.Id);

    public static Hash256 Path(ObjectNameMessage name) => ObjectLeaf.Path(name.Kind, name.Id);

    public static Hash256 Leaf(ObjectMessage one) => ObjectLeaf.Value(one.Kind, one.Id, new Hash256(one.Dek), one.Revision, one.Attachment, one.Sealed);

    public static Hash256 RootOf(IEnumerable<ObjectMessage> objects) =>
        new PagedTree(new Dictionary<string, byte[]>()).Apply(objects.ToDictionary(one => Path(NameOf(one)), one => (Hash256?)Leaf(one))).Root;

    public static SignedHead<VaultHead> Read(string jws)
    {
        Assert.True(VaultHead.TryRead(jws, out var head));
        return head;
    }

    private static ObjectMessage New(string kind, int size) =>
        new(Guid.NewGuid(), kind, RandomNumberGenerator.GetBytes(32), 1, Services.Tests.Client.Slot.Envelope(size));
}
