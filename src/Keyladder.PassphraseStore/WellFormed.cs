using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.PassphraseStore;
using static Keyladder.Hosting.Problems.Problem;

namespace Keyladder.PassphraseStore;

/// <summary>What JSON's types do not say about a body (docs/spec/passphrase-store.md section 3). Looked at before the database is asked, and before anything is counted.</summary>
internal static class WellFormed
{
    /// <exception cref="ProblemException">It is no username in its one form.</exception>
    public static Username Username(string text) => PassphraseStore.Username.TryParse(text, out var username) ? username : throw MalformedRequest();

    public static void RequirePurpose(string purpose) => MalformedRequestUnless(purpose is CodePurposes.Register or CodePurposes.Reset);

    public static void RequireCode(string code) => MalformedRequestUnless(code.Length == RecoveryLimits.CodeDigits && code.All(char.IsAsciiDigit));

    public static void RequireSeed(byte[] seed) => MalformedRequestUnless(seed.Length == RecoveryLimits.SeedBytes);

    /// <summary>The identity and what is not canonical are no elements: an evaluation of them would tell of the key.</summary>
    public static void RequireElement(byte[] blinded) => MalformedRequestUnless(OprfKey.IsElement(blinded));

    public static void RequirePublicKey(byte[] key) => MalformedRequestUnless(Ed25519PublicKey.TryImport(key, out _));

    public static void RequireRevision(long revision) => MalformedRequestUnless(revision >= 1);

    /// <summary>Each kind has one length: none says anything of what is in it.</summary>
    public static void Check(RecordMessage record)
    {
        MalformedRequestUnless(
            record.PasswordSlot.Length == RecoveryLimits.SlotBytes && Form.IsEnvelope(record.PasswordSlot)
            && record.ResetSlot.Length == RecoveryLimits.SlotBytes && Form.IsEnvelope(record.ResetSlot)
            && record.Kit.Length == RecoveryLimits.SealedKitBytes && Form.IsEnvelope(record.Kit)
            && record.Share.Length == RecoveryLimits.ElementBytes);
        RequirePublicKey(record.PublicKey);
    }
}
