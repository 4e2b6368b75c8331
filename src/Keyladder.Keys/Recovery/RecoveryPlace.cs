using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Recovery;

/// <summary>What the Passphrase Store keeps of a person: no slot and no kit opens in the place of another.</summary>
/// <param name="Store">As clients enter it.</param>
/// <param name="Record">Random; made by the client.</param>
public sealed record RecoveryPlace(Origin Store, RecoveryRecordId Record);

/// <summary>What the Guardian keeps of the same person, under a name that says nothing.</summary>
/// <param name="Guardian">Its origin.</param>
/// <param name="Handle">Random; made by the client, anew at each change.</param>
public sealed record GuardianPlace(Origin Guardian, GuardianHandle Handle);
