using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.PassphraseStore;
using static Keyladder.Hosting.Problems.Problem;

namespace Keyladder.Keystore;

/// <summary>What JSON's types do not say about a body (docs/spec/keystore-api.md, envelopes.md and passphrase-store.md): lengths, ranges, no id twice. Looked at before the database is asked.</summary>
internal static class WellFormed
{
    /// <summary>Bytes that the body of a guest's call may have.</summary>
    public const int MaxGuestBytes = 4 * 1024;

    private const int WrappedSize = 201;
    private const int OverviewSize = 585;

    public static void Check(SignUpRequest request)
    {
        Check(request.Slot);
        MalformedRequestUnless(request.Keys.Length == 1);
        Check(request.Keys[0]);
        Form.RequireJws(request.Head);
        Form.RequireEntrance(request.Invitation, request.Admission);
    }

    public static void Check(ChangeSlotsRequest request)
    {
        MalformedRequestUnless(request.Add is not null || request.Remove is not null);
        if (request.Add is not null)
            Check(request.Add);
        Form.RequireJws(request.Head);
    }

    public static void Check(FetchKeysRequest request)
    {
        Form.RequireAtMost(KeystoreRoutes.MaxObjects, request.Ids.Length);
        MalformedRequestUnless(request.Ids.Distinct().Count() == request.Ids.Length);
        MalformedRequestUnless(request.Since is >= 0 and <= HeadNumber.Max);
    }

    public static void Check(WriteRequest request)
    {
        Form.RequireAtMost(KeystoreRoutes.MaxObjects, request.Put.Length + request.Delete.Length);
        var ids = new HashSet<Guid>();
        foreach (var put in request.Put)
        {
            MalformedRequestUnless(put?.Key is not null && ids.Add(put.Key.Id) && put.Replaces is null or { Length: Form.HashSize });
            Check(put!.Key);
        }

        foreach (var delete in request.Delete)
            MalformedRequestUnless(delete is { Replaces.Length: Form.HashSize } && ids.Add(delete.Id));
        Form.RequireJws(request.Head);
    }

    public static void Check(CreateGuardianRecordRequest request)
    {
        RequireElement(request.Blinded);
        MalformedRequestUnless(request.Share.Length == RecoveryLimits.ElementBytes && request.Seed.Length == RecoveryLimits.SeedBytes);
        RequirePublicKey(request.PublicKey);
        RequirePublicKey(request.ReleaseKey);
    }

    /// <summary>What is evaluated: a canonical element, and not the identity (docs/spec/oprf.md).</summary>
    public static void RequireElement(byte[] bytes) => MalformedRequestUnless(OprfKey.IsElement(bytes));

    public static void RequirePublicKey(byte[] bytes) => MalformedRequestUnless(Ed25519PublicKey.TryImport(bytes, out _));

    private static void Check(KeyMessage key) => MalformedRequestUnless(
        key is not null && key.Revision is >= 1 and <= HeadNumber.Max && IsEnvelope(key.Overview, OverviewSize) && IsEnvelope(key.Wrapped, WrappedSize));

    private static void Check(SlotMessage slot) => MalformedRequestUnless(
        SlotKind.IsKnown(slot.Kind)
        && slot.Locator is { Length: Form.HashSize }
        && Ed25519PublicKey.TryImport(slot.Login, out _)
        && IsEnvelope(slot.Wrapped, WrappedSize));

    private static bool IsEnvelope(byte[] bytes, int size) => bytes.Length == size && Form.IsEnvelope(bytes);
}
