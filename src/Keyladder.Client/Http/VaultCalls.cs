using System.Buffers;
using System.Globalization;
using System.Net.Mime;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>The signed calls that only a Vault has (docs/spec/vault-api.md).</summary>
internal sealed class VaultCalls(SignedConnection connection) : ServiceCalls(connection)
{
    // Envelopes in base64url, and what stands beside each with its part of the proof.
    private const int ObjectsAnswer = VaultRoutes.MaxObjects * ((VaultRoutes.MaxSealedBytes * 4 / 3) + 4096);

    // One letter more than fits is answered all the same.
    private const int LettersAnswer = (VaultRoutes.MaxLettersBytes + VaultRoutes.MaxGivenBytes) * 3 / 2;

    /// <summary>Most bytes of an attachment that this client sends or asks for at once: with less, a long one would soon be at the limit of calls that a service sets.</summary>
    public const int LongestPart = 4 * 1024 * 1024;

    // Bytes in a second: whoever is slower than a modem of old is taken for gone.
    private const int SlowestLine = 16 * 1024;

    /// <summary>
    /// Memory for the ciphertext of attachments, and for nothing else. This Vault's own: where a service answers before it has heard a part out, the
    /// connection may read on from memory that has been given back, and what lies there by then would go to it.
    /// </summary>
    public ArrayPool<byte> Ciphertexts { get; } = ArrayPool<byte>.Create(LongestPart, maxArraysPerBucket: 2);

    /// <param name="since">Number of the head that the caller stands at; 0 for none.</param>
    /// <param name="attributes">Whether the answer holds attributes too, as far as there is room.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ObjectChangesResponse> GetChangesAsync(long since, bool attributes, CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.Changes, since) with { LongestAnswer = Call.ListAnswer };
        if (attributes)
            call = call with { Query = call.Query + "&attributes=1" };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.ObjectChangesResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain, answer.Events, answer.Objects, answer.Changes);
        return answer;
    }

    /// <summary>At most <see cref="VaultRoutes.MaxObjects"/> names; none of them for the newest head alone.</summary>
    public async Task<ObjectsResponse> FetchAsync(IEnumerable<ObjectName> names, long since, CancellationToken cancellationToken)
    {
        var request = new FetchObjectsRequest([.. names.Select(name => new ObjectNameMessage(name.Kind, name.Id))], since);
        var call = Post(VaultRoutes.ObjectsFetch, request, ProtocolJson.Default.FetchObjectsRequest) with { LongestAnswer = ObjectsAnswer };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.ObjectsResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain, answer.Events, answer.Objects);
        return answer;
    }

    /// <summary>What an object was before, as the service says.</summary>
    public async Task<VersionsResponse> GetVersionsAsync(ObjectName name, CancellationToken cancellationToken)
    {
        var call = Get(VaultRoutes.ObjectVersions.Replace("{id}", $"{name.Id:D}", StringComparison.Ordinal)) with { LongestAnswer = Call.ListAnswer };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.VersionsResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Objects);
        return answer;
    }

    /// <returns>The events that the head does not sign for; null where another head came first.</returns>
    public async Task<AuditEventMessage[]?> WriteAsync(ObjectWriteRequest write, long number, CancellationToken cancellationToken)
    {
        var call = Post(ServiceRoutes.Changes, write, ProtocolJson.Default.ObjectWriteRequest) with { LongestAnswer = ObjectsAnswer };
        var (landed, _) = await WriteAsync(
            call, number, ProtocolJson.Default.ObjectWriteResponse, answer => answer.Number, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, landed?.Events ?? []);
        return landed?.Events;
    }

    /// <summary>Letters that guests of the account's channels have left.</summary>
    /// <param name="after">Number of the last one that is known; 0 for none.</param>
    /// <param name="wait">How long the Vault waits for one where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<ReceivedLetterMessage>> GetLettersAsync(long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var call = Letters(VaultRoutes.Letters, after, wait);
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.ReceivedLettersResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Letters);
        return answer.Letters;
    }

    /// <inheritdoc cref="GetLettersAsync"/>
    internal static Call Letters(string path, long after, TimeSpan wait) => Get(path) with
    {
        Query = string.Create(CultureInfo.InvariantCulture, $"?after={after}&wait={(int)wait.TotalSeconds}"),
        LongestAnswer = LettersAnswer,
        Allowance = wait,
    };

    /// <summary>The next bytes of an attachment. Sent again it changes nothing, and is answered alike.</summary>
    public async Task<AttachmentPartResponse> PutPartAsync(
        AttachmentId id, long offset, ReadOnlyMemory<byte> part, ContentDigest digest, bool isLast, CancellationToken cancellationToken)
    {
        var call = Attachment(HttpMethod.Put, VaultRoutes.Attachment, id, string.Create(CultureInfo.InvariantCulture, $"?offset={offset}{(isLast ? "&last=1" : "")}")) with
        {
            Body = part,
            Digest = digest,
            BodyType = MediaTypeNames.Application.Octet,
            Allowance = TimeFor(part.Length),
        };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.AttachmentPartResponse, cancellationToken).ConfigureAwait(false);
        return answer.Stored >= 0 ? answer : throw Failures.InvalidAnswer(call, "counts less than nothing");
    }

    /// <param name="into">So many bytes are asked for.</param>
    /// <returns>How many came, as the service gives them; none where it says that there is no such attachment.</returns>
    public async Task<int> GetPartAsync(AttachmentId id, long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        try
        {
            return (await Connection.SendAsync(Part(VaultRoutes.Attachment, id, offset, into), cancellationToken).ConfigureAwait(false)).Length;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.NotFound)
        {
            return 0;
        }
    }

    internal static Call Part(string path, AttachmentId id, long offset, Memory<byte> into) =>
        Attachment(HttpMethod.Get, path, id, string.Create(CultureInfo.InvariantCulture, $"?offset={offset}&length={into.Length}")) with
        {
            Into = into,
            Allowance = TimeFor(into.Length),
        };

    private static Call Attachment(HttpMethod method, string path, AttachmentId id, string query) =>
        new(method, path.Replace("{id}", id.ToString(), StringComparison.Ordinal)) { Query = query, Repeatable = true };

    private static TimeSpan TimeFor(int bytes) => TimeSpan.FromSeconds(bytes / SlowestLine);
}
