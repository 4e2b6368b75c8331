namespace Keyladder.Protocol;

// The bodies of docs/spec/witness.md section 2.

/// <param name="Sequence">One more than that of the witness to replace; any where there is none.</param>
/// <param name="Sealed">The envelope.</param>
public sealed record PutWitnessRequest(long Sequence, byte[] Sealed);

/// <summary>What the service keeps.</summary>
/// <param name="Sequence">0 where it keeps none.</param>
/// <param name="Sealed">The envelope; null where it keeps none.</param>
public sealed record WitnessResponse(long Sequence, byte[]? Sealed = null);
