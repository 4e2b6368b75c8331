using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>An object as a service keeps it: ciphertext, and the value of its leaf.</summary>
internal interface IStoredObject
{
    ObjectName Name { get; }

    /// <summary>Computed from all that is read of it (docs/spec/heads.md section 1).</summary>
    Hash256 Leaf { get; }
}

/// <summary>What one name holds before and after a write; null for nothing.</summary>
internal sealed record ObjectChange<TObject>(ObjectName Name, TObject? Last, TObject? Next)
    where TObject : class, IStoredObject;
