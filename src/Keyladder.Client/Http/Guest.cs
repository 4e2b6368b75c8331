using System.Buffers;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Calls to the Vault of another person, as the guest of one channel there (docs/spec/vault-api.md, "Channels"): no account and no session, each
/// request signed by a key that belongs to the channel alone.
/// </summary>
/// <param name="http">The way to that Vault.</param>
/// <param name="channel">There.</param>
/// <param name="key">Stays the caller's.</param>
internal sealed class Guest(ServiceHttp http, ChannelId channel, Ed25519PrivateKey key) : IRequestSigner
{
    /// <summary>Letters that the other person has left here.</summary>
    /// <param name="after">Number of the last one that is known; 0 for none.</param>
    /// <param name="wait">How long the Vault waits for one where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where the Vault knows no such guest, or does not say so.</returns>
    public async Task<IReadOnlyList<LetterMessage>?> TryReadAsync(long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var call = VaultCalls.Letters(VaultRoutes.Channel, after, wait);
        try
        {
            var answer = await SendAsync(() => http.SendAsync(call, this, ProtocolJson.Default.LettersResponse, cancellationToken), call).ConfigureAwait(false);
            if (answer.Letters.Contains(null) || answer.Letters.Any(letter => letter.Number <= after)
                || answer.Letters.Zip(answer.Letters.Skip(1)).Any(pair => pair.First.Number >= pair.Second.Number))
                throw Failures.InvalidAnswer(call, "holds other letters than it was asked for");
            return answer.Letters;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired)
        {
            return null;
        }
    }

    /// <summary>Leaves a letter. Sent again it changes nothing.</summary>
    /// <returns>False where the Vault knows no such guest, or does not say so.</returns>
    public async Task<bool> TryLeaveAsync(Guid id, byte[] letter, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, VaultRoutes.Channel)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new LeaveLetterRequest(id, letter), ProtocolJson.Default.LeaveLetterRequest),
            ExpectedStatus = 201,
            Repeatable = true,
        };
        try
        {
            await SendAsync(() => http.SendAsync(call, this, cancellationToken), call).ConfigureAwait(false);
            return true;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired)
        {
            return false;
        }
    }

    /// <summary>Bytes of an attachment that a letter here names.</summary>
    /// <param name="id">The attachment's.</param>
    /// <param name="offset">From where on.</param>
    /// <param name="into">So many bytes are asked for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many came, as the Vault gives them. Null where it knows no such guest, or does not say so.</returns>
    /// <exception cref="RefusedException">It says that there is no such attachment, among others.</exception>
    public async Task<int?> TryGetPartAsync(AttachmentId id, long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        var call = VaultCalls.Part(VaultRoutes.ChannelAttachment, id, offset, into);
        try
        {
            return (await SendAsync(() => http.SendAsync(call, this, cancellationToken), call).ConfigureAwait(false)).Length;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired)
        {
            return null;
        }
    }

    public (string Input, string Signature) Sign(CoveredComponents request, DateTimeOffset now)
    {
        var signature = GuestSignature.Sign(request, key, channel.Value, now);
        return (signature.SignatureInput, signature.Signature);
    }

    private async Task<T> SendAsync<T>(Func<Task<T>> send, Call call)
    {
        try
        {
            return await send().ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.ClockSkew)
        {
            http.CorrectClock(call, e.Problem.Time);
            return await send().ConfigureAwait(false);
        }
    }
}

/// <summary>The other Vaults that an account's relationships lead to: one way to each, as long as the account's own Vault is open.</summary>
/// <param name="http">What an app brought; null for one client for each Vault.</param>
/// <param name="own">The way to the account's own Vault: clock and time limit are as there.</param>
internal sealed class GuestConnections(HttpClient? http, ServiceHttp own) : IDisposable
{
    private readonly Dictionary<Origin, ServiceHttp> _there = [];

    /// <summary>Memory for the ciphertext of attachments, and for nothing else: nothing is ever sent out of it.</summary>
    public ArrayPool<byte> Ciphertexts { get; } = ArrayPool<byte>.Create(VaultCalls.LongestPart, maxArraysPerBucket: 2);

    private readonly List<HttpClient> _own = [];
    private readonly Lock _lock = new();

    public ServiceHttp To(Origin origin)
    {
        lock (_lock)
        {
            if (!_there.TryGetValue(origin, out var found))
            {
                var client = http ?? DefaultHttpClient.Create(origin);
                if (http is null)
                    _own.Add(client);
                found = _there[origin] = new ServiceHttp(ServiceKind.Vault, client, origin, own.Time) { Timeout = own.Timeout };
            }

            return found;
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _own.ForEach(client => client.Dispose());
    }
}
