using Keyladder.Cli.Commands;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>
/// Signed objects (docs/spec/signed-objects.md), twice each: as they come, where a signature stands in the way of every change, and as a
/// payload that its owner signed, whatever it is.
/// </summary>
internal static class SignedParsers
{
    // Signing the payload here allocates as much as reading it there.
    private const int BytesPerByte = 256;

    private static readonly Ed25519PrivateKey Signer = Fixed.Signer(21);

    private static readonly LoginAssertion Assertion = new(
        Fixed.Origin, Base64UrlText.Encode(Fixed.Bytes(57)), Fixed.Bytes(32), Fixed.Now.ToUnixTimeSeconds(), Fixed.Bytes(32, 5));

    private static readonly LoginProof Proof = new(
        Fixed.Origin, Base64UrlText.Encode(Fixed.Bytes(57)), Fixed.Bytes(32), Fixed.Now.ToUnixTimeSeconds(), Fixed.Bytes(32, 6));

    private static readonly Admission Admission = new(
        Fixed.Origin, new AdmissionId(Fixed.Uuid(7)), Fixed.Now.ToUnixTimeSeconds(), Fixed.Now.ToUnixTimeSeconds() + Admission.LongestLifetime);

    private static readonly AccountDeletion Deletion = new(
        Fixed.Origin, SampleAccount.Account, 14, new DateOnly(2026, 1, 2), SampleAccount.Heads[13].Hash, Signer.PublicKey);

    private static readonly SignedContent Statement = new(Did.Of(Signer.PublicKey), Fixed.Now.ToUnixTimeSeconds(), Fixed.Bytes(64), 1024);

    private static readonly DidSignInLink Link = DidSignInLink.Create(new Uri("https://app.example/did"), DidSignInPurpose.Link, Base64UrlText.Encode(Fixed.Bytes(90)));

    public static IReadOnlyList<Parser> All { get; } =
    [
        .. JwsKind.All.Select(kind => new Parser("jws-" + kind.Type.Split('+')[0], [Text.Bytes(Sample(kind))], input => ReadJws(kind, input))
        {
            Covers = ["Jws.TryReadUnverified", "Jws.TryVerify", "Jws.SigningInputHash", "Ed25519PublicKey.Verify", "PublicKey.Verify"],
        }),
        new("login-assertion", [Payload(JwsKind.KeystoreLogin)], ReadAssertion)
        {
            Covers = ["LoginAssertion.TryReadUnverified", "LoginAssertion.TryVerify", "LoginAssertion.TryRead", "OriginJsonConverter.Read", "SignInJson.LoginAssertion"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("login-proof", [Payload(JwsKind.KeystoreProof)], ReadProof) 
        {
            Covers = ["LoginProof.TryVerify", "SignInJson.LoginProof"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("signed-content", [Payload(JwsKind.SignedContent), Write(Statement with { IssuedAt = (1L << 53) - 1 })], ReadStatement) 
        {
            Covers = ["SignedContent.TryVerifyStatement", "SignedContent.TryVerify", "DidJson.SignedContent"],
            BytesPerByte = BytesPerByte,
        },
        new("did-sign-in", [Payload(JwsKind.DidSignIn)], ReadDidSignIn)
        {
            Covers = ["DidSignIn.TryVerify", "DidSignInPurposeJsonConverter.Read", "DidSignInPurposes.TryParse", "DidJson.DidSignIn"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("did-sign-in-link", [Text.Bytes(Link.ToString()), Text.Bytes("http://127.0.0.1:5080/#purpose=sign-in&challenge=a&check=3HOsnBbw")], ReadLink)
        {
            Covers = ["DidSignInLink.TryParse", "DidSignInLink.TryReadFragment"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("account-deletion", [Payload(JwsKind.KeystoreDeletion)], ReadDeletion)
        {
            Covers = ["AccountDeletion.TryVerify", "HeadJson.AccountDeletion"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("vault-deletion", [Payload(JwsKind.VaultDeletion)], ReadVaultDeletion)
        {
            Covers = ["AccountDeletion.TryVerify"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
        new("admission", [Payload(JwsKind.KeystoreAdmission)], ReadAdmission)
        {
            Covers = ["Admission.TryVerify", "AdmissionId.TryParse", "SignInJson.Admission"],
            BytesPerByte = BytesPerByte,
            MoreBytes = 256 * 1024,
        },
    ];

    private static string Sample(JwsKind kind) =>
        kind == JwsKind.KeystoreLogin ? Assertion.Sign(Signer)
        : kind == JwsKind.KeystoreProof ? Proof.Sign(Signer)
        : kind == JwsKind.KeystoreAdmission ? Admission.Sign(Signer)
        : kind == JwsKind.KeystoreDeletion ? Deletion.Sign<KeystoreHead>(Signer)
        : kind == JwsKind.VaultDeletion ? Deletion.Sign<VaultHead>(Signer)
        : kind == JwsKind.KeystoreHead ? SampleAccount.Heads[12].Jws
        : kind == JwsKind.DidSignIn ? DidSignIn.Sign(Link, Signer)
        : Jws.Sign(kind, Write(Statement), Signer);

    private static byte[] Write(SignedContent statement) => StrictJson.Write(statement, DidJson.Strict.SignedContent);

    private static byte[] Payload(JwsKind kind) => Jws.TryReadUnverified(kind, Sample(kind), out var payload) ? payload : throw new InvalidOperationException();

    private static bool ReadJws(JwsKind kind, byte[] input)
    {
        var text = Text.Of(input);
        var key = kind == JwsKind.KeystoreHead ? SampleAccount.IdentityKey.PublicKey : Signer.PublicKey;
        var read = Jws.TryReadUnverified(kind, text, out var payload);
        Require(!read || text.StartsWith($"{kind.EncodedHeader}.{Base64UrlText.Encode(payload)}.", StringComparison.Ordinal), "Header and payload stand as they are.");
        if (read)
            _ = Jws.SigningInputHash(text);
        if (Jws.TryVerify(kind, text, key, out _))
            Require(text == Sample(kind), "Only what was signed verifies, in the one form.");
        return read;
    }

    private static bool ReadAssertion(byte[] input)
    {
        var jws = Jws.Sign(JwsKind.KeystoreLogin, input, Signer);
        var accepted = LoginAssertion.TryReadUnverified(jws, out var read);
        Require(accepted == LoginAssertion.TryVerify(jws, Signer.PublicKey, out _), "Both ways read the same.");
        if (accepted)
            Require(LoginAssertion.TryReadUnverified(read!.Sign(Signer), out var again) && again.Sign(Signer) == read.Sign(Signer), "Writing it again keeps it.");
        return accepted;
    }

    private static bool ReadProof(byte[] input)
    {
        if (!LoginProof.TryVerify(Jws.Sign(JwsKind.KeystoreProof, input, Signer), Signer.PublicKey, out var read))
            return false;
        Require(LoginProof.TryVerify(read.Sign(Signer), Signer.PublicKey, out var again) && again.Sign(Signer) == read.Sign(Signer), "Writing it again keeps it.");
        return true;
    }

    private static bool ReadDidSignIn(byte[] input)
    {
        if (!DidSignIn.TryVerify(Jws.Sign(JwsKind.DidSignIn, input, Signer), out var read))
            return false;
        Require(read.Signer.PublicKey is { } key && key.Equals(Signer.PublicKey), "It was signed by the DID that it names.");
        var again = Jws.Sign(JwsKind.DidSignIn, StrictJson.Write(read, DidJson.Strict.DidSignIn), Signer);
        Require(DidSignIn.TryVerify(again, out var same) && same.Purpose == read.Purpose && same.Audience == read.Audience, "Writing it again keeps it.");
        return true;
    }

    private static bool ReadLink(byte[] input)
    {
        if (!DidSignInLink.TryParse(Text.Of(input), out var read))
            return false;
        Require(read.ToString() == Text.Of(input), "It has one form.");
        Require(read.Origin.IsSecure && read.Page.AbsoluteUri.StartsWith(read.Origin + "/", StringComparison.Ordinal), "The page is of the origin that is signed for.");
        return true;
    }

    private static bool ReadDeletion(byte[] input) => ReadDeletionOf<KeystoreHead>(input);

    private static bool ReadVaultDeletion(byte[] input) => ReadDeletionOf<VaultHead>(input);

    private static bool ReadDeletionOf<THead>(byte[] input)
        where THead : Head, IHead<THead>
    {
        if (!AccountDeletion.TryVerify<THead>(Jws.Sign(THead.DeletionKind, input, Signer), out var read))
            return false;
        Require(read.Identity.Equals(Signer.PublicKey), "It was signed by the key that it names.");
        Require(AccountDeletion.TryVerify<THead>(read.Sign<THead>(Signer), out var again) && again == read, "Writing it again keeps it.");
        return true;
    }

    private static bool ReadAdmission(byte[] input)
    {
        if (!Admission.TryVerify(Jws.Sign(JwsKind.KeystoreAdmission, input, Signer), Signer.PublicKey, out var read))
            return false;
        Require(Admission.TryVerify(read.Sign(Signer), Signer.PublicKey, out var again) && again == read, "Writing it again keeps it.");
        return true;
    }

    private static bool ReadStatement(byte[] input)
    {
        if (!SignedContent.TryVerifyStatement(Jws.Sign(JwsKind.SignedContent, input, Signer), Statement.Signer, out var read))
            return false;
        _ = VerifyCommand.When(read.IssuedAt);
        Require(read.Signer.Equals(Statement.Signer) && read.Sha512.Length == 64 && read.Size >= 0, "It says what the format has.");
        return true;
    }
}
