using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Problems;
using Keyladder.Keystore.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore;

/// <summary>What JSON's types do not say about a body (docs/spec/keystore-api.md and envelopes.md): lengths, ranges, no id twice. Looked at before the database is asked.</summary>
internal static class WellFormed
{
    private const byte EnvelopeVersion = 0x01;
    private const int WrappedSize = 201;
    private const int OverviewSize = 585;
    private const int HashSize = 32;
    private const int MaxJwsLength = 32 * 1024;

    public static void Check(SignUpRequest request)
    {
        Check(request.Slot);
        Require(request.Keys.Length == 1);
        Check(request.Keys[0]);
        Require(request.Head.Length <= MaxJwsLength);
        Require(request.Invitation is null or { Length: InvitationCode.SecretSize });
        Require(request.Admission is null or { Length: <= MaxJwsLength });
    }

    public static void Check(DeleteAccountRequest request) => Require(request.Deletion.Length <= MaxJwsLength);

    public static void Check(ChangeSlotsRequest request)
    {
        Require(request.Add is not null || request.Remove is not null);
        if (request.Add is not null)
            Check(request.Add);
        Require(request.Head.Length <= MaxJwsLength);
    }

    public static void Check(FetchKeysRequest request)
    {
        CheckNumber(request.Ids.Length);
        Require(request.Ids.Distinct().Count() == request.Ids.Length);
        Require(request.Since is >= 0 and <= HeadNumber.Max);
    }

    public static void Check(WriteRequest request)
    {
        CheckNumber(request.Put.Length + request.Delete.Length);
        var ids = new HashSet<Guid>();
        foreach (var put in request.Put)
        {
            Require(put?.Key is not null && ids.Add(put.Key.Id) && put.Replaces is null or { Length: HashSize });
            Check(put!.Key);
        }

        foreach (var delete in request.Delete)
            Require(delete is { Replaces.Length: HashSize } && ids.Add(delete.Id));
        Require(request.Head.Length <= MaxJwsLength);
    }

    private static void Check(KeyMessage key) => Require(
        key is not null && key.Revision is >= 1 and <= HeadNumber.Max && IsEnvelope(key.Overview, OverviewSize) && IsEnvelope(key.Wrapped, WrappedSize));

    private static void Check(SlotMessage slot) => Require(
        SlotKind.IsKnown(slot.Kind)
        && slot.Locator is { Length: HashSize }
        && Ed25519PublicKey.TryImport(slot.Login, out _)
        && IsEnvelope(slot.Wrapped, WrappedSize));

    private static bool IsEnvelope(byte[] bytes, int size) => bytes.Length == size && bytes[0] == EnvelopeVersion;

    private static void CheckNumber(int objects)
    {
        if (objects > KeystoreRoutes.MaxObjects)
            throw Problem.TooLarge();
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw Problem.MalformedRequest();
    }
}
