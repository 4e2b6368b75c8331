using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Dids;

namespace Keyladder.Cli.Commands;

/// <summary>Needs no account and no service: the DID is the key, or its document is asked for.</summary>
internal static class VerifyCommand
{
    private const int LongestSignature = 4 * 1024;

    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "What was signed (default: standard input)", Arity = ArgumentArity.ZeroOrOne };
        var did = new Option<string>("--did") { Description = "Whose signature it must be", HelpName = "DID", Required = true };
        var signature = new Option<string?>("--signature") { Description = "The signature (default: FILE.sig)", HelpName = "SIG" };
        return new Command("verify", "Check a signature against a DID") { file, did, signature }.Does(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file);
            var signaturePath = parsed.GetValue(signature) ?? (path is null or "-"
                ? throw Failure.Usage("Standard input has no signature beside it.", "Name it with --signature SIG.")
                : path + ".sig");
            var text = await ReadSignatureAsync(signaturePath, cancellationToken);
            var signer = (await DidLookup.ResolveAsync(parsed.GetRequiredValue(did), cancellationToken)).Document!;
            if (!SignedContent.TryVerifyStatement(text, signer, out var statement))
                throw Refused("This is not a signature by that DID.");

            await using var content = FileTransfer.OpenInput(path);
            if (!await TransferProgress.ShowAsync("Verifying", content, counted => statement.MatchesAsync(counted, cancellationToken)))
                throw Refused("The DID signed something else than this content.");
            Screen.Show(
                new JsonObject { ["did"] = signer.Id.ToString(), ["issuedAt"] = statement.IssuedAt },
                () => Console.Out.WriteLine($"Verified: signed by {signer.Id}, by its own clock at {When(statement.IssuedAt)}."));
        });
    }

    /// <summary>The signer chose the number, up to 2^53 (docs/spec/README.md). No calendar here reaches as far, and the signature is valid all the same.</summary>
    internal static string When(long secondsSinceEpoch) => secondsSinceEpoch <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds(secondsSinceEpoch).ToString("u", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"second {secondsSinceEpoch} since 1970, which is no date");

    private static async Task<string> ReadSignatureAsync(string path, CancellationToken cancellationToken)
    {
        await using var input = FileTransfer.OpenInput(path);
        var bytes = new byte[LongestSignature];
        var length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.ASCII.GetString(bytes, 0, length).TrimEnd('\r', '\n');
    }

    private static Failure Refused(string what) => new(ExitCode.Refused, what, "Do not trust the content; ask the signer for content and signature again.");
}
