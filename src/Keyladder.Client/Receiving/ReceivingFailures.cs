namespace Keyladder.Client;

/// <summary>What the failures of a receiver say: one sentence what happened, one what to do.</summary>
internal static class ReceivingFailures
{
    public static KeyladderException TermsNotAllowed(HeldShare share) => Failures.NotAllowed(
        $"Share {share.Id} in relationship {share.Relationship} has terms that this application may not accept; it was not opened.",
        "Read them with `keyladder share show`, with the application's account; then let the application accept them, or ask for others.");

    public static KeyladderException NotOneVault(int count) => new(
        FailureReason.NotFound,
        count == 0 ? "The application's account has no Vault." : $"The application's account has {count} Vaults, and it is not clear where others share with it.",
        count == 0 ? "Make one with `keyladder vault create`, with the application's account." : "Give the application an account with one Vault alone.");
}
