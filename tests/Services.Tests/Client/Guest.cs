using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Vault;

namespace Services.Tests.Client;

/// <summary>The other party of a channel: an address, an id and a key.</summary>
internal sealed record Guest(RunningService Service, Guid Channel, Ed25519PrivateKey Key, Origin Origin)
{
    public ChannelMessage InWrite => new(Channel, Key.PublicKey.Bytes.ToArray());

    public static Guest Generate(RunningService service) => new(service, ChannelId.Generate().Value, Ed25519PrivateKey.Generate(), service.Origin);

    public Task<Answer> SendAsync(Request request) => request.SignedBy(this, Service.Time.GetUtcNow()).SendAsync(Service.Http);

    public Task<Answer> SendReadAsync(long after = 0, int wait = 0) => SendAsync(Request.Get($"{VaultRoutes.Channel}?after={after}&wait={wait}"));

    public async Task<LetterMessage[]> ReadAsync(long after = 0, int wait = 0) => (await SendReadAsync(after, wait)).As<LettersResponse>().Letters;

    public Task<Answer> LeaveAsync(Guid id, byte[] @sealed) => SendAsync(Request.Post(VaultRoutes.Channel, new LeaveLetterRequest(id, @sealed)));

    /// <returns>Its id.</returns>
    public async Task<Guid> LeaveAsync(int size = 457)
    {
        var id = Guid.NewGuid();
        (await LeaveAsync(id, RandomNumberGenerator.GetBytes(size))).Is(System.Net.HttpStatusCode.Created);
        return id;
    }
}
