using System.Text.Json;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class NotationVectors
{
    public static bool Fields(VectorCase vector)
    {
        JsonElement[] values = [.. vector.Json("values").EnumerateArray()];
        Field[] fields = [.. values.Skip(1).Select(Field)];
        vector.Gives("encoded", Cryptography.Fields.Encode(values[0].GetProperty("text").GetString()!, fields));
        return true;
    }

    public static bool Base64Url(VectorCase vector)
    {
        if (!Base64UrlText.TryDecode(vector.Text("text"), out var bytes))
            return false;
        vector.Gives("bytes", bytes);
        vector.Gives("text", Base64UrlText.Encode(bytes));
        return true;
    }

    public static bool Ids(VectorCase vector)
    {
        var text = vector.Text("text");
        Guid?[] read = [Read<AccountId>(text), Read<SlotId>(text), Read<KeyEncryptionKeyId>(text), Read<KeyId>(text), Read<DataId>(text), Read<SessionId>(text)];
        if (Assert.Single(read.Distinct()) is not { } id)
            return false;
        vector.Gives("bytes", id.ToByteArray(bigEndian: true));
        vector.Gives("text", new AccountId(id).ToString());
        return true;
    }

    private static Field Field(JsonElement value)
    {
        if (value.TryGetProperty("text", out var text))
            return text.GetString()!;
        if (value.TryGetProperty("integer", out var integer))
            return integer.GetInt64();
        if (value.TryGetProperty("bytes", out var bytes))
            return VectorCase.ReadBytes(bytes);
        Assert.True(KeyId.TryParse(value.GetProperty("id").GetString(), out var id));
        return id;
    }

    private static Guid? Read<TId>(string text)
        where TId : struct, IUuid<TId> => Uuid.TryParse<TId>(text, out var id) ? id.Value : null;
}
