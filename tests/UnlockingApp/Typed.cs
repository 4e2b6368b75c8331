using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.UnlockingApp;

/// <summary>A line of standard input, in memory that the collector does not move and that is wiped: what an app owes to what is typed.</summary>
internal sealed class Typed : IDisposable
{
    private const int Longest = 1024;

    private readonly char[] _characters = GC.AllocateArray<char>(Longest, pinned: true);
    private readonly int _length;

    private Typed(ReadOnlySpan<byte> utf8) => _length = Encoding.UTF8.GetChars(utf8, _characters);

    public ReadOnlySpan<char> Text => _characters.AsSpan(0, _length);

    public static Typed ReadLine(Stream input)
    {
        var line = GC.AllocateArray<byte>(Longest, pinned: true);
        try
        {
            var length = 0;
            while (input.Read(line.AsSpan(length, 1)) == 1 && line[length] != '\n')
                length++;
            return new Typed(line.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));
}
