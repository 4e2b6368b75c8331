using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// AES-256-GCM without additional data, nonce of 12 bytes and tag of 16 behind the ciphertext (NIST SP 800-38D). libsodium's where the
/// processor has the instructions: a new key costs it a tenth, a chunk half a microsecond less, and that is what the bounds of
/// docs/benchmarks.md turn on. The framework's elsewhere.
/// </summary>
internal sealed unsafe class Aes256Gcm : IDisposable
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private const int StateAlignment = 16;

    private readonly AesGcm? framework;
    private nint state;

    public Aes256Gcm(ReadOnlySpan<byte> key)
        : this(key, HasLibsodium)
    {
    }

    internal Aes256Gcm(ReadOnlySpan<byte> key, bool withLibsodium)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        if (withLibsodium)
        {
            state = (nint)NativeMemory.AlignedAlloc(StateLength, StateAlignment);
            Libsodium.crypto_aead_aes256gcm_beforenm(state, key);
        }
        else
        {
            framework = new AesGcm(key, TagLength);
        }
    }

    ~Aes256Gcm() => Release();

    internal static bool HasLibsodium { get; } = Libsodium.crypto_aead_aes256gcm_is_available() == 1;

    private static nuint StateLength { get; } = Libsodium.crypto_aead_aes256gcm_statebytes();

    /// <param name="sealedText">As long as the plaintext and the tag; may start where the plaintext does.</param>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> sealedText)
    {
        ThrowUnlessFitting(nonce, plaintext.Length, sealedText.Length);
        if (framework is not null)
        {
            framework.Encrypt(nonce, plaintext, sealedText[..plaintext.Length], sealedText[plaintext.Length..]);
            return;
        }

        Libsodium.crypto_aead_aes256gcm_encrypt_afternm(sealedText, 0, plaintext, (ulong)plaintext.Length, 0, 0, 0, nonce, state);
        GC.KeepAlive(this); // or the finalizer may free the state during the call
    }

    /// <param name="plaintext">Shorter than the sealed text by the tag; may start where it does.</param>
    /// <returns>False if the text is not genuine; the plaintext is zeroed then.</returns>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, Span<byte> plaintext)
    {
        ThrowUnlessFitting(nonce, plaintext.Length, sealedText.Length);
        var genuine = framework is null ? TryDecrypt(state, nonce, sealedText, plaintext) : TryDecrypt(framework, nonce, sealedText, plaintext);
        GC.KeepAlive(this);
        if (!genuine)
            CryptographicOperations.ZeroMemory(plaintext);
        return genuine;
    }

    public void Dispose()
    {
        framework?.Dispose();
        Release();
        GC.SuppressFinalize(this);
    }

    private static bool TryDecrypt(nint state, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, Span<byte> plaintext) =>
        Libsodium.crypto_aead_aes256gcm_decrypt_afternm(plaintext, 0, 0, sealedText, (ulong)sealedText.Length, 0, 0, nonce, state) == 0;

    private static bool TryDecrypt(AesGcm framework, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, Span<byte> plaintext)
    {
        try
        {
            framework.Decrypt(nonce, sealedText[..plaintext.Length], sealedText[plaintext.Length..], plaintext);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    // libsodium takes lengths on trust, and a state that is gone for a state.
    private void ThrowUnlessFitting(ReadOnlySpan<byte> nonce, int plaintextLength, int sealedLength)
    {
        ObjectDisposedException.ThrowIf(state == 0 && framework is null, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength, nameof(nonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealedLength, plaintextLength + TagLength, nameof(sealedLength));
    }

    private void Release()
    {
        if (state == 0)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)state, (int)StateLength));
        NativeMemory.AlignedFree((void*)state);
        state = 0;
    }
}
