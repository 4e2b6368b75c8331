using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create() => new Command("doctor", "Check that everything you own still opens").Does(async (parsed, cancellationToken) =>
    {
        var checks = (await parsed.AskAsync(new Doctor(), cancellationToken)).Checks!;
        Screen.Show(
            new JsonObject { ["checks"] = Screen.ToJson(checks) },
            () => Screen.Table(["WHAT", "", "PROBLEM"], checks.Select(check => new[] { check.What, check.Opens ? "opens" : "DOES NOT OPEN", check.Problem ?? "" })));
        var broken = checks.Count(check => !check.Opens);
        if (broken > 0)
            throw new Failure(ExitCode.Refused, $"{broken} of {checks.Length} do not open.", "Keep every device and backup that still holds them, and ask the operator for what went wrong.");
        Screen.Say($"All {checks.Length} open.");
    });
}
