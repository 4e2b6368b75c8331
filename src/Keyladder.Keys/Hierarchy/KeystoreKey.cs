using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// A key that the Keystore keeps, wrapped by the KEK: a DEK or a keypair. It knows its state from the sealed overview, and each of its uses
/// asks here first whether the state allows it (docs/spec/key-hierarchy.md section 5).
/// </summary>
public abstract class KeystoreKey : IDisposable
{
    private readonly Lock stateChange = new();

    private protected KeystoreKey(AccountId account, KeyId id, KeyPurpose purpose, KeyState state, KeyService? service = null) =>
        (Account, Id, Purpose, State, Service) = (account, id, purpose, state, service);

    public KeyId Id { get; }

    public KeyPurpose Purpose { get; }

    public KeyState State { get; private set; }

    /// <summary>The account at another service that the key is for; null for the others.</summary>
    public KeyService? Service { get; }

    /// <summary>Of a keypair; null for a DEK.</summary>
    public virtual PublicKey? PublicKey => null;

    internal AccountId Account { get; }

    /// <summary>
    /// Follows a change of the key's state in this object, which otherwise keeps the one it was unwrapped with. It tells no service and no
    /// other device, and can only make the key stricter, or activate it.
    /// </summary>
    /// <exception cref="KeyStateException">That state does not follow the one the key has.</exception>
    public virtual void ChangeState(KeyState next)
    {
        lock (stateChange)
        {
            if (State != next)
                State = State.CanBecome(next) ? next : throw new KeyStateException(State, next);
        }
    }

    /// <summary>Whether the key bytes are gone: whoever keeps a list of the keys in use can drop this one.</summary>
    public bool IsDisposed { get; private set; }

    public void Dispose()
    {
        IsDisposed = true;
        Erase();
    }

    public override string ToString() => $"{GetType().Name} {Id}";

    /// <summary>The key bytes of docs/spec/key-hierarchy.md section 3; the caller disposes of them.</summary>
    internal abstract SecretBytes CopyKeyBytes();

    private protected abstract void Erase();

    private protected void RequireSealing(string what)
    {
        if (!State.AllowsSealing())
            throw new KeyStateException(State, $"{what} nothing");
    }

    private protected void RequireOpening()
    {
        if (!State.AllowsOpening())
            throw new KeyStateException(State, "opens nothing");
    }
}
