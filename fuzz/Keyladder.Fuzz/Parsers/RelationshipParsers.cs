using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>
/// What the parties of a relationship leave for each other (docs/spec/relationships.md): statements as payloads that the other party signed, letters and
/// copies as they come and with any plaintext behind a genuine seal.
/// </summary>
internal static class RelationshipParsers
{
    // Signing the payload here allocates as much as reading it there, and some are read twice.
    private const int BytesPerByte = 256;

    // Padding and the seal of what a letter holds, and its X-Wing key.
    private const int SealBytes = 256 * 1024;

    private static readonly Letter GivenLetter = OpenSample(SampleRelationship.LetterContents[0], SampleRelationship.Copy);
    private static readonly Letter EndedLetter = OpenSample(SampleRelationship.LetterContents[1], []);

    public static IReadOnlyList<Parser> All { get; } =
    [
        Signed("key-bundle", JwsKind.KeyBundle, [SampleRelationship.Other.SignBundle(SampleRelationship.Id, 1), SampleRelationship.Other.SignBundle(SampleRelationship.Id, (1L << 53) - 1)], ReadBundle) with
        {
            Covers = ["KeyBundle.TryVerify", "Statement.TryVerify", "RelationshipJson.KeyBundle", "XWingPrivateKey.IsPublicKey"],
        },
        Signed("relationship-acceptance", JwsKind.Acceptance, [SampleRelationship.Other.Sign(SampleRelationship.Acceptance)], ReadAcceptance) with
        {
            Covers = ["Acceptance.TryVerify", "RelationshipJson.Acceptance"],
        },
        Signed("relationship-confirmation", JwsKind.Confirmation, [SampleRelationship.Other.Sign(SampleRelationship.Confirmation)], ReadConfirmation) with
        {
            Covers = ["Confirmation.TryVerify", "RelationshipJson.Confirmation"],
        },
        Signed("key-change", JwsKind.KeyChange, [SampleRelationship.Other.Sign(SampleRelationship.Change)], ReadChange) with
        {
            Covers = ["KeyChange.TryVerify", "RelationshipJson.KeyChange"],
        },
        Signed("share-statement", JwsKind.Share, [.. new[] { SampleRelationship.Given, SampleRelationship.Ended }.Select(SampleRelationship.Other.Sign)], ReadStatement) with
        {
            Covers = ["ShareStatement.TryVerify", "ShareStatement.TryRead", "RelationshipJson.ShareStatement", "ShareStates.IsGiven"],
            BytesPerByte = 640,
        },
        Signed("share-event", JwsKind.ShareEvent, [SampleRelationship.Other.Sign(SampleRelationship.Event)], ReadEvent) with
        {
            Covers = ["ShareEvent.TryVerify", "RelationshipJson.ShareEvent"],
        },
        new("relationship-link", [Text.Bytes(Link(SampleRelationship.Invitation))], ReadLink) { Covers = ["RelationshipInvitation.TryParse"] },
        new("relationship-invitation", [SampleRelationship.Invitation.DangerousEncode()], ReadInvitation) { Covers = ["RelationshipInvitation.TryRead", "RelationshipInvitation.TryReadTime"] },
        new("invitation-letter", [.. Offers(Padded(SampleRelationship.Other.SignBundle(SampleRelationship.Id, 1)))], OpenOffers)
        {
            Covers = ["RelationshipInvitation.OpenOffer", "RelationshipInvitation.OpenAcceptance", "RelationshipInvitation.Open"],
        },
        new("invitation-letter-content", [Padded(SampleRelationship.Other.SignBundle(SampleRelationship.Id, 1)), Padded(SampleRelationship.Other.Sign(SampleRelationship.Acceptance))], OpenOfferContent)
        {
            Covers = ["RelationshipInvitation.OpenOffer", "RelationshipInvitation.OpenAcceptance"],
            BytesPerByte = BytesPerByte,
        },
        new("letter", [SampleRelationship.SealLetter(SampleRelationship.LetterContents[0], SampleRelationship.Copy), SampleRelationship.SealLetter(SampleRelationship.LetterContents[1], [])], OpenLetter)
        {
            Covers = ["RelationshipKey.Open", "RelationshipKey.IsAddressee", "Letter.Open", "Letter.TryReadKeyName"],
            Refusals = [typeof(OpenFailedException)],
            MoreBytes = SealBytes,
        },
        new("letter-content", SampleRelationship.LetterContents, OpenLetterContent)
        {
            Covers = ["Letter.Open", "Letter.Read"],
            BytesPerByte = BytesPerByte,
            MoreBytes = SealBytes,
        },
        new("shared-copy", [.. SampleRelationship.Contents.Select(content => Sealed.Padded(content.Encode(), Padding.Shortest))], OpenCopy)
        {
            Covers = ["SharingDataEncryptionKey.Open", "SharedContent.TryDecode", "SharedContent.IsItem"],
            Refusals = [typeof(OpenFailedException)],
            BytesPerByte = BytesPerByte,
        },
        .. RelationshipRecordParsers.All,
    ];

    private static Parser Signed(string name, JwsKind kind, IEnumerable<string> seeds, Func<string, bool> accepts) =>
        new(name, [.. seeds.Select(jws => Jws.TryReadUnverified(kind, jws, out var payload) ? payload : throw new InvalidOperationException())],
            input => accepts(Jws.Sign(kind, input, SampleRelationship.OtherDidKey)))
        {
            BytesPerByte = BytesPerByte,
            MoreBytes = SealBytes,
        };

    private static bool ReadBundle(string jws)
    {
        if (!KeyBundle.TryVerify(jws, SampleRelationship.Other.Did, out var read))
            return false;
        Require(KeyBundle.TryVerify(read.Sign(SampleRelationship.OtherDidKey), SampleRelationship.Other.Did, out var again) && again.Sign(SampleRelationship.OtherDidKey) == read.Sign(SampleRelationship.OtherDidKey), "Writing it again keeps it.");
        Require(!KeyBundle.TryVerify(jws, SampleRelationship.Own.Did, out _), "It is one party's.");
        _ = Hpke.Seal(read.SealingKey, [], []);
        return true;
    }

    private static bool ReadAcceptance(string jws)
    {
        if (!Acceptance.TryVerify(jws, SampleRelationship.Own.Did, SampleRelationship.Id, out var read, out var keys))
            return false;
        Require(read.Issuer.Equals(SampleRelationship.Other.Did) && keys.Subject.Equals(read.Issuer), "It was signed by who it names, and so were the keys.");
        Require(Acceptance.TryVerify(SampleRelationship.Other.Sign(read), SampleRelationship.Own.Did, SampleRelationship.Id, out var again, out _) && again == read, "Writing it again keeps it.");
        return true;
    }

    private static bool ReadConfirmation(string jws)
    {
        if (!Confirmation.TryVerify(jws, SampleRelationship.OtherKeys, SampleRelationship.Own.Did))
            return false;
        Require(!Confirmation.TryVerify(jws, SampleRelationship.OwnKeys, SampleRelationship.Other.Did), "It is for one party.");
        Require(!Confirmation.TryVerify(jws, SampleRelationship.OtherKeys, SampleRelationship.Own.Did, jws), "It confirms another acceptance.");
        return true;
    }

    private static bool ReadChange(string jws)
    {
        if (!KeyChange.TryVerify(jws, SampleRelationship.OtherKeys, SampleRelationship.Own.Did, out var read, out var next))
            return false;
        Require(next.Epoch == 2 && next.Subject.Equals(read.Next), "The next keys are those of the DID that comes.");
        Require(KeyChange.TryVerify(SampleRelationship.Other.Sign(read), SampleRelationship.OtherKeys, SampleRelationship.Own.Did, out var again, out _) && again == read, "Writing it again keeps it.");
        return true;
    }

    private static bool ReadStatement(string jws)
    {
        var isRead = ShareStatement.TryRead(jws, out var read);
        var speaks = new[] { GivenLetter, EndedLetter }.Where(letter => ShareStatement.TryVerify(jws, SampleRelationship.OtherKeys, SampleRelationship.Own.Did, letter, out _)).ToList();
        Require(speaks.Count == 0 || (speaks.Count == 1 && isRead), "A statement speaks of one letter.");
        if (read is null)
            return false;
        Require(ShareStatement.TryRead(read.Sign(SampleRelationship.OtherDidKey), out var again) && again.Sign(SampleRelationship.OtherDidKey) == read.Sign(SampleRelationship.OtherDidKey), "Writing it again keeps it.");
        Require(!read.Follows(jws), "None follows itself.");
        return speaks.Count == 1;
    }

    private static bool ReadEvent(string jws)
    {
        if (!ShareEvent.TryVerify(jws, SampleRelationship.Other.Did, out var read))
            return false;
        Require(ShareEvent.TryVerify(SampleRelationship.Other.Sign(read), SampleRelationship.Other.Did, out var again) && again == read, "Writing it again keeps it.");
        return true;
    }

    private static string Link(RelationshipInvitation invitation) => invitation.DangerousToLink(new Uri("https://keyladder.example.org/")).ToString();

    private static bool ReadLink(byte[] input)
    {
        if (!RelationshipInvitation.TryParse(Text.Of(input), out var invitation))
            return false;
        using (invitation)
        {
            Require(RelationshipInvitation.TryParse(Link(invitation), out var again), "What is read can be handed on.");
            using (again)
                Require(again!.DangerousEncode().AsSpan().SequenceEqual(invitation.DangerousEncode()), "Writing it again keeps it.");
        }

        return true;
    }

    private static bool ReadInvitation(byte[] input)
    {
        if (!RelationshipInvitation.TryRead(input, out var invitation))
            return false;
        using (invitation)
            Require(invitation.DangerousEncode().AsSpan().SequenceEqual(input), "An invitation has one form.");
        return true;
    }

    private static byte[] Padded(string statement) => Sealed.Padded(Text.Bytes(statement), Padding.Shortest);

    private static byte[][] Offers(byte[] plaintext) => [SampleRelationship.SealUnderInvitation(true, plaintext), SampleRelationship.SealUnderInvitation(false, plaintext)];

    private static bool OpenOffers(byte[] input)
    {
        var (offer, acceptance) = (Opened(SampleRelationship.Invitation.OpenOffer, input), Opened(SampleRelationship.Invitation.OpenAcceptance, input));
        Require(offer is null || acceptance is null, "No offer is an acceptance.");
        if ((offer ?? acceptance) is not { } statement)
            return false;
        Require(SampleRelationship.SealUnderInvitation(offer is not null, Padded(statement)).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        return true;
    }

    private static bool OpenOfferContent(byte[] input)
    {
        var (offer, acceptance) = (Opened(SampleRelationship.Invitation.OpenOffer, SampleRelationship.SealUnderInvitation(true, input)), Opened(SampleRelationship.Invitation.OpenAcceptance, SampleRelationship.SealUnderInvitation(false, input)));
        Require(offer == acceptance, "Both are read alike.");
        Require(offer is null || Padded(offer).AsSpan().SequenceEqual(input), "A statement has one form.");
        return offer is not null;
    }

    private delegate string Opening(ReadOnlySpan<byte> letter);

    private static string? Opened(Opening open, byte[] letter)
    {
        try
        {
            return open(letter);
        }
        catch (OpenFailedException)
        {
            return null;
        }
    }

    private static Letter OpenSample(byte[] content, byte[] copy) =>
        SampleRelationship.Own.Open(SampleRelationship.OtherKeys, SampleRelationship.Share.Value, SampleRelationship.SealLetter(content, copy));

    // The copy is another seal's: it may be any, as long as there is one where there is a DEK.
    private static bool OpenLetter(byte[] input)
    {
        var isAddressee = SampleRelationship.Own.IsAddressee(input);
        Require(!SampleRelationship.Other.IsAddressee(input) || !isAddressee, "A letter is for one.");
        using var letter = SampleRelationship.Own.Open(SampleRelationship.OtherKeys, SampleRelationship.Share.Value, input);
        Require(isAddressee, "It was sealed to the key that it names.");
        Require(SampleRelationship.SealLetter(Content(letter), letter.Copy.Span).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        return true;
    }

    private static bool OpenLetterContent(byte[] input)
    {
        var accepted = 0;
        foreach (var copy in new[] { SampleRelationship.Copy, [] })
        {
            try
            {
                using var letter = OpenSample(input, copy);
                Require(letter.Statements.Count is >= 1 and <= Letter.MaxStatements && letter.HasDek != letter.Copy.IsEmpty, "It has statements, and a DEK where it has a copy.");
                Require(Content(letter).AsSpan().SequenceEqual(input), "A content has one form.");
                accepted++;
            }
            catch (OpenFailedException)
            {
                // With the copy, or without.
            }
        }

        Require(accepted < 2, "A DEK comes with a copy, and a copy with a DEK.");
        return accepted == 1;
    }

    private static byte[] Content(Letter letter)
    {
        using var dek = letter.HasDek ? letter.TakeDek(SampleAccount.Account) : null;
        using var key = dek?.CopyKeyBytes();
        byte[] keyBytes = key is null ? [] : key.DangerousSpan.ToArray();
        return Sealed.Padded(Fields.Encode(letter.Statements[0], [keyBytes, .. letter.Statements.Skip(1).Select(statement => (Field)statement)]), Padding.Shortest);
    }

    private static bool OpenCopy(byte[] input)
    {
        var content = SampleAccount.Sharing.Open(SampleRelationship.Id, SampleRelationship.Share, SampleRelationship.SealCopy(input), 2);
        Require(Sealed.Padded(content.Encode(), Padding.Shortest).AsSpan().SequenceEqual(input), "A copy has one form.");
        var again = content.Name is null ? SharedContent.OfAttribute(content.Attributes[0].Id, content.Attributes[0].Content) : SharedContent.OfItem(content.Name, content.Kind!, content.Attributes);
        Require(again.Attributes.Count == content.Attributes.Count, "What is read may be written.");
        return true;
    }
}
