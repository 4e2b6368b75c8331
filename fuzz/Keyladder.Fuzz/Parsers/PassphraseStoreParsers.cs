using System.Buffers.Binary;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.PassphraseStore;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What a Passphrase Store reads of a request beside its signature: usernames, bodies, and the keys that clients bring back (docs/spec/passphrase-store.md section 3).</summary>
internal static class PassphraseStoreParsers
{
    private const string Username = "person@example.org";
    private const string Code = "01234567";

    private static readonly string[] Usernames = [Username, "\u00e4rger@example.org", "p.e+r@xn--bcher-kva.example", "Person@example.org", "person\uff20example.org"];

    private static readonly byte[] AtRest = Fixed.Bytes(32, 90);
    private static readonly byte[] Scalar = Fixed.Bytes(32, 91);
    private static readonly byte[] FreshKey = Seal(Fixed.Now.AddMinutes(59));
    private static readonly FreshKeys Keys = new(LoadAtRest(), Fixed.Clock);

    private static readonly RecordMessage Record =
        new(FreshKey, Fixed.Bytes(201, 1), Fixed.Bytes(201, 1), Fixed.Bytes(585, 1), Fixed.Bytes(32), Fixed.Uuid(92), ServiceParsers.PublicKey(93));

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("store-username", [.. Usernames.Select(Text.Bytes)], ReadUsername) { Covers = ["Username.TryParse"], BytesPerByte = 256 },
        new("fresh-key", [FreshKey, Seal(Fixed.Now)], OpenKey) { Covers = ["FreshKeys.Open", "AtRestSecret.Open"], Refusals = [typeof(ProblemException)] },
        ServiceParsers.Body(ProtocolJson.Default.SendCodeRequest, new SendCodeRequest(Username, CodePurposes.Register), request =>
        {
            WellFormed.RequirePurpose(request.Purpose);
            WellFormed.Username(request.Username);
        }),
        ServiceParsers.Body(ProtocolJson.Default.EvaluateRequest, new EvaluateRequest(OprfParsers.Element), request => WellFormed.RequireElement(request.Blinded)),
        ServiceParsers.Body(ProtocolJson.Default.CreateRecordRequest, new CreateRecordRequest(Username, Code, Fixed.Bytes(RecoveryLimits.SeedBytes, 82), Record), request =>
        {
            WellFormed.Username(request.Username);
            WellFormed.RequireCode(request.Code);
            WellFormed.RequireSeed(request.Seed);
            WellFormed.Check(request.Record);
        }),
        ServiceParsers.Body(ProtocolJson.Default.AttemptRequest, new AttemptRequest(Username, OprfParsers.Element), request =>
        {
            WellFormed.RequireElement(request.Blinded);
            WellFormed.Username(request.Username);
        }),
        ServiceParsers.Body(ProtocolJson.Default.ReplaceRecordRequest, new ReplaceRecordRequest(1, Record), request =>
        {
            WellFormed.RequireRevision(request.Revision);
            WellFormed.Check(request.Record);
        }),
        ServiceParsers.Body(ProtocolJson.Default.ReleaseRequest, new ReleaseRequest(Username, Code), request =>
        {
            WellFormed.RequireCode(request.Code);
            WellFormed.Username(request.Username);
        }),
        ServiceParsers.Body(
            ProtocolJson.Default.PutRecoveryDeviceRequest, new PutRecoveryDeviceRequest(ServiceParsers.PublicKey(93)), request => WellFormed.RequirePublicKey(request.PublicKey)),
    ];

    // A client that holds to the specification sends no other form; another form would be another person's index.
    private static bool ReadUsername(byte[] input)
    {
        var text = Text.Of(input);
        if (!PassphraseStore.Username.TryParse(text, out var username))
            return false;
        Require(username.Text == text && System.Text.Encoding.UTF8.GetString(username.Bytes) == text, "It is kept as it came.");
        Require(username.Bytes.Length is >= 3 and <= RecoveryLimits.MaxUsernameBytes, "A username is short.");
        Require(!Keyladder.Keys.Recovery.Username.TryParse(text, out var ofClient) || ofClient.Text == text, "What clients take too is the form that they send.");
        return true;
    }

    private static bool OpenKey(byte[] input)
    {
        using var scalar = Keys.Open(input);
        Require(input.AsSpan().SequenceEqual(FreshKey), "Only what was sealed here, and is not too old, is taken.");
        Require(scalar.DangerousSpan.SequenceEqual(Scalar), "It is the key that was sealed.");
        return true;
    }

    // As the service seals it, with a fixed salt.
    private static byte[] Seal(DateTimeOffset expires)
    {
        var content = new byte[sizeof(long) + Scalar.Length];
        BinaryPrimitives.WriteInt64BigEndian(content, expires.ToUnixTimeMilliseconds());
        Scalar.CopyTo(content.AsSpan(sizeof(long)));
        using var key = HkdfSha512.DeriveKey(AtRest, [], Fields.Encode("recovery/v1/at-rest", Array.Empty<byte>()), 32);
        return [1, .. Sealed.Envelope(key, Fields.Encode("recovery/v1/fresh-oprf-key"), content)];
    }

    private static AtRestSecret LoadAtRest()
    {
        var path = Path.Combine(ScratchFolder.Path, "passphrase-store.at-rest");
        File.WriteAllBytes(path, [1, .. AtRest]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return AtRestSecret.LoadOrCreate(path);
    }
}
