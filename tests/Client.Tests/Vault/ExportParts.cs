using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>The members of a Vault's export, to be edited.</summary>
public sealed record ExportParts(List<(string Name, byte[] Bytes)> Members)
{
    public static ExportParts Of(byte[] export)
    {
        var members = new List<(string, byte[])>();
        var at = 0;
        while (TarHeader.Read(export.AsSpan(at, TarHeader.Size)) is var (name, length))
        {
            members.Add((name, export.AsSpan(at + TarHeader.Size, (int)length).ToArray()));
            at += TarHeader.Size + (int)length + TarHeader.Gap(length);
        }

        return new(members);
    }

    public byte[] this[string name]
    {
        get => Members[At(name)].Bytes;
        set => Members[At(name)] = (name, value);
    }

    public List<JsonObject> Lines
    {
        get => [.. Encoding.UTF8.GetString(this["vault.jsonl"]).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject())];
        set => this["vault.jsonl"] = Encoding.UTF8.GetBytes(string.Concat(value.Select(line => line.ToJsonString() + "\n")));
    }

    public int At(string name) => Members.FindIndex(member => member.Name == name);

    public byte[] Bytes()
    {
        using var written = new MemoryStream();
        foreach (var (name, bytes) in Members)
        {
            written.Write(TarHeader.Create(name, bytes.Length));
            written.Write(bytes);
            written.Write(new byte[TarHeader.Gap(bytes.Length)]);
        }

        written.Write(new byte[2 * TarHeader.Size]);
        return written.ToArray();
    }

    public static string Id(JsonObject line) => line["id"]!.GetValue<string>();

    public static void Flip(JsonNode node, string member)
    {
        var bytes = Base64Url.DecodeFromChars(node[member]!.GetValue<string>());
        bytes[^1] ^= 1;
        node[member] = Base64Url.EncodeToString(bytes);
    }
}
