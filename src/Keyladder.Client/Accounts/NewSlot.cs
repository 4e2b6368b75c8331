using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// An unlock slot that is about to be added: what the service is to keep, what the head says of it, and the key that signs in with it.
/// </summary>
internal sealed class NewSlot : IDisposable
{
    private readonly SignInKey? _signInKey;
    private bool _handedOver;

    private NewSlot(SignInKey? signInKey, SlotMessage message, HeadSlot slot) => (_signInKey, Message, Slot) = (signInKey, message, slot);

    public SignInKey SignInKey => _signInKey ?? throw new InvalidOperationException("This slot is known without its secret.");

    public SlotMessage Message { get; }

    public HeadSlot Slot { get; }

    /// <summary>For an account that is signed up: its words come from a generator and are not typed yet.</summary>
    public static async Task<NewSlot> CreateAsync(KeyEncryptionKey kek, UnlockSecret secret, CancellationToken cancellationToken)
    {
        using var derived = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        return Create(kek, secret.SlotKind, derived);
    }

    /// <summary>Derives both, and lets the second open what the first has sealed.</summary>
    /// <exception cref="KeyladderException">It does not: the two are not the same secret.</exception>
    public static async Task<NewSlot> CreateAsync(
        KeyEncryptionKey kek, UnlockSecret secret, UnlockSecret typedAgain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(typedAgain);
        using var first = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        using var second = await PassphraseDerivedKey.DeriveAsync(typedAgain, cancellationToken).ConfigureAwait(false);
        var slot = Create(kek, secret.SlotKind, first);
        try
        {
            using var mek = second.DeriveMasterEncryptionKey();
            using var opened = mek.Unwrap(new Wrapped<KeyEncryptionKey>(slot.Message.Wrapped), kek.Account, slot.Slot.Id, kek.Id);
            return slot;
        }
        catch (OpenFailedException)
        {
            slot.Dispose();
            throw Failures.SecretsDiffer();
        }
    }

    /// <summary>The key is another's to dispose of from here on.</summary>
    public SignInKey HandOverSignInKey()
    {
        _handedOver = true;
        return SignInKey;
    }

    public void Dispose()
    {
        if (!_handedOver)
            _signInKey?.Dispose();
    }

    /// <summary>One that the service has kept before. Nothing here signs in with it.</summary>
    public static NewSlot Of(SlotMessage message, HeadSlot slot) => new(signInKey: null, message, slot);

    private static NewSlot Create(KeyEncryptionKey kek, string kind, PassphraseDerivedKey derived)
    {
        using var mek = derived.DeriveMasterEncryptionKey();
        var id = SlotId.Generate();
        var wrapped = mek.Wrap(kek, id).Envelope;
        var signInKey = new SignInKey(derived.DeriveSlotLocator(), derived.DeriveLoginKeypair());
        return new NewSlot(
            signInKey,
            new SlotMessage(id.Value, kind, signInKey.PublicKey.Bytes.ToArray(), wrapped, signInKey.Locator),
            new HeadSlot(id, kind, signInKey.PublicKey, Hash256.Of(wrapped)));
    }
}
