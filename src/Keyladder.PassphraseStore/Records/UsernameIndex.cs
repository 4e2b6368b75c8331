using Keyladder.Hosting.Recovery;

namespace Keyladder.PassphraseStore.Records;

/// <summary>By what the database finds a username: derived from it with the at-rest secret, which is outside of the database (docs/spec/passphrase-store.md section 5).</summary>
internal sealed class UsernameIndex(AtRestSecret secret)
{
    private const int Size = 32;

    /// <returns>32 bytes.</returns>
    public byte[] Of(Username username) => secret.Derive("recovery/v1/username-index", username.Bytes, Size);
}
