using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// An account that is about to be signed up: everything made, nothing sent. It can be sent again and is the same account.
/// </summary>
internal sealed class NewAccount : IDisposable
{
    private readonly KeyEncryptionKey _kek;
    private readonly IdentityKeypair _identity;
    private readonly NewSlot _slot;
    private readonly StoredKey _storedIdentity;
    private readonly SignedHead<KeystoreHead> _head;
    private bool _handedOver;

    private NewAccount(KeyEncryptionKey kek, IdentityKeypair identity, StoredKey storedIdentity, NewSlot slot, DateOnly today)
    {
        (_kek, _identity, _storedIdentity, _slot) = (kek, identity, storedIdentity, slot);
        _head = _identity.Sign(FirstHead(today));
    }

    public static async Task<NewAccount> CreateAsync(UnlockSecret secret, DateOnly today, CancellationToken cancellationToken)
    {
        var kek = KeyEncryptionKey.Generate(AccountId.Generate());
        try
        {
            var slot = await NewSlot.CreateAsync(kek, secret, cancellationToken).ConfigureAwait(false);
            var identity = IdentityKeypair.Generate(kek.Account);
            var overview = kek.SealOverview(identity.Id, KeyOverview.Of(identity, label: null, today), 1);
            return new NewAccount(kek, identity, new StoredKey(identity.Id, kek.Id, 1, overview, kek.Wrap(identity).Envelope), slot, today);
        }
        catch
        {
            kek.Dispose();
            throw;
        }
    }

    /// <summary>
    /// An account that was at another service: the same id, KEK and identity keypair, in a slot and a history of its own. What opened of
    /// the export is the new account's from here on.
    /// </summary>
    public static async Task<NewAccount> CreateAsync(
        ExportedAccount export, UnlockSecret secret, DateOnly today, CancellationToken cancellationToken)
    {
        var slot = await NewSlot.CreateAsync(export.Trust.Kek, secret, cancellationToken).ConfigureAwait(false);
        var trust = export.HandOver();
        return new NewAccount(trust.Kek, trust.Identity, export.Identity, slot, today);
    }

    /// <param name="client">The service.</param>
    /// <param name="invitation">Null where the person brings none.</param>
    /// <param name="admission">Null where the person brings none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UnlockedAccount> SignUpAsync(
        KeyladderClient client, InvitationCode? invitation, string? admission, CancellationToken cancellationToken)
    {
        var session = await _slot.SignInKey.SignUpAsync(
            client.Http,
            assertion => Request(assertion) with { Invitation = invitation?.DangerousSpan.ToArray(), Admission = admission },
            ProtocolJson.Default.SignUpRequest,
            cancellationToken).ConfigureAwait(false);
        if (session.KeyId.Account != _kek.Account)
        {
            session.Dispose();
            throw new IntegrityException(
                Alarm.ObjectInvalid, "the session", "The service signed up another account than the one it was sent.");
        }

        // Acknowledged: no cancellation from here on, so that this device does not forget what it has been promised.
        var pin = HeadChain.Verify(HeadPin.None, _head, [], _kek.Account, _identity.PublicKey) with { Restored = session.Restored };
        await client.Pins.TryReplaceAsync(_kek.Account, HeadPin.None, pin, CancellationToken.None).ConfigureAwait(false);
        _handedOver = true;
        var account = new UnlockedAccount(
            client, new SignedConnection(client.Http, _slot.HandOverSignInKey(), session), new KeystoreTrust(_kek, _identity, _slot.Slot));
        account.UnlockMethods.Hold(_slot.Message);
        return account;
    }

    public void Dispose()
    {
        _slot.Dispose();
        if (_handedOver)
            return;
        _identity.Dispose();
        _kek.Dispose();
    }

    private SignUpRequest Request(string assertion) =>
        new(_kek.Account.Value, assertion, _slot.Message, [_storedIdentity.ToMessage()], _head.Jws);

    private KeystoreHead FirstHead(DateOnly today) => new()
    {
        Account = _kek.Account,
        Number = 1,
        Day = today,
        KeyEncryptionKey = _kek.Id,
        Epoch = 1,
        Identity = new HeadIdentity(_identity.Id, _identity.PublicKey),
        Slots = [_slot.Slot],
        Count = 1,
        Root = SparseMerkleTree.ComputeRoot(new Dictionary<Hash256, Hash256> { [KeyLeaf.Path(_identity.Id)] = _storedIdentity.Leaf }),
        Links = [],
    };
}
