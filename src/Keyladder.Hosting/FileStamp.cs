namespace Keyladder.Hosting;

/// <summary>
/// Tells whether a file that an operator replaces while the service runs is still the one that was read. Looked at when it matters instead of watched: notices get lost where a file
/// is a link that is pointed elsewhere, which is how certificates and mounted secrets are renewed.
/// </summary>
internal readonly record struct FileStamp(DateTime Written, long Length)
{
    /// <returns>Of what the path leads to, through links; null where that cannot be read.</returns>
    public static FileStamp? Of(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return new(File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
