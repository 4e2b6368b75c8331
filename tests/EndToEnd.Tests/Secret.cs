using System.Text;
using Keyladder.Cryptography.Secrets;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests;

/// <summary>Something that must stand nowhere: a text in all forms of text, a key in all forms of bytes.</summary>
internal sealed record Secret(string Kind, byte[] Bytes, string? Text = null)
{
    public Secret(string kind, string text)
        : this(kind, Encoding.UTF8.GetBytes(text), text)
    {
    }

    public Secret(string kind, SecretBytes bytes)
        : this(kind, bytes.DangerousSpan.ToArray())
    {
    }

    public void Plant(Canaries canaries)
    {
        if (Text is null)
            canaries.Plant(Kind, Bytes);
        else
            canaries.Plant(Kind, Text);
    }
}
