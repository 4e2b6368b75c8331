using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.PassphraseStore.Codes;

/// <summary>A code that was right a moment ago.</summary>
internal sealed record CheckedCode(byte[] Index, string Purpose, byte[] Mac)
{
    /// <summary>Of all that bring it at once, one.</summary>
    /// <exception cref="ProblemException">It has been spent, or another one has come after it.</exception>
    public async Task SpendAsync(Transaction transaction, CancellationToken cancellation)
    {
        var spent = await transaction.ExecuteAsync(
            new Statement("DELETE FROM codes WHERE username_index = @index AND purpose = @purpose AND mac = @mac;") { { "index", Index }, { "purpose", Purpose }, { "mac", Mac } }, cancellation);
        if (spent != 1)
            throw Problem.SignInFailed();
    }
}
