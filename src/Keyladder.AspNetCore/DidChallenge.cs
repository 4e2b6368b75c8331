using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Dids;

namespace Keyladder.AspNetCore;

/// <summary>
/// What a challenge says once it is opened (docs/spec/did-sign-in.md section 4): u8(purpose) ‖ u64(milliseconds) ‖ 32 random bytes ‖ SHA-256
/// of the browser's value ‖ the user's id, UTF-8. It stands nowhere else: the app keeps nothing of a challenge that it hands out.
/// </summary>
internal sealed record DidChallenge(DidSignInPurpose Purpose, DateTimeOffset Made, byte[] BrowserHash, string UserId)
{
    private const int RandomSize = 32;
    private const int RandomOffset = 1 + sizeof(long);
    private const int BrowserOffset = RandomOffset + RandomSize;
    private const int UserOffset = BrowserOffset + SHA256.HashSizeInBytes;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(5);

    /// <summary>By how much the clock of another node of the app may be ahead.</summary>
    public static TimeSpan NodeSkew { get; } = TimeSpan.FromMinutes(1);

    public byte[] Encode()
    {
        byte[] bytes = [.. new byte[BrowserOffset], .. BrowserHash, .. StrictUtf8.GetBytes(UserId)];
        bytes[0] = (byte)Purpose;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Made.ToUnixTimeMilliseconds());
        RandomNumberGenerator.Fill(bytes.AsSpan(RandomOffset, RandomSize));
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote and the app itself sealed.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DidChallenge? challenge)
    {
        challenge = null;
        if (bytes.Length < UserOffset || !Enum.IsDefined((DidSignInPurpose)bytes[0]))
            return false;
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (milliseconds < 0 || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return false;
        try
        {
            challenge = new DidChallenge(
                (DidSignInPurpose)bytes[0],
                DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
                bytes[BrowserOffset..UserOffset].ToArray(),
                StrictUtf8.GetString(bytes[UserOffset..]));
            return true;
        }
        catch (ArgumentException)
        {
            // Not UTF-8.
            return false;
        }
    }

    public bool IsGoodAt(DateTimeOffset now) => now - Made <= Lifetime && Made - now <= NodeSkew;

    public bool IsOf(byte[] browser) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(browser), BrowserHash);
}
