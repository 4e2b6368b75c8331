namespace Keyladder.Hosting.Objects;

/// <summary>A write as every service understands it, once its form has been checked.</summary>
/// <param name="Head">The head that it brings.</param>
/// <param name="Put">Each with the leaf that the caller saw in its place; null where it saw none.</param>
/// <param name="Delete">Likewise.</param>
public sealed record ObjectWrite<TObject>(string Head, IReadOnlyList<PutObject<TObject>> Put, IReadOnlyList<DeleteObject> Delete)
    where TObject : class;

public sealed record PutObject<TObject>(TObject Object, byte[]? Replaces)
    where TObject : class;

public sealed record DeleteObject(ObjectName Name, byte[] Replaces);
