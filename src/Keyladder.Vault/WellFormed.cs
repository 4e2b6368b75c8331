using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.Vault;
using static Keyladder.Hosting.Problems.Problem;

namespace Keyladder.Vault;

/// <summary>What JSON's types do not say about a body (docs/spec/vault-api.md and vault.md section 2): lengths, ranges, no id twice. Looked at before the database is asked.</summary>
internal static class WellFormed
{
    public static void Check(VaultSignUpRequest request)
    {
        MalformedRequestUnless(Ed25519PublicKey.TryImport(request.Slot.Login, out _));
        Form.RequireJws(request.Head);
        Form.RequireEntrance(request.Invitation, request.Admission);
    }

    public static void Check(FetchObjectsRequest request)
    {
        Form.RequireAtMost(VaultRoutes.MaxObjects, request.Names.Length);
        var ids = new HashSet<Guid>();
        MalformedRequestUnless(request.Names.All(name => name is not null && ObjectKind.IsKnown(name.Kind) && ids.Add(name.Id)));
        MalformedRequestUnless(request.Since is >= 0 and <= HeadNumber.Max);
    }

    public static void Check(ObjectWriteRequest request)
    {
        Form.RequireAtMost(VaultRoutes.MaxObjects, request.Put.Length + request.Delete.Length);
        var ids = new HashSet<Guid>();
        foreach (var put in request.Put)
        {
            MalformedRequestUnless(put?.Object is not null && ids.Add(put.Object.Id) && put.Replaces is null or { Length: Form.HashSize });
            Check(put!.Object);
        }

        foreach (var delete in request.Delete)
            MalformedRequestUnless(delete is { Replaces.Length: Form.HashSize } && ObjectKind.IsKnown(delete.Kind) && ids.Add(delete.Id));
        Form.RequireJws(request.Head);
        CheckChannels(request.Channels ?? [], request.Letters ?? [], request.Taken ?? []);
    }

    public static void Check(LeaveLetterRequest letter) => RequireLetter(letter.Sealed, VaultRoutes.MaxReceivedBytes);

    private static void CheckChannels(ChannelMessage[] channels, GivenLetterMessage[] letters, Guid[] taken)
    {
        Form.RequireAtMost(VaultRoutes.MaxChannels, channels.Length);
        Form.RequireAtMost(VaultRoutes.MaxLetters, Math.Max(letters.Length, taken.Length));
        var (ids, pairs, ends) = (new HashSet<Guid>(), new HashSet<(Guid, Guid)>(), new HashSet<Guid>());
        MalformedRequestUnless(
            channels.All(channel => channel is not null && ids.Add(channel.Id) && (channel.Key is null || Ed25519PublicKey.TryImport(channel.Key, out _)))
            && letters.All(letter => letter is not null && pairs.Add((letter.Channel, letter.Id)) && IsEachOnce(letter))
            && taken.All(ends.Add));
        Form.RequireAtMost(VaultRoutes.MaxObjects, letters.Sum(letter => letter.Attachments?.Length ?? 0));
        foreach (var letter in letters.Where(letter => letter.Sealed is not null))
            RequireLetter(letter.Sealed!, VaultRoutes.MaxGivenBytes);
    }

    private static bool IsEachOnce(GivenLetterMessage letter) =>
        letter.Attachments is not { } named || (letter.Sealed is not null && named.Length <= VaultRoutes.MaxLetterAttachments && named.Distinct().Count() == named.Length);

    private static void RequireLetter(byte[] letter, int most)
    {
        MalformedRequestUnless(letter.Length > 0);
        Form.RequireAtMost(most, letter.Length);
    }

    private static void Check(ObjectMessage one) => MalformedRequestUnless(
        ObjectKind.IsKnown(one.Kind)
        && one.Dek.Length == Form.HashSize
        && one.Revision is >= 1 and <= HeadNumber.Max
        && one.Sealed.Length <= VaultRoutes.MaxSealedBytes
        && Form.IsEnvelope(one.Sealed)
        && (one.Attachment is null || one.Kind == ObjectKind.Attribute));
}
