namespace Keyladder.Hosting.Objects;

/// <summary>Which object of an account. An id is there once, whatever its kind.</summary>
/// <param name="Id">Names the object.</param>
/// <param name="Kind">Null at a service whose objects are all of one kind.</param>
public readonly record struct ObjectName(Guid Id, string? Kind = null);
