using System.Diagnostics;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>Notes when the first request leaves: what comes before it in an unlock is the KDF.</summary>
internal sealed class FirstRequest : DelegatingHandler
{
    private long left;

    public FirstRequest()
        : base(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
    }

    public TimeSpan Since => Stopwatch.GetElapsedTime(left);

    public void Reset() => left = 0;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (left == 0)
            left = Stopwatch.GetTimestamp();
        return base.SendAsync(request, cancellationToken);
    }
}
