using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.PassphraseStore;

namespace Services.Tests.Client;

/// <summary>Who has a record at a Guardian: a handle, the keys that a client makes of <c>r</c> and <c>h</c>, and a share.</summary>
internal sealed record Ward(RunningService Service, byte[] Seed, Ed25519PrivateKey Key, Ed25519PrivateKey ReleaseKey, byte[] Share)
{
    public const string Password = "the password";

    public Guid Handle => GuardianHandle.FromSeed(Seed).Value;

    /// <summary>What signs as the record.</summary>
    public Guest AsRecord => new(Service, Handle, Key, Service.Origin);

    /// <summary>What signs with the person's own share.</summary>
    public Guest AsHolder => new(Service, Handle, ReleaseKey, Service.Origin);

    public static Ward Generate(RunningService service) =>
        new(service, RandomNumberGenerator.GetBytes(32), Ed25519PrivateKey.Generate(), Ed25519PrivateKey.Generate(), RandomNumberGenerator.GetBytes(32));

    /// <returns>With its record made, and what the OPRF makes of the password.</returns>
    public static async Task<(Ward Ward, byte[] Output)> CreatedAsync(RunningService service)
    {
        var ward = Generate(service);
        return (ward, await ward.CreateAsync());
    }

    public CreateGuardianRecordRequest Record(byte[]? blinded = null) =>
        new(Seed, blinded ?? Blinded(), Share, Key.PublicKey.Bytes.ToArray(), ReleaseKey.PublicKey.Bytes.ToArray());

    public Task<byte[]> CreateAsync(string password = Password) =>
        EvaluateAsync(password, blinded => Request.Post(GuardianRoutes.Records, Record(blinded)).SendAsync(Service.Http));

    public Task<byte[]> AttemptAsync(string password = Password) => EvaluateAsync(password, blinded => SendAttemptAsync(blinded: blinded));

    public Task<Answer> SendAttemptAsync(HttpClient? http = null, byte[]? blinded = null) => AttemptRequest(blinded).SendAsync(http ?? Service.Http);

    public Request AttemptRequest(byte[]? blinded = null) => Request.Post(GuardianRoutes.Attempts, new GuardianAttemptRequest(Handle, blinded ?? Blinded()));

    public Task<byte[]> AttemptAsync(Guest device, string password = Password) => EvaluateAsync(password, blinded => SendAttemptAsync(device, blinded));

    public static Task<Answer> SendAttemptAsync(Guest device, byte[]? blinded = null) =>
        device.SendAsync(Request.Post(GuardianRoutes.DeviceAttempts, new EvaluateRequest(blinded ?? Blinded())));

    public Task<Answer> SucceedAsync() => AsRecord.SendAsync(Request.Post(GuardianRoutes.Successes));

    public Task<Answer> ReleaseAsync() => AsHolder.SendAsync(Request.Post(GuardianRoutes.Releases));

    public Task<Answer> PutAsync(Guest device) =>
        AsRecord.SendAsync(Request.Put(DeviceRoute(device), new PutRecoveryDeviceRequest(device.Key.PublicKey.Bytes.ToArray())));

    public Task<Answer> DeleteAsync(Guest device) => AsRecord.SendAsync(Request.Delete(DeviceRoute(device)));

    public Task<Answer> DeleteAsync() => AsRecord.SendAsync(Request.Delete(GuardianRoutes.Record));

    /// <returns>A device that the record knows.</returns>
    public async Task<Guest> AddDeviceAsync()
    {
        var device = Guest.Generate(Service);
        (await PutAsync(device)).Is(System.Net.HttpStatusCode.OK);
        return device;
    }

    public static string DeviceRoute(Guest device) => GuardianRoutes.Device.Replace("{id}", device.Channel.ToString(), StringComparison.Ordinal);

    /// <summary>Of any password.</summary>
    public static byte[] Blinded()
    {
        using var blinding = OprfBlinding.Blind(RandomNumberGenerator.GetBytes(32));
        return blinding.BlindedElement.ToArray();
    }

    private static async Task<byte[]> EvaluateAsync(string password, Func<byte[], Task<Answer>> send)
    {
        using var blinding = OprfBlinding.Blind(Encoding.UTF8.GetBytes(password));
        using var output = blinding.Finalize((await send(blinding.BlindedElement.ToArray())).As<GuardianEvaluationResponse>().Evaluated);
        return output.DangerousSpan.ToArray();
    }
}
