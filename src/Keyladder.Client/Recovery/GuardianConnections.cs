using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>The ways to Guardians: connections of their own, so that nothing on the way tells that they and a Passphrase Store have the same person.</summary>
/// <param name="http">What an app brought; null for one client for each Guardian.</param>
/// <param name="time">The clock.</param>
internal sealed class GuardianConnections(HttpClient? http, TimeProvider time) : IDisposable
{
    private readonly Dictionary<Origin, GuardianCalls> _there = [];
    private readonly List<HttpClient> _own = [];
    private readonly Lock _lock = new();

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    public GuardianCalls To(Origin origin)
    {
        lock (_lock)
        {
            if (!_there.TryGetValue(origin, out var found))
            {
                var client = http ?? DefaultHttpClient.Create(origin);
                if (http is null)
                    _own.Add(client);
                found = _there[origin] = new GuardianCalls(new ServiceHttp(ServiceKind.Guardian, client, origin, time) { Timeout = Timeout });
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
