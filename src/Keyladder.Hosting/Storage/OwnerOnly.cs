namespace Keyladder.Hosting.Storage;

/// <summary>Files of a service that nobody but its user may read or write.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">There is one already, or it cannot be made.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        return new FileStream(path, options);
    }

    /// <param name="name">What it is to an operator.</param>
    /// <exception cref="StartupException">It is open to others.</exception>
    public static void Require(string path, string name)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Mode) != 0)
            throw new StartupException($"The {name} {path} is open to others.", $"Run: chmod 600 {path}");
    }
}
