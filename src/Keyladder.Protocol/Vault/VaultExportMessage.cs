namespace Keyladder.Protocol.Vault;

/// <summary>
/// The first line of <c>vault.jsonl</c> in a Vault's export (docs/spec/vault-export.md). An <see cref="ObjectMessage"/> stands on each line
/// that follows.
/// </summary>
/// <param name="Format"><see cref="Version1"/>.</param>
/// <param name="Account">The account's id at the Vault.</param>
/// <param name="Head">The newest head, which signs for every object that follows.</param>
public sealed record VaultExportMessage(string Format, Guid Account, string Head)
{
    public const string Version1 = "keyladder-vault/v1";
}
