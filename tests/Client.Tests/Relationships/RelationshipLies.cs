using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>What the services, and other people who know more than they should, tell the parties of a relationship.</summary>
public sealed class RelationshipLies : IAsyncLifetime
{
    private readonly RelationshipScene _scene = new();
    private readonly RelationshipKey _mallory =
        RelationshipKey.Generate(AccountId.Generate(), new KeyService(Parse("https://mallory.example.org"), AccountId.Generate()));

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _mallory.Dispose();
    }

    [Fact]
    public async Task A02_nothing_is_sent_to_who_is_not_in_the_invitation()
    {
        var made = await _scene.Alice.Relationships.InviteAsync("Dave", cancellationToken: Cancellation);
        var dave = await _scene.NewPersonAsync();
        Assert.True(RelationshipInvitation.TryParse(made.DangerousLink.ToString(), out var invitation));
        var others = await _scene.Alice.Relationships.InviteAsync("Erin", cancellationToken: Cancellation);
        Assert.True(RelationshipInvitation.TryParse(others.DangerousLink.ToString(), out var another));
        using (invitation)
        using (another)
        {
            byte[][] offers =
            [
                // Even to a service that knows the secret: what counts is the DID in the link.
                invitation.SealOffer(_mallory.SignBundle(RelationshipId.Generate(), 1)),
                another.SealOffer(_mallory.SignBundle(RelationshipId.Generate(), 1)),
                RandomNumberGenerator.GetBytes(2_000),
            ];
            foreach (var offer in offers)
            {
                _scene.Hostile.Proxy.Lie = answer => Replace(answer, offer);
                var before = _scene.Hostile.Proxy.Calls.Count;
                await Assert.ThrowsAsync<IntegrityException>(() => dave.Relationships.AcceptAsync(made.DangerousLink.ToString().AsMemory(), "Alice", Cancellation));
                Assert.DoesNotContain("POST /v1/channel", _scene.Hostile.Proxy.Calls.Skip(before));
                Assert.DoesNotContain("POST /v1/changes", _scene.Hostile.Proxy.Calls.Skip(before));
                Assert.Empty(await dave.Relationships.ListAsync(Cancellation));
            }

            _scene.Hostile.TellTheTruth();
            Assert.Equal(RelationshipStatus.Accepted, (await dave.Relationships.AcceptAsync(made.DangerousLink.ToString().AsMemory(), "Alice", Cancellation)).Status);
        }
    }

    [Fact]
    public async Task A01_A03_other_keys_for_Bob_count_only_if_the_pinned_ones_have_signed_them()
    {
        var (id, hers, bobs) = ((await WithAsync(_scene.Alice, "Bob")).Item.State.Relationship, await _scene.KeyOfAsync(_scene.Alice, "Bob"), await PinnedAsync(_scene.Alice, "Bob"));
        var alices = await PinnedAsync(_scene.Bob, "Alice");
        var bundle = _mallory.SignBundle(id, 2);
        string[] changes =
        [
            bundle,
            _mallory.Sign(new KeyChange(_mallory.Did, hers.Did, id, _mallory.Did, bundle)),
            Sign(JwsKind.KeyChange, $$"""{"iss":"{{bobs.Subject}}","aud":"{{hers.Did}}","relationship":"{{id}}","next":"{{_mallory.Did}}","bundle":"{{bundle}}"}"""),
        ];
        foreach (var change in changes)
        {
            var letter = Guid.NewGuid();
            // Sealed as from Bob, and as from herself: the service may know Alice's public keys.
            _scene.ShowInChannel((letter, Letter.Seal(alices, bobs.Subject, letter, [change])), (letter, Letter.Seal(alices, _mallory.Did, letter, [change])));
            await RefusesAsync(_scene.Alice, times: 2);
        }

        _scene.Hostile.TellTheTruth();
        var share = Assert.Single(await _scene.ShareAsync("Bob"));
        await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = (await _scene.Bob.Relationships.ListHeldAsync(Cancellation)).Single(held => held.Id == share.Id);
        Assert.Equal("DE01", (await _scene.Bob.Relationships.OpenAsync(held, Cancellation)).Attributes[0].Content.GetText());
    }

    [Fact]
    public async Task A04_D13_keys_from_before_a_change_do_not_come_back()
    {
        var before = await _scene.Bob.Relationships.ChangeKeysAsync((await WithAsync(_scene.Bob, "Alice")).Id, Cancellation);
        var first = (await _scene.Hostile.Proxy.RecordAsync(() => _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)))
            .Answers(Channel).SelectMany(answer => answer["letters"]!.AsArray()).Last()!;
        Assert.Equal(before.Did, (await WithAsync(_scene.Alice, "Bob")).OtherDid);
        await _scene.Bob.Relationships.ChangeKeysAsync(before.Id, Cancellation);
        Assert.Equal([(await WithAsync(_scene.Alice, "Bob")).Id], (await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Changed.Select(change => change.Relationship));
        var (alice, bob) = (await WithAsync(_scene.Alice, "Bob"), await WithAsync(_scene.Bob, "Alice"));
        Assert.Equal(bob.Did, alice.OtherDid);
        Assert.Equal(bob.SafetyWords, alice.SafetyWords);
        Assert.NotEqual(before.SafetyWords, alice.SafetyWords);

        Assert.True(Base64UrlText.TryDecode(first["sealed"]!.GetValue<string>(), out var bytes));
        _scene.ShowInChannel((Guid.Parse(first["id"]!.GetValue<string>()), bytes));
        await RefusesAsync(_scene.Alice);

        // What was shared before and after goes on.
        _scene.Hostile.TellTheTruth();
        var share = Assert.Single(await _scene.ShareAsync("Bob"));
        await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await _scene.Bob.Relationships.ListHeldAsync(Cancellation));
        Assert.Equal(share.Id, held.Id);
        await _scene.Bob.Relationships.ChangeKeysAsync(before.Id, Cancellation);
        await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal("DE01", (await _scene.Bob.Relationships.OpenAsync(held, Cancellation)).Attributes[0].Content.GetText());
    }

    [Fact]
    public async Task A05_the_keys_of_one_party_are_nobody_else_s_and_for_no_other_relationship()
    {
        var (id, bobs) = ((await WithAsync(_scene.Bob, "Alice")).Item.State.Relationship, await _scene.KeyOfAsync(_scene.Bob, "Alice"));
        var bundle = bobs.SignBundle(id, 1);
        Assert.True(KeyBundle.TryVerify(bundle, bobs.Did, out var keys));
        Assert.Equal(id, keys.Relationship);
        Assert.False(KeyBundle.TryVerify(bundle, (await PinnedAsync(_scene.Alice, "Carol")).Subject, out _));

        // Bob's own bundle, for another relationship, in an acceptance that is right but for that.
        var (hers, wrong) = (await _scene.KeyOfAsync(_scene.Alice, "Bob"), bobs.SignBundle(RelationshipId.Generate(), 1));
        Assert.True(Accepts(bundle));
        Assert.False(Accepts(wrong));
        Assert.False(Accepts(_mallory.SignBundle(id, 1)));

        bool Accepts(string offered) => Acceptance.TryVerify(
            bobs.Sign(new Acceptance(bobs.Did, hers.Did, id, Parse("https://vault.example.org"), ChannelId.Generate(), offered)), hers.Did, id, out _, out _);
    }

    [Fact]
    public async Task A06_a_key_that_Bob_has_not_signed_for_is_none_of_Bob_s()
    {
        var (alice, bobs) = (await WithAsync(_scene.Bob, "Alice"), await _scene.KeyOfAsync(_scene.Bob, "Alice"));
        var mine = await PinnedAsync(_scene.Alice, "Bob");
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        var share = ShareId.Generate();
        var (statement, copy) = Give(_mallory, mine, alice.Item.State.Relationship, share, dek);
        var asAlice = Sign(JwsKind.Share, Payload(statement).Replace(_mallory.Did.ToString(), alice.OtherDid!.ToString(), StringComparison.Ordinal));
        foreach (var jws in (string[])[statement, asAlice])
        {
            _scene.ShowInChannel(
                (share.Value, Letter.Seal(mine, alice.OtherDid!, share.Value, [jws], dek, copy)),
                (share.Value, Letter.Seal(mine, _mallory.Did, share.Value, [jws], dek, copy)));
            await RefusesAsync(_scene.Bob, times: 2);
        }

        Assert.Equal(mine.Subject, bobs.Did);
    }

    [Fact]
    public async Task A09_A12_a_share_is_for_one_holder_and_can_be_passed_on_by_nobody()
    {
        var given = Assert.Single(await _scene.ShareAsync("Bob"));
        var shown = (await _scene.Hostile.Proxy.RecordAsync(() => _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)))
            .Answers(Channel).SelectMany(answer => answer["letters"]!.AsArray()).Single(letter => letter!["id"]!.GetValue<string>() == $"{given.Id}")!;
        Assert.True(Base64UrlText.TryDecode(shown["sealed"]!.GetValue<string>(), out var letter));
        var bobs = await _scene.KeyOfAsync(_scene.Bob, "Alice");
        using var opened = bobs.Open(await PinnedAsync(_scene.Bob, "Alice"), given.Id.Value, letter);
        using var dek = opened.TakeDek(AccountId.Generate());

        // To Carol, by Bob: in his own relationship with her, and in that of Alice with her, whose service helps him.
        var (his, hersOfBob, hersOfAlice) = (await _scene.KeyOfAsync(_scene.Bob, "Carol"), await PinnedAsync(_scene.Bob, "Carol"), await PinnedAsync(_scene.Alice, "Carol"));
        var (withBob, withAlice) = (await WithAsync(_scene.Carol, "Bob"), await WithAsync(_scene.Carol, "Alice"));
        var signedAnew = his.Sign(Read(opened.Statements[0]) with { Issuer = his.Did, Audience = hersOfBob.Subject, Relationship = withBob.Item.State.Relationship, Key = hersOfBob.SealingKeyName });
        (string What, byte[] Letter)[] tries =
        [
            ("as it is", letter),
            ("sealed to her by Bob", Letter.Seal(hersOfBob, his.Did, given.Id.Value, [opened.Statements[0]], dek, opened.Copy)),
            ("sealed to her as if by Alice", Letter.Seal(hersOfAlice, withAlice.OtherDid!, given.Id.Value, [opened.Statements[0]], dek, opened.Copy)),
            ("signed anew by Bob", Letter.Seal(hersOfBob, his.Did, given.Id.Value, [signedAnew], dek, opened.Copy)),
            ("with Bob's own DID as Alice's", Letter.Seal(hersOfAlice, withAlice.OtherDid!, given.Id.Value, [signedAnew], dek, opened.Copy)),
        ];
        foreach (var (what, forwarded) in tries)
        {
            _scene.ShowInChannel((given.Id.Value, forwarded));
            Assert.False((await RefusesAsync(_scene.Carol, times: 2)).Refused.Count == 0, what);
        }
    }

    [Fact]
    public async Task B11_a_copy_that_was_made_for_another_relationship_is_refused()
    {
        var shares = await _scene.ShareAsync("Bob", "Carol");
        var ids = shares.ToDictionary(share => share.Relationship, share => share.Id);
        var (forBob, forCarol) = (ids[(await WithAsync(_scene.Alice, "Bob")).Id], ids[(await WithAsync(_scene.Alice, "Carol")).Id]);
        var letters = new Dictionary<string, byte[]>();
        foreach (var person in (Client.Vault[])[_scene.Bob, _scene.Carol])
        {
            // Both look, and are kept from it: what is theirs the service has seen.
            foreach (var letter in (await _scene.Hostile.Proxy.RecordAsync(() => SyncBlindAsync(person))).Answers(Channel).SelectMany(answer => answer["letters"]!.AsArray()))
                letters[letter!["id"]!.GetValue<string>()] = Base64UrlText.TryDecode(letter["sealed"]!.GetValue<string>(), out var bytes) ? bytes : [];
        }

        var swapped = WithCopyOf(letters[$"{forBob}"], letters[$"{forCarol}"]);
        _scene.Hostile.Proxy.Lie = answer => Replace(answer, swapped, forBob);
        await RefusesAsync(_scene.Bob);
        _scene.Hostile.Proxy.Lie = answer => Replace(answer, letters[$"{forCarol}"], forBob);
        await RefusesAsync(_scene.Bob);

        // Nothing is lost by it: the right one is taken once it is shown.
        _scene.Hostile.TellTheTruth();
        Assert.Contains(forBob, (await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);

        // And whoever has taken the share is not shown another copy when it is opened.
        var held = (await _scene.Bob.Relationships.ListHeldAsync(Cancellation)).Single(held => held.Id == forBob);
        _scene.Hostile.Proxy.Lie = answer => Replace(answer, swapped, forBob);
        await Assert.ThrowsAsync<IntegrityException>(() => _scene.Bob.Relationships.OpenAsync(held, Cancellation));
    }

    [Fact]
    public async Task C11_keys_without_their_half_for_quantum_computers_are_refused()
    {
        var (id, bobs) = ((await WithAsync(_scene.Bob, "Alice")).Item.State.Relationship, await _scene.KeyOfAsync(_scene.Bob, "Alice"));
        var bundle = bobs.SignBundle(id, 1);
        var json = JsonNode.Parse(Payload(bundle))!.AsObject();
        Assert.True(Base64UrlText.TryDecode(json["sealingKey"]!.GetValue<string>(), out var key));
        byte[] zeros = [.. new byte[1184], .. key[1184..]];
        byte[] coefficients = [.. Enumerable.Repeat((byte)0xFF, 1184), .. key[1184..]];
        foreach (var stripped in (byte[][])[key[1184..], key[..1184], zeros, coefficients, [.. key[..1184], .. new byte[32]]])
        {
            json["sealingKey"] = Base64UrlText.Encode(stripped);
            var parts = bundle.Split('.');
            parts[1] = Base64UrlText.Encode(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
            Assert.False(KeyBundle.TryVerify(string.Join('.', parts), bobs.Did, out _)); // the signature is over both halves
        }

        // Signed by somebody who has no such key: its form alone is refused.
        foreach (var (stripped, isGood) in (ReadOnlySpan<(byte[], bool)>)[(key, true), (key[1184..], false), (coefficients, false), ([.. key[..1184], .. new byte[32]], false)])
        {
            json["sealingKey"] = Base64UrlText.Encode(stripped);
            json["sub"] = Cryptography.Dids.Did.Of(Signer.PublicKey).ToString();
            Assert.Equal(isGood, KeyBundle.TryVerify(Sign(JwsKind.KeyBundle, json.ToJsonString()), Cryptography.Dids.Did.Of(Signer.PublicKey), out _));
        }
    }

    [Fact]
    public async Task D11_an_invitation_is_taken_once_and_an_acceptance_counts_once()
    {
        var made = await _scene.Alice.Relationships.InviteAsync("Frank", cancellationToken: Cancellation);
        var link = made.DangerousLink.ToString();
        var (frank, grace) = (await _scene.NewPersonAsync(), await _scene.NewPersonAsync());
        await frank.Relationships.AcceptAsync(link.AsMemory(), "Alice", Cancellation);
        await grace.Relationships.AcceptAsync(link.AsMemory(), "Alice", Cancellation); // nobody has confirmed anything yet
        var received = (await _scene.Hostile.Proxy.RecordAsync(() => _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)))
            .Answers(Letters).SelectMany(answer => answer["letters"]!.AsArray()).Select(letter => letter!.DeepClone()).ToList();
        Assert.Equal(2, received.Count);
        await frank.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(RelationshipStatus.Established, (await WithAsync(frank, "Alice")).Status);
        var news = await grace.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(RelationshipStatus.Accepted, (await WithAsync(grace, "Alice")).Status);
        Assert.Empty(news.Established);

        // Again, and by others: to whoever has the link it is worth nothing now.
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => _scene.Bob.Relationships.AcceptAsync(link.AsMemory(), "Alice again", Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => _scene.Alice.Relationships.AcceptAsync(link.AsMemory(), "Myself", Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => frank.Relationships.AcceptAsync(link.AsMemory(), "Alice again", Cancellation));
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Letters)
                answer.Edit(json => json["letters"] = new JsonArray([.. answer.Target.Contains("after=0", StringComparison.Ordinal) ? received.Select(letter => letter.DeepClone()) : []]));
        };
        var before = (await WithAsync(_scene.Alice, "Frank")).OtherDid;
        Assert.Equal(2, (await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused.Count);
        Assert.Equal(before, (await WithAsync(_scene.Alice, "Frank")).OtherDid);

        // An acceptance for one DID is none for another's invitation.
        _scene.Hostile.TellTheTruth();
        var other = await _scene.Alice.Relationships.InviteAsync("Heidi", cancellationToken: Cancellation);
        received.ForEach(letter => letter["channel"] = other.Relationship.Item.State.Channel.ToString());
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Letters)
                answer.Edit(json => json["letters"] = new JsonArray([.. answer.Target.Contains("after=0", StringComparison.Ordinal) ? received.Select(letter => letter.DeepClone()) : []]));
        };
        Assert.Equal(2, (await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused.Count);
        Assert.Equal(RelationshipStatus.Invited, (await WithAsync(_scene.Alice, "Heidi")).Status);
    }

    [Fact]
    public async Task D12_what_was_taken_back_does_not_come_back()
    {
        var given = Assert.Single(await _scene.ShareAsync("Bob"));
        var letter = (await _scene.Hostile.Proxy.RecordAsync(() => _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)))
            .Answers(Channel).SelectMany(answer => answer["letters"]!.AsArray()).Single(letter => letter!["id"]!.GetValue<string>() == $"{given.Id}")!;
        Assert.True(Base64UrlText.TryDecode(letter["sealed"]!.GetValue<string>(), out var bytes));
        await _scene.Alice.Relationships.RevokeAsync(given, Cancellation);
        Assert.Contains(given.Id, (await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);

        _scene.ShowInChannel((given.Id.Value, bytes));
        await RefusesAsync(_scene.Bob);
        var held = (await _scene.Bob.Relationships.ListHeldAsync(Cancellation)).Single(held => held.Id == given.Id);
        Assert.Equal((ShareStates.Revoked, (KeyId?)null), (held.State, held.Record.Key));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => _scene.Bob.Relationships.OpenAsync(held, Cancellation));
    }

    /// <summary>Every letter with one byte changed, cut or longer, as the service may show it.</summary>
    [Fact]
    public async Task A_letter_that_was_altered_anywhere_is_refused_and_the_right_one_taken_afterwards()
    {
        var given = Assert.Single(await _scene.ShareAsync("Bob"));
        var letter = (await _scene.Hostile.Proxy.RecordAsync(() => SyncBlindAsync(_scene.Bob)))
            .Answers(Channel).SelectMany(answer => answer["letters"]!.AsArray()).Single(letter => letter!["id"]!.GetValue<string>() == $"{given.Id}")!;
        Assert.True(Base64UrlText.TryDecode(letter["sealed"]!.GetValue<string>(), out var bytes));
        foreach (var at in Enumerable.Range(0, 24).Select(part => part * (bytes.Length - 1) / 23))
        {
            var altered = bytes.ToArray();
            altered[at] ^= 1;
            _scene.Hostile.Proxy.Lie = answer => Replace(answer, altered, given.Id);
            await RefusesAsync(_scene.Bob);
        }

        foreach (var altered in (byte[][])[bytes[..^1], [.. bytes, 0], bytes[..100], [0]])
        {
            _scene.Hostile.Proxy.Lie = answer => Replace(answer, altered, given.Id);
            await RefusesAsync(_scene.Bob);
        }

        _scene.Hostile.TellTheTruth();
        Assert.Contains(given.Id, (await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
    }

    private static Ed25519PrivateKey Signer { get; } = Ed25519PrivateKey.Generate();

    private static Origin Parse(string text) => Origin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text);

    private static string Sign(JwsKind kind, string payload) => Jws.Sign(kind, System.Text.Encoding.UTF8.GetBytes(payload), Signer);

    private static string Payload(string jws) => Base64UrlText.TryDecode(jws.Split('.')[1], out var payload) ? System.Text.Encoding.UTF8.GetString(payload) : "";

    private static ShareStatement Read(string jws) => ShareStatement.TryRead(jws, out var statement) ? statement : throw new ArgumentException(jws);

    /// <summary>A share that is right in all that its sender can make right.</summary>
    private static (string Statement, byte[] Copy) Give(RelationshipKey from, KeyBundle to, RelationshipId relationship, ShareId share, SharingDataEncryptionKey dek)
    {
        var attribute = AttributeId.Generate();
        var copy = dek.Seal(relationship, share, SharedContent.OfAttribute(attribute, ItemAttribute.Text("iban", "XX00")), 1);
        return (
            from.Sign(new ShareStatement(
                from.Did, to.Subject, relationship, share, 1, ShareStates.Given, [attribute], new DateOnly(2026, 1, 31), null, to.SealingKeyName, dek.NameFor(relationship, share), Letter.HashOf(copy))),
            copy);
    }

    /// <summary>The first letter's box, the second one's copy.</summary>
    private static byte[] WithCopyOf(byte[] letter, byte[] other)
    {
        const int header = 1 + 16 + 4;
        return [.. letter[..End(letter)], .. other[End(other)..]];

        static int End(byte[] letter) => header + BinaryPrimitives.ReadInt32BigEndian(letter.AsSpan(header - 4));
    }

    private static void Replace(ProxiedAnswer answer, byte[] letter, ShareId? only = null)
    {
        if ($"{answer.Method} {answer.Path}" != Channel || answer.Status != 200)
            return;
        answer.Edit(json =>
        {
            foreach (var shown in json["letters"]!.AsArray().Where(shown => only is null || shown!["id"]!.GetValue<string>() == $"{only}"))
                shown!["sealed"] = Base64UrlText.Encode(letter);
        });
    }

    /// <summary>Asks, and is shown that there is nothing: the proxy has seen what there is.</summary>
    private async Task SyncBlindAsync(Client.Vault person)
    {
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Channel && answer.Status == 200)
                answer.Edit(json => json["letters"] = new JsonArray());
        };
        await person.Relationships.SyncAsync(cancellationToken: Cancellation);
        _scene.Hostile.TellTheTruth();
    }
}
