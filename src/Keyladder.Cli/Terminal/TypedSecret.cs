using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.Cli.Terminal;

/// <summary>A secret that a person typed or a file held: characters in pinned memory, wiped on dispose, never a string.</summary>
internal sealed class TypedSecret : IDisposable
{
    public const int MaxLength = 8 * 1024;

    private readonly char[] _buffer = GC.AllocateArray<char>(MaxLength, pinned: true);
    private int _length;

    public ReadOnlySpan<char> Text => _buffer.AsSpan(0, _length);

    /// <summary>Asks on the terminal without showing what is typed.</summary>
    /// <param name="option">What names a file with it instead.</param>
    /// <exception cref="Failure">There is no terminal to ask on.</exception>
    public static TypedSecret Ask(string prompt, string option = "--secret-file")
    {
        if (Console.IsInputRedirected)
            throw Failure.Usage("There is no terminal to ask for the secret on.", $"Give a file with {option} FILE, or `-` for standard input.");
        var secret = new TypedSecret();
        try
        {
            Prompt.Type(prompt + ": ", secret.Take);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file, or standard input for <c>-</c>. One line end after the secret is not part of it.</summary>
    /// <param name="option">What named the file.</param>
    /// <param name="tooLong">What is said of more than <see cref="MaxLength"/>, where it is no secret's file; a long value can be a file's.</param>
    public static TypedSecret Read(string path, string option = "--secret-file", string? tooLong = null)
    {
        try
        {
            using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            var bytes = GC.AllocateArray<byte>(MaxLength, pinned: true);
            try
            {
                var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                if (length == bytes.Length)
                    throw tooLong is null
                        ? Failure.Usage("The secret's file is longer than any secret.", $"Check that {option} names the right file.")
                        : Failure.Usage(tooLong, "Give a long one with --file NAME=FILE.");
                return FromUtf8(bytes.AsSpan(0, length));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.NotFound, "The secret's file cannot be read.", $"Check the path given with {option} and who may read it.");
        }
    }

    public static TypedSecret FromUtf8(ReadOnlySpan<byte> utf8)
    {
        var secret = new TypedSecret();
        try
        {
            secret._length = new UTF8Encoding(false, throwOnInvalidBytes: true).GetChars(utf8, secret._buffer);
        }
        catch (ArgumentException)
        {
            throw Failure.Usage("The secret is not UTF-8 text.", "Save the file as plain UTF-8 text.");
        }

        if (secret._length > 0 && secret._buffer[secret._length - 1] == '\n')
            secret._length--;
        if (secret._length > 0 && secret._buffer[secret._length - 1] == '\r')
            secret._length--;
        return secret;
    }

    /// <summary>The secret as UTF-8. The caller wipes it.</summary>
    public byte[] ToUtf8()
    {
        var bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(Text), pinned: true);
        Encoding.UTF8.GetBytes(Text, bytes);
        return bytes;
    }

    public void Dispose() => Clear();

    private void Take(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Backspace)
            RemoveLast();
        else if (key.KeyChar == Prompt.ClearLine)
            Clear();
        else if (key.KeyChar != '\0')
            Append(key.KeyChar);
    }

    private void Clear()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_buffer.AsSpan()));
        _length = 0;
    }

    private void Append(char character)
    {
        if (_length == MaxLength)
            throw Failure.Usage("That is longer than any secret.", "Type the words, or the passphrase.");
        _buffer[_length++] = character;
    }

    private void RemoveLast()
    {
        if (_length > 0)
            _buffer[--_length] = '\0';
    }
}
