using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>The calls of a Guardian (docs/spec/passphrase-store.md section 4). It is told a handle, and no name, record or account.</summary>
internal sealed class GuardianCalls(ServiceHttp http)
{
    public ServiceHttp Http { get; } = http;

    /// <returns>What the new key of the handle evaluates.</returns>
    public async Task<byte[]> CreateAsync(CreateGuardianRecordRequest request, CancellationToken cancellationToken)
    {
        var call = Post(GuardianRoutes.Records, request, ProtocolJson.Default.CreateGuardianRecordRequest) with { ExpectedStatus = 201 };
        return (await SendAsync(call, signer: null, ProtocolJson.Default.GuardianEvaluationResponse, cancellationToken).ConfigureAwait(false)).Evaluated;
    }

    /// <summary>Costs a guess.</summary>
    public Task<byte[]> AttemptAsync(GuardianHandle handle, OprfBlinding blinding, CancellationToken cancellationToken) =>
        AttemptAsync(
            Post(GuardianRoutes.Attempts, new GuardianAttemptRequest(handle.Value, blinding.BlindedElement.ToArray()), ProtocolJson.Default.GuardianAttemptRequest),
            signer: null,
            cancellationToken);

    /// <summary>Costs a guess of this device's own.</summary>
    public Task<byte[]> AttemptAsync(RecoverySigner device, OprfBlinding blinding, CancellationToken cancellationToken) =>
        AttemptAsync(
            Post(GuardianRoutes.DeviceAttempts, new EvaluateRequest(blinding.BlindedElement.ToArray()), ProtocolJson.Default.EvaluateRequest), device, cancellationToken);

    public Task SucceedAsync(RecoverySigner record, CancellationToken cancellationToken) =>
        SendAsync(new Call(HttpMethod.Post, GuardianRoutes.Successes) { ExpectedStatus = 204, Repeatable = true }, record, cancellationToken);

    /// <returns>The Guardian's share.</returns>
    public async Task<byte[]> ReleaseAsync(RecoverySigner release, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, GuardianRoutes.Releases) { Repeatable = true };
        try
        {
            var answer = await SendAsync(call, release, ProtocolJson.Default.GuardianReleaseResponse, cancellationToken).ConfigureAwait(false);
            return answer.Share.Length == ResetSecret.Size ? answer.Share : throw Failures.InvalidAnswer(call, "holds no share");
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired)
        {
            throw RecoveryFailures.WrongRecoveryCode();
        }
    }

    public Task PutDeviceAsync(RecoverySigner record, RecoveryDeviceId id, Ed25519PublicKey key, CancellationToken cancellationToken) =>
        SendAsync(RecoveryDeviceCalls.Put(GuardianRoutes.Device, id, key), record, cancellationToken);

    public Task DeleteDeviceAsync(RecoverySigner record, RecoveryDeviceId id, CancellationToken cancellationToken) =>
        SendAsync(RecoveryDeviceCalls.Delete(GuardianRoutes.Device, id), record, cancellationToken);

    public Task DeleteAsync(RecoverySigner record, CancellationToken cancellationToken) =>
        SendAsync(new Call(HttpMethod.Delete, GuardianRoutes.Record) { ExpectedStatus = 204, Repeatable = false }, record, cancellationToken);

    private static Call Post<T>(string path, T request, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, path) { Body = JsonSerializer.SerializeToUtf8Bytes(request, type), Repeatable = false };

    private async Task<byte[]> AttemptAsync(Call call, RecoverySigner? signer, CancellationToken cancellationToken)
    {
        try
        {
            return (await SendAsync(call, signer, ProtocolJson.Default.GuardianEvaluationResponse, cancellationToken).ConfigureAwait(false)).Evaluated;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.TooManyRequests)
        {
            throw RecoveryFailures.Wait(Http, e);
        }
    }

    private Task<T> SendAsync<T>(Call call, RecoverySigner? signer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        RecoverySigner.SendAsync(Http, call, () => Http.SendAsync(call, signer, type, cancellationToken));

    private Task<ReadOnlyMemory<byte>> SendAsync(Call call, RecoverySigner? signer, CancellationToken cancellationToken) =>
        RecoverySigner.SendAsync(Http, call, () => Http.SendAsync(call, signer, cancellationToken));
}
