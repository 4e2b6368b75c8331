namespace Keyladder.Client;

/// <summary>Which service is spoken to. What a failure means to a person, and what they can do next, depends on it.</summary>
internal enum ServiceKind
{
    /// <summary>A person's secret signs in.</summary>
    Keystore,

    /// <summary>A keypair signs in that the person's Keystore keeps.</summary>
    Vault,

    /// <summary>A code by mail, or a key that follows from what a person recovers, speaks for a record.</summary>
    PassphraseStore,

    /// <summary>The second party to a Passphrase Store: a Keystore that is told neither account nor name.</summary>
    Guardian,
}
