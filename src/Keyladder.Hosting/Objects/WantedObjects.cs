using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Objects;

/// <summary>The objects that a request names, as queries that a statement puts behind <c>IN</c>.</summary>
internal sealed class WantedObjects(IEnumerable<ObjectName> names, Func<ObjectName, Hash256> pathOf)
{
    public static readonly string EachId = Statement.EachOf("ids");

    public static readonly string EachPath = Statement.EachOf("paths");

    public IReadOnlySet<ObjectName> Names { get; } = names.ToHashSet();

    public IReadOnlyList<Hash256> Paths { get; } = [.. names.Select(pathOf)];

    public Statement AddTo(Statement statement)
    {
        statement.Add("ids", Names.Select(name => name.Id.ToString()));
        statement.Add("paths", Paths.Select(path => path.ToString()));
        return statement;
    }
}
