using System.Net.Http.Headers;
using System.Net.Mime;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// Calls to one service: bounded answers, strict JSON, time limits, and further tries where a call may be sent twice. It knows the
/// service's clock, and that for signatures only (docs/spec/sign-in.md section 4).
/// </summary>
internal sealed class ServiceHttp(ServiceKind kind, HttpClient http, Origin origin, TimeProvider time)
{
    private const int Tries = 3;

    private long _clockOffsetMilliseconds;

    public ServiceKind Kind { get; } = kind;

    public Origin Origin { get; } = origin;

    public TimeProvider Time { get; } = time;

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>This device's clock, corrected by what the service last said.</summary>
    public DateTimeOffset ServiceTime => Time.GetUtcNow().AddMilliseconds(Interlocked.Read(ref _clockOffsetMilliseconds));

    /// <param name="unixMilliseconds">The service's <c>time</c>. A value that is no time at all is refused.</param>
    public void CorrectClock(Call call, long? unixMilliseconds)
    {
        var now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        // The year 9800: far enough from 9999, beyond which no date can be made, for any clock that goes on from there.
        if (unixMilliseconds is not (>= 0 and < 247_000_000_000_000))
            throw Failures.InvalidAnswer(call, "tells no time");
        Interlocked.Exchange(ref _clockOffsetMilliseconds, unixMilliseconds.Value - now);
    }

    /// <param name="call">What to send.</param>
    /// <param name="signer">Signs the request; null for the calls that carry no signature.</param>
    /// <param name="type">How to read the answer, from <see cref="ProtocolJson"/>.</param>
    /// <param name="cancellationToken">Ends the call; whether a write landed is then not known.</param>
    public async Task<T> SendAsync<T>(Call call, IRequestSigner? signer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var body = await SendAsync(call, signer, cancellationToken).ConfigureAwait(false);
        return StrictJson.TryRead(body.Span, type, out var answer)
            ? answer
            : throw Failures.InvalidAnswer(call, "is not what version 1 of the protocol has there");
    }

    /// <summary>For calls whose answer has no body, and below the others.</summary>
    public async Task<ReadOnlyMemory<byte>> SendAsync(Call call, IRequestSigner? signer, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                var (status, body, wait) = await ExchangeAsync(call, signer, cancellationToken).ConfigureAwait(false);
                if (status == call.ExpectedStatus)
                    return body;
                throw Failures.Refused(
                    Kind, call, status, StrictJson.TryRead(body.Span, ProtocolJson.Default.ProblemMessage, out var problem) ? problem : null, wait);
            }
            catch (KeyladderException e) when (
                e is { Reason: FailureReason.Unreachable or FailureReason.TooManyRequests } and not RefusedException
                && RetryAfter.IsShort(e.RetryAfter) && call.Repeatable && ++failures < Tries)
            {
                await Backoff.WaitAsync(failures, e.RetryAfter, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends once. Whatever the status, the answer is read to its end within the call's bounds.</summary>
    public async Task<(int Status, ReadOnlyMemory<byte> Body, TimeSpan? Wait)> ExchangeAsync(
        Call call, IRequestSigner? signer, CancellationToken cancellationToken)
    {
        // "//host/path" would lead to another host, "///" to none.
        if (!Uri.TryCreate(Origin.Address, call.Path + call.Query, out var address)
            || !Origin.TryCreate(new Uri(address.GetLeftPart(UriPartial.Authority)), out var reached)
            || reached != Origin)
            throw Failures.NotAllowed("That is not a path of this service.", "Give a path such as /v1/sessions.");
        using var request = new HttpRequestMessage(call.Method, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypeNames.Application.Json));
        if (call.Body is { } sent)
        {
            request.Content = new ReadOnlyMemoryContent(sent);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.BodyType);
        }

        if (signer is not null)
        {
            var digest = call.Digest ?? ContentDigest.Of(call.Body.GetValueOrDefault().Span);
            var (input, signature) = signer.Sign(new CoveredComponents(call.Method.Method, Origin, call.Path + call.Query, digest), ServiceTime);
            request.Headers.Add("Content-Digest", digest.ToString());
            request.Headers.Add("Signature-Input", input);
            request.Headers.Add("Signature", signature);
        }

        using var limit = new CancellationTokenSource(Timeout + call.Allowance, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            // A handler that the app brought may follow redirects: the answer would be another service's.
            if (response.RequestMessage?.RequestUri != address)
                throw Failures.InvalidAnswer(call, "came from another address");
            var body = call.Into is { } target && (int)response.StatusCode == call.ExpectedStatus
                ? await BoundedAnswer.ReadAsync(response.Content, target, both.Token).ConfigureAwait(false)
                : await BoundedAnswer.ReadAsync(response.Content, call.LongestAnswer, both.Token).ConfigureAwait(false);
            return (
                (int)response.StatusCode,
                body ?? throw Failures.InvalidAnswer(call, "is longer than any that it may give"),
                RetryAfter.Read(response.Headers.RetryAfter, Time));
        }
        catch (Exception e) when (IsLoss(e) && !cancellationToken.IsCancellationRequested)
        {
            throw Failures.Unreachable(call, address, e);
        }
    }

    // A connection that is reset as soon as it is there leaves the framework's handler as what its socket said.
    private static bool IsLoss(Exception e) => e is HttpRequestException or IOException or SocketException or OperationCanceledException;
}
