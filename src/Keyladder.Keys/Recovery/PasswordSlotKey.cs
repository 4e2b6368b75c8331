using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Recovery;

/// <summary><c>s</c>: follows from the password and from what both services evaluate, and wraps the recovery key in the password slot.</summary>
public sealed class PasswordSlotKey : IDisposable
{
    internal const int KeySize = 32;

    private readonly SecretBytes key;
    private readonly RecoveryPlace place;

    internal PasswordSlotKey(SecretBytes key, RecoveryPlace place) => (this.key, this.place) = (key, place);

    public Wrapped<RecoveryKey> Wrap(RecoveryKey recoveryKey)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        return recoveryKey.WrapUnder(key, Contexts.PasswordSlot(place));
    }

    /// <returns>False where the password is not the one that the slot was made with, or a service did not evaluate with its key.</returns>
    public bool TryUnwrap(Wrapped<RecoveryKey> slot, [NotNullWhen(true)] out RecoveryKey? recoveryKey)
    {
        ArgumentNullException.ThrowIfNull(slot);
        try
        {
            recoveryKey = Unwrap(slot);
            return true;
        }
        catch (OpenFailedException)
        {
            recoveryKey = null;
            return false;
        }
    }

    public void Dispose() => key.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(PasswordSlotKey);

    internal RecoveryKey Unwrap(Wrapped<RecoveryKey> slot) => RecoveryKey.UnwrapUnder(key, Contexts.PasswordSlot(place), slot);
}
