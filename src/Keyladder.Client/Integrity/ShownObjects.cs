using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>What a service shows under some names, in one form for all services. It is well-formed and nothing more.</summary>
/// <param name="Objects">Read one by one, so that an alarm about an object comes after those about the head.</param>
/// <param name="Head">The newest.</param>
/// <param name="Chain">Leads from it to the head that was asked from.</param>
/// <param name="Proof">One for all the names that were asked for.</param>
/// <param name="Events">Those that the head does not sign for yet.</param>
internal sealed record ShownObjects<TObject>(
    IEnumerable<TObject> Objects, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events)
    where TObject : class, IStoredObject;

/// <summary>What a service says has changed between two heads.</summary>
/// <param name="Changes">The leaf before and after; null for none.</param>
/// <param name="Objects">Those behind the new leaves, as far as the answer holds them; read one by one.</param>
/// <param name="Head">The newest.</param>
/// <param name="Chain">Leads from it to the head that was asked from.</param>
/// <param name="Proof">One for all the names that have changed.</param>
internal sealed record ShownChanges<TObject>(
    IEnumerable<(ObjectName Name, byte[]? Old, byte[]? New)> Changes, IEnumerable<TObject> Objects, string Head, string[] Chain, byte[] Proof)
    where TObject : class, IStoredObject;
