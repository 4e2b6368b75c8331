using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Sessions;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Http;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What the Keystore reads of a request beside its signature, and its secret's file.</summary>
internal static class ServiceParsers
{
    private static readonly byte[] SecretFile = [1, .. Fixed.Bytes(32, 80)];
    private static readonly string SecretPath = Path.Combine(ScratchFolder.Path, "keystore.secret");
    private static readonly Nonces Nonces = MakeNonces();

    private static readonly SignInChecks Checks = new(Nonces, new ServiceOrigin(Fixed.Origin, null!), Fixed.Clock);

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("head-number", [.. new[] { "0", "1", "9007199254740991" }.Select(Text.Bytes)], ReadNumber) { Covers = ["HeadNumber.TryParse"] },
        new("nonce", [Text.Bytes(Nonce(Fixed.Now)), Text.Bytes(Nonce(Fixed.Now.AddSeconds(-70)))], CheckNonce)
        {
            Covers = ["Nonces.Check"],
            Refusals = [typeof(ProblemException)],
        },
        new("sign-in-checks", [Assertion, Proof], CheckSignIn)
        {
            Covers = ["SignInChecks.ReadAssertion", "SignInChecks.IsSignedBy", "SignInChecks.VerifyProof", "SignInChecks.Check"],
            Refusals = [typeof(ProblemException)],
            BytesPerByte = 256,
            MoreBytes = 256 * 1024,
        },
        Body(ProtocolJson.Default.SignInRequest, new SignInRequest("e30.e30.e30"), _ => { }),
        Body(ProtocolJson.Default.SignUpRequest, MessageParsers.SignUp, WellFormed.Check),
        Body(ProtocolJson.Default.ChangeSlotsRequest, MessageParsers.ChangeSlots, WellFormed.Check),
        Body(ProtocolJson.Default.DeleteAccountRequest, MessageParsers.DeleteAccount, request => Form.RequireJws(request.Deletion)),
        Body(ProtocolJson.Default.FetchKeysRequest, MessageParsers.Fetch, WellFormed.Check),
        Body(ProtocolJson.Default.WriteRequest, MessageParsers.Write, WellFormed.Check),
        Body(ProtocolJson.Default.GuardianAttemptRequest, new GuardianAttemptRequest(Fixed.Uuid(81), OprfParsers.Element), request => WellFormed.RequireElement(request.Blinded)),
        Body(ProtocolJson.Default.CreateGuardianRecordRequest, new CreateGuardianRecordRequest(Fixed.Bytes(32, 81), OprfParsers.Element, Fixed.Bytes(32), PublicKey(82), PublicKey(83)), WellFormed.Check),
        new(
            "media-type",
            [.. new[] { "application/json", "application/json; charset=utf-8" }.Select(Text.Bytes)],
            input => Bind<FetchKeysRequest>(Genuine, Text.Of(input)) is not null)
        {
            Covers = ["JsonBody.BindAsync"],
            Refusals = [typeof(ProblemException)],
        },
        new("service-secret", [SecretFile, [2, .. Fixed.Bytes(32, 81), .. SecretFile]], LoadSecret)
        {
            Covers = ["ServiceSecret.LoadOrCreate", "SecretFile.Read"],
            Refusals = [typeof(StartupException)],
        },
    ];

    private static byte[] Genuine => JsonSerializer.SerializeToUtf8Bytes(MessageParsers.Fetch, ProtocolJson.Default.FetchKeysRequest);

    internal static byte[] PublicKey(byte first)
    {
        using var signer = Fixed.Signer(first);
        return signer.PublicKey.Bytes.ToArray();
    }

    internal static Parser Body<T>(JsonTypeInfo<T> type, T sample, Action<T> check)
        where T : class => new("body-" + MessageParsers.Dashed(typeof(T).Name[..^"Request".Length]), [JsonSerializer.SerializeToUtf8Bytes(sample, type)], input =>
        {
            check(Bind<T>(input, "application/json"));
            return true;
        })
        {
            Covers = ["JsonBody.BindAsync", "JsonBody.Read", "RequestBody.ReadAsync", "WellFormed.Check", "WellFormed.IsEnvelope", "Form.IsEnvelope"],
            Refusals = [typeof(ProblemException)],
            MoreBytes = 128 * 1024,
        };

    private static T Bind<T>(byte[] body, string mediaType)
        where T : class
    {
        var context = new DefaultHttpContext { Request = { Body = new MemoryStream(body), ContentType = mediaType } };
        return JsonBody<T>.BindAsync(context, (ParameterInfo)null!).AsTask().GetAwaiter().GetResult().Value;
    }

    private static bool ReadNumber(byte[] input)
    {
        var text = Text.Of(input);
        if (!HeadNumber.TryParse(text, out var number))
            return false;
        Require($"{number.Value}" == text && number.Value is >= 0 and <= HeadNumber.Max, "Writing it again gives the same text.");
        return true;
    }

    private static Nonces MakeNonces()
    {
        Write(SecretFile);
        return new Nonces(ServiceSecret.LoadOrCreate(SecretPath), Fixed.Clock);
    }

    // As the service issues it, with fixed random bytes.
    private static string Nonce(DateTimeOffset issued)
    {
        using var macKey = HkdfSha512.DeriveKey(SecretFile.AsSpan(1), [], Fields.Encode("hosting/v1/nonce"), 32);
        byte[] nonce = [1, .. new byte[sizeof(long)], .. Fixed.Bytes(16)];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(1), issued.ToUnixTimeMilliseconds());
        return Base64UrlText.Encode([.. nonce, .. HMACSHA256.HashData(macKey.DangerousSpan, nonce)]);
    }

    private static bool CheckNonce(byte[] input)
    {
        var text = Text.Of(input);
        Nonces.Check(text);
        Require(text == Nonce(Fixed.Now), "Only what was issued is accepted.");
        return true;
    }

    private static byte[] Assertion => Payload(JwsKind.KeystoreLogin, new LoginAssertion(
        Fixed.Origin, Nonce(Fixed.Now), SampleAccount.Locator, Fixed.Now.ToUnixTimeSeconds(), Fixed.Bytes(32, 5)).Sign(SampleAccount.Login));

    private static byte[] Proof => Payload(JwsKind.KeystoreProof, new LoginProof(
        Fixed.Origin, Nonce(Fixed.Now), SampleAccount.Locator, Fixed.Now.ToUnixTimeSeconds(), SampleAccount.Heads[6].Hash.ToArray()).Sign(SampleAccount.Login));

    private static byte[] Payload(JwsKind kind, string jws) => Jws.TryReadUnverified(kind, jws, out var payload) ? payload : throw new InvalidOperationException();

    // The payload is signed as both; a proof is what has the hash of a head.
    private static bool CheckSignIn(byte[] input)
    {
        if (input.AsSpan().IndexOf("\"head\""u8) >= 0)
        {
            var proof = Jws.Sign(JwsKind.KeystoreProof, input, SampleAccount.Login);
            Checks.VerifyProof(proof, SampleAccount.SlotMessage.Login, SampleAccount.Locator, SampleAccount.Heads[6].Hash);
            return true;
        }

        var assertion = Jws.Sign(JwsKind.KeystoreLogin, input, SampleAccount.Login);
        var claimed = Checks.ReadAssertion(assertion);
        Require(claimed.Nonce == Nonce(Fixed.Now) && claimed.Audience == Fixed.Origin, "It is for this service, now.");
        Require(SignInChecks.IsSignedBy(assertion, SampleAccount.Login.PublicKey.Bytes.ToArray()), "It is signed by the login key.");
        return true;
    }

    private static void Write(byte[] secret)
    {
        File.WriteAllBytes(SecretPath, secret);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(SecretPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static bool LoadSecret(byte[] input)
    {
        Write(input);
        _ = ServiceSecret.LoadOrCreate(SecretPath);
        return true;
    }
}
