using System.Net;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;

namespace Services.Tests.Client;

/// <summary>A person at a Passphrase Store: slots and kit are bytes with a length and a first byte.</summary>
internal sealed class Registrant(RunningService service)
{
    private int mailsSeen;

    public string Username { get; init; } = $"{Guid.NewGuid():N}@example.org";

    public byte[] Seed { get; init; } = RandomNumberGenerator.GetBytes(32);

    public Guid Id => RecoveryRecordId.FromSeed(Seed).Value;

    public Ed25519PrivateKey StoreKey { get; private set; } = Ed25519PrivateKey.Generate();

    /// <summary>What the Store holds, as it was sent.</summary>
    public RecordMessage Record { get; private set; } = null!;

    /// <summary>Signs with the store key.</summary>
    public Guest Signed => new(service, Id, StoreKey, service.Origin);

    /// <summary>The same person with what this device knows.</summary>
    public Registrant Copy() => new(service) { Username = Username, Seed = Seed, StoreKey = StoreKey, Record = Record };

    public static byte[] Blinded(byte[]? input = null)
    {
        using var blinding = OprfBlinding.Blind(input ?? RandomNumberGenerator.GetBytes(32));
        return blinding.BlindedElement.ToArray();
    }

    public static async Task<Registrant> RegisteredAsync(RunningService service)
    {
        var person = new Registrant(service);
        await person.RegisterAsync();
        return person;
    }

    public Task<Answer> SendAsync(Request request) => request.SendAsync(service.Http);

    public Task<Answer> AskForCodeAsync(string purpose) => SendAsync(Request.Post(PassphraseStoreRoutes.Codes, new SendCodeRequest(Username, purpose)));

    /// <summary>Asks for a code and reads the mail; null where the mail has none.</summary>
    public async Task<string?> CodeAsync(string purpose)
    {
        (await AskForCodeAsync(purpose)).Is(HttpStatusCode.Accepted);
        return PassphraseStoreHost.CodeIn(await NextMailAsync());
    }

    public async Task<MimeKit.MimeMessage> NextMailAsync() => await service.PassphraseStore.MailAsync(Username, ++mailsSeen);

    public async Task<EvaluateResponse> EvaluateAsync(byte[]? blinded = null) =>
        (await SendAsync(Request.Post(PassphraseStoreRoutes.Evaluations, new EvaluateRequest(blinded ?? Blinded())))).As<EvaluateResponse>();

    public async Task<RecordMessage> NewRecordAsync(Ed25519PrivateKey key) => new(
        (await EvaluateAsync()).Key, Slot.Envelope(201), Slot.Envelope(201), Slot.Envelope(585), RandomNumberGenerator.GetBytes(32), Guid.NewGuid(), key.PublicKey.Bytes.ToArray());

    public async Task<CreateRecordRequest> CreateRequestAsync(string code) => new(Username, code, Seed, Record = await NewRecordAsync(StoreKey));

    public Task<Answer> SendCreateAsync(CreateRecordRequest request) => SendAsync(Request.Post(PassphraseStoreRoutes.Records, request));

    public async Task RegisterAsync() =>
        (await SendCreateAsync(await CreateRequestAsync((await CodeAsync(CodePurposes.Register))!))).Is(HttpStatusCode.Created);

    public Task<Answer> SendAttemptAsync(byte[]? blinded = null) => SendAsync(Request.Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(Username, blinded ?? Blinded())));

    public async Task<AttemptResponse> AttemptAsync(byte[]? blinded = null) => (await SendAttemptAsync(blinded)).As<AttemptResponse>();

    public Task<Answer> SendReleaseAsync(string code) => SendAsync(Request.Post(PassphraseStoreRoutes.Releases, new ReleaseRequest(Username, code)));

    public async Task<RecoveryEventMessage[]> SucceedAsync() => (await Signed.SendAsync(Request.Post(PassphraseStoreRoutes.Successes))).As<RecoveryEventsResponse>().Events;

    public Task<Answer> SendReplaceAsync(long revision, RecordMessage record) =>
        Signed.SendAsync(Request.Put(PassphraseStoreRoutes.Record, new ReplaceRecordRequest(revision, record)));

    public async Task ReplaceAsync(long revision)
    {
        var key = Ed25519PrivateKey.Generate();
        var record = await NewRecordAsync(key);
        Assert.Equal(revision + 1, (await SendReplaceAsync(revision, record)).As<ReplaceRecordResponse>().Revision);
        (StoreKey, Record) = (key, record);
    }

    public static string DevicePath(Guid id) => PassphraseStoreRoutes.Device.Replace("{id}", id.ToString(), StringComparison.Ordinal);

    public Task<Answer> SendDeviceAsync(Guest device) => Signed.SendAsync(Request.Put(DevicePath(device.Channel), new PutRecoveryDeviceRequest(device.Key.PublicKey.Bytes.ToArray())));

    public async Task<Guest> AddDeviceAsync()
    {
        var device = Guest.Generate(service);
        (await SendDeviceAsync(device)).Is(HttpStatusCode.OK);
        return device;
    }

    public static Task<Answer> SendDeviceAttemptAsync(Guest device, byte[]? blinded = null) =>
        device.SendAsync(Request.Post(PassphraseStoreRoutes.DeviceAttempts, new EvaluateRequest(blinded ?? Blinded())));

    public static async Task<string[]> EventsAsync(Guest device) =>
        [.. (await device.SendAsync(Request.Post(PassphraseStoreRoutes.Events))).As<RecoveryEventsResponse>().Events.Select(one => one.Kind)];
}
