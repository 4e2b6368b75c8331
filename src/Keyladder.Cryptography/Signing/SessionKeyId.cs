namespace Keyladder.Cryptography.Signing;

/// <summary>Names a session and the key that signs its requests (docs/spec/sign-in.md section 3).</summary>
/// <param name="Generation">Which of the service's secrets the key follows from.</param>
/// <param name="Account">The owner, so that a service finds the session's row without an index of its own.</param>
/// <param name="Session">The session.</param>
public readonly record struct SessionKeyId(byte Generation, AccountId Account, SessionId Session)
{
    private const int UuidSize = 16;
    private const int Size = 1 + (2 * UuidSize);

    /// <summary>Reads the one form that <see cref="ToString"/> writes: 44 characters.</summary>
    public static bool TryParse(string? text, out SessionKeyId keyId)
    {
        keyId = default;
        if (!Base64UrlText.TryDecode(text, out var bytes)
            || bytes.Length != Size
            || !AccountId.TryParse(Uuid(bytes, 1), out var account)
            || !SessionId.TryParse(Uuid(bytes, 1 + UuidSize), out var session))
            return false;
        keyId = new SessionKeyId(bytes[0], account, session);
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Generation;
        Account.Value.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        Session.Value.TryWriteBytes(bytes[(1 + UuidSize)..], bigEndian: true, out _);
        return Base64UrlText.Encode(bytes);
    }

    private static string Uuid(byte[] bytes, int offset) => new Guid(bytes.AsSpan(offset, UuidSize), bigEndian: true).ToString("D");
}
