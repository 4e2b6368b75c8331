using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class VaultCommand
{
    public static Command Create() => new("vault", "Make the account's Vault, see where it is and what happened there") { Make(), List(), AuditCommand.OfVault() };

    private static Command Make()
    {
        var address = new Argument<string>("ADDRESS") { Description = "The Vault's address" };
        return new Command("create", "Make an account at a Vault; its keys are kept with the others") { address, InvitationInput.InvitationFile }
            .Does(async (parsed, cancellationToken) =>
            {
                var profile = parsed.Profile();
                var request = new CreateVault(ServiceAddress.Of(parsed.GetRequiredValue(address), profile));
                var invitation = parsed.GetValue(InvitationInput.InvitationFile) is { } file ? ReadInvitation(file) : [];
                using var wiped = new Wiped(invitation);
                using var input = new MemoryStream(invitation, writable: false);
                var answer = await AgentConnection.AskAsync(profile, request, input, Stream.Null, cancellationToken);
                Screen.Show(
                    new JsonObject { ["vault"] = answer.Vaults![0], ["account"] = answer.Account },
                    () => Screen.Say($"The Vault at {answer.Vaults[0]} is made, and open. Put something in: keyladder item add NAME --attribute password"));
            });
    }

    private static Command List() => new Command("list", "List the addresses of the account's Vaults").Does(async (parsed, cancellationToken) =>
    {
        var vaults = (await parsed.AskAsync(new ListVaults(), cancellationToken)).Vaults!;
        Screen.Show(
            new JsonObject { ["vaults"] = new JsonArray([.. vaults.Select(vault => (JsonNode)vault)]) },
            () => Array.ForEach(vaults, Console.Out.WriteLine));
    });

    private static byte[] ReadInvitation(string file)
    {
        using var typed = TypedSecret.Read(file, InvitationInput.InvitationFile.Name);
        return typed.ToUtf8();
    }
}
