using Keyladder.Cryptography.Signing;

namespace Keyladder.PassphraseStore.Records;

/// <summary>The Guardian that new records name.</summary>
internal sealed record RecordGuardian(Origin Origin);
