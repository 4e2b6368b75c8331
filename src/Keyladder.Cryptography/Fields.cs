using System.Buffers.Binary;
using System.Text;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Cryptography;

/// <summary>The <c>fields(…)</c> of docs/spec/README.md: injective for a given number of fields, which the label fixes.</summary>
public static class Fields
{
    /// <returns>For the label and then each field: its length as u32, and its bytes.</returns>
    /// <exception cref="EncoderFallbackException">A text holds a lone surrogate and has no UTF-8.</exception>
    public static byte[] Encode(string label, params ReadOnlySpan<Field> fields)
    {
        Field first = label;
        var length = sizeof(uint) + first.Bytes.Length;
        foreach (var field in fields)
            length = checked(length + sizeof(uint) + field.Bytes.Length);

        var encoded = new byte[length];
        var rest = Append(encoded, first);
        foreach (var field in fields)
            rest = Append(rest, field);
        return encoded;
    }

    /// <summary>Takes one field off the front of what <see cref="Encode"/> wrote; the label is the first.</summary>
    /// <param name="rest">Moves behind the field.</param>
    /// <param name="field">A part of <paramref name="rest"/>.</param>
    /// <returns>False, with nothing moved, where no whole field is left.</returns>
    public static bool TryRead(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> field)
    {
        field = default;
        if (rest.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(rest.Span) is var length && length > (uint)(rest.Length - sizeof(uint)))
            return false;
        field = rest.Slice(sizeof(uint), (int)length);
        rest = rest[(sizeof(uint) + (int)length)..];
        return true;
    }

    private static Span<byte> Append(Span<byte> target, Field field)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, (uint)field.Bytes.Length);
        field.Bytes.Span.CopyTo(target[sizeof(uint)..]);
        return target[(sizeof(uint) + field.Bytes.Length)..];
    }
}

/// <summary>One field: a text as UTF-8, an id as its 16 bytes, an integer as u64, bytes as they are. Made by conversion only.</summary>
public readonly struct Field
{
    // Replacing what has no UTF-8 would give two texts one encoding.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Field(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    internal ReadOnlyMemory<byte> Bytes { get; }

    public static implicit operator Field(byte[] bytes) => new(bytes);

    public static implicit operator Field(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator Field(string text) => new(StrictUtf8.GetBytes(text));

    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static implicit operator Field(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return new(bytes);
    }

    public static implicit operator Field(AccountId id) => Of(id.Value);

    public static implicit operator Field(SlotId id) => Of(id.Value);

    public static implicit operator Field(KeyEncryptionKeyId id) => Of(id.Value);

    public static implicit operator Field(KeyId id) => Of(id.Value);

    public static implicit operator Field(DataId id) => Of(id.Value);

    public static implicit operator Field(SessionId id) => Of(id.Value);

    public static implicit operator Field(ItemId id) => Of(id.Value);

    public static implicit operator Field(AttributeId id) => Of(id.Value);

    public static implicit operator Field(AttachmentId id) => Of(id.Value);

    public static implicit operator Field(RelationshipId id) => Of(id.Value);

    public static implicit operator Field(ChannelId id) => Of(id.Value);

    public static implicit operator Field(ShareId id) => Of(id.Value);

    public static implicit operator Field(RecoveryRecordId id) => Of(id.Value);

    public static implicit operator Field(GuardianHandle id) => Of(id.Value);

    public static implicit operator Field(Hash256 hash) => new(hash.ToArray());

    private static Field Of(Guid id) => new(id.ToByteArray(bigEndian: true));
}
