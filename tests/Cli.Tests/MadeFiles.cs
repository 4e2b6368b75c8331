using System.Collections.Concurrent;

namespace Keyladder.Cli.Tests;

/// <summary>Notes the name of every file that is made in a folder, also of one that is gone again.</summary>
internal sealed class MadeFiles : IDisposable
{
    private readonly BlockingCollection<string> _names = [];
    private readonly FileSystemWatcher _watcher;

    public MadeFiles(DirectoryInfo folder)
    {
        _watcher = new(folder.FullName) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName };
        _watcher.Created += (_, file) => _names.Add(Path.GetFileName(file.FullPath));
        _watcher.Renamed += (_, file) => _names.Add(Path.GetFileName(file.FullPath));
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>All until now: a file of its own comes after them.</summary>
    public List<string> End()
    {
        File.Create(Path.Combine(_watcher.Path, "last")).Dispose();
        List<string> seen = [];
        while (true)
        {
            Assert.True(_names.TryTake(out var name, TimeSpan.FromSeconds(30)), "nothing is seen of what is made");
            if (name == "last")
                return seen;
            seen.Add(name);
        }
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _names.Dispose();
    }
}
