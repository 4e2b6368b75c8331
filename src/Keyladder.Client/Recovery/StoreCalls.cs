using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>The calls of a Passphrase Store (docs/spec/passphrase-store.md section 3), one method each. What comes back has its lengths and nothing more.</summary>
internal sealed class StoreCalls(ServiceHttp http)
{
    private const int SlotLength = 201;
    private const int KitLength = 585;

    public ServiceHttp Http { get; } = http;

    public Task SendCodeAsync(Username username, string purpose, CancellationToken cancellationToken) =>
        SendAsync(
            Post(PassphraseStoreRoutes.Codes, new SendCodeRequest(username.Text, purpose), ProtocolJson.Default.SendCodeRequest) with { ExpectedStatus = 202 },
            signer: null,
            cancellationToken);

    public async Task<EvaluateResponse> EvaluateAsync(OprfBlinding blinding, CancellationToken cancellationToken)
    {
        var call = Post(PassphraseStoreRoutes.Evaluations, new EvaluateRequest(blinding.BlindedElement.ToArray()), ProtocolJson.Default.EvaluateRequest);
        return await SendAsync(call, signer: null, ProtocolJson.Default.EvaluateResponse, cancellationToken).ConfigureAwait(false);
    }

    public Task CreateAsync(CreateRecordRequest request, CancellationToken cancellationToken) =>
        SendAsync(Post(PassphraseStoreRoutes.Records, request, ProtocolJson.Default.CreateRecordRequest) with { ExpectedStatus = 201 }, signer: null, cancellationToken);

    /// <summary>Costs a guess.</summary>
    public Task<AttemptResponse> AttemptAsync(Username username, OprfBlinding blinding, CancellationToken cancellationToken) =>
        AttemptAsync(
            Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(username.Text, blinding.BlindedElement.ToArray()), ProtocolJson.Default.AttemptRequest),
            signer: null,
            cancellationToken);

    /// <summary>Costs a guess of this device's own.</summary>
    public Task<AttemptResponse> AttemptAsync(RecoverySigner device, OprfBlinding blinding, CancellationToken cancellationToken) =>
        AttemptAsync(
            Post(PassphraseStoreRoutes.DeviceAttempts, new EvaluateRequest(blinding.BlindedElement.ToArray()), ProtocolJson.Default.EvaluateRequest), device, cancellationToken);

    public async Task<IReadOnlyList<RecoveryEvent>> SucceedAsync(RecoverySigner record, CancellationToken cancellationToken) =>
        await EventsAsync(PassphraseStoreRoutes.Successes, record, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<RecoveryEvent>> GetEventsAsync(RecoverySigner device, CancellationToken cancellationToken) =>
        await EventsAsync(PassphraseStoreRoutes.Events, device, cancellationToken).ConfigureAwait(false);

    public async Task<long> ReplaceAsync(RecoverySigner record, ReplaceRecordRequest request, CancellationToken cancellationToken)
    {
        var call = Post(PassphraseStoreRoutes.Record, request, ProtocolJson.Default.ReplaceRecordRequest) with { Method = HttpMethod.Put };
        var answer = await SendAsync(call, record, ProtocolJson.Default.ReplaceRecordResponse, cancellationToken).ConfigureAwait(false);
        return answer.Revision == request.Revision + 1 ? answer.Revision : throw Failures.InvalidAnswer(call, "names another revision than the next");
    }

    public async Task<ReleaseResponse> ReleaseAsync(Username username, string code, CancellationToken cancellationToken)
    {
        var call = Post(PassphraseStoreRoutes.Releases, new ReleaseRequest(username.Text, code), ProtocolJson.Default.ReleaseRequest);
        var answer = await SendAsync(call, signer: null, ProtocolJson.Default.ReleaseResponse, cancellationToken).ConfigureAwait(false);
        return answer.Share.Length == ResetSecret.Size && answer.ResetSlot.Length == SlotLength && answer.Kit.Length == KitLength && answer.Revision > 0
            ? answer
            : throw Failures.InvalidAnswer(call, "holds no record");
    }

    public Task PutDeviceAsync(RecoverySigner record, RecoveryDeviceId id, Ed25519PublicKey key, CancellationToken cancellationToken) =>
        SendAsync(RecoveryDeviceCalls.Put(PassphraseStoreRoutes.Device, id, key), record, cancellationToken);

    public Task DeleteDeviceAsync(RecoverySigner record, RecoveryDeviceId id, CancellationToken cancellationToken) =>
        SendAsync(RecoveryDeviceCalls.Delete(PassphraseStoreRoutes.Device, id), record, cancellationToken);

    public Task DeleteAsync(RecoverySigner record, CancellationToken cancellationToken) =>
        SendAsync(new Call(HttpMethod.Delete, PassphraseStoreRoutes.Record) { ExpectedStatus = 204, Repeatable = false }, record, cancellationToken);

    private static Call Post<T>(string path, T request, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, path) { Body = JsonSerializer.SerializeToUtf8Bytes(request, type), Repeatable = false };

    private async Task<AttemptResponse> AttemptAsync(Call call, RecoverySigner? signer, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync(call, signer, ProtocolJson.Default.AttemptResponse, cancellationToken).ConfigureAwait(false);
            return answer.PasswordSlot.Length == SlotLength && answer.Kit.Length == KitLength && answer.Revision > 0
                ? answer
                : throw Failures.InvalidAnswer(call, "holds no record");
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.TooManyRequests)
        {
            throw RecoveryFailures.Wait(Http, e);
        }
    }

    private async Task<IReadOnlyList<RecoveryEvent>> EventsAsync(string path, RecoverySigner signer, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, path) { Repeatable = true };
        var answer = await SendAsync(call, signer, ProtocolJson.Default.RecoveryEventsResponse, cancellationToken).ConfigureAwait(false);
        if (answer.Events.Length > PassphraseStoreRoutes.MaxEvents || answer.Events.Contains(null))
            throw Failures.InvalidAnswer(call, "holds no list of events");
        return [.. answer.Events.Select(each => RecoveryEvent.Read(call, each))];
    }

    private Task<T> SendAsync<T>(Call call, RecoverySigner? signer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        RecoverySigner.SendAsync(Http, call, () => Http.SendAsync(call, signer, type, cancellationToken));

    private Task<ReadOnlyMemory<byte>> SendAsync(Call call, RecoverySigner? signer, CancellationToken cancellationToken) =>
        RecoverySigner.SendAsync(Http, call, () => Http.SendAsync(call, signer, cancellationToken));
}

/// <summary>Both services keep devices in the same way.</summary>
internal static class RecoveryDeviceCalls
{
    public static Call Put(string route, RecoveryDeviceId id, Ed25519PublicKey key) => new(HttpMethod.Put, Path(route, id))
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(new PutRecoveryDeviceRequest(key.Bytes.ToArray()), ProtocolJson.Default.PutRecoveryDeviceRequest),
        Repeatable = true,
    };

    public static Call Delete(string route, RecoveryDeviceId id) => new(HttpMethod.Delete, Path(route, id)) { ExpectedStatus = 204, Repeatable = false };

    private static string Path(string route, RecoveryDeviceId id) => route.Replace("{id}", id.ToString(), StringComparison.Ordinal);
}
