using System.Globalization;

namespace Keyladder.Soak;

/// <summary>The command line.</summary>
/// <param name="Run">Which.</param>
/// <param name="Engine">sqlite or postgres, where the run has both.</param>
/// <param name="Count">Acknowledged writes, SIGKILLs, full or broken disks, failovers; null for the usual number.</param>
/// <param name="Limit">After which nothing new is begun.</param>
/// <param name="Seed">Of the clients' choices and the moments.</param>
internal sealed record Options(string Run, string Engine, int? Count, TimeSpan Limit, ulong Seed)
{
    public const string Help = """
        Usage: dotnet run -c Release --project soak/Keyladder.Soak -- RUN [--engine sqlite|postgres] [--count N] [--seconds N] [--seed N]

          clients       sixteen clients of one account write at once: one SQLite server, or three over one PostgreSQL (20000 acknowledged writes)
          kill          SIGKILL to a server under that load (50 times)
          disk-full     the database's disk fills up under that load, and has room again (10 times); needs to mount in a namespace
          disk-errors   each write of a transaction fails once; then writes fail at random under load (200 times); SQLite
          failover      PostgreSQL's primary is lost under that load, its synchronous standby promoted (10 times)

          devices       five devices, a process each, write to one Vault; connections are cut, devices and services killed (60 seconds)
          vault         a batch and an attachment at a Vault: SIGKILL at random moments (100 each), full disks (20 each); on SQLite each write
                        fails once, then kills the process (of at most 100 frames each)
          cuts          the connection is cut at every byte of a batch's request and answer, and of the parts of an attachment and their
                        answers, but for 1000 of each part's body; --count N for N places of each instead

          --engine      sqlite (the usual one) or postgres; postgres needs KEYLADDER_TEST_POSTGRES (tests/runner/with-postgres), disk-full and failover start their own
          --count N     another number
          --seconds N   after which nothing new is begun (600, of devices 60)
          --seed N      other choices and moments (1)
        """;

    /// <returns>Null if they are none.</returns>
    public static Options? Read(string[] arguments)
    {
        if (arguments is not ["clients" or "kill" or "disk-full" or "disk-errors" or "failover" or "vault" or "cuts" or "devices", ..] || arguments.Length % 2 == 0)
            return null;
        var options = new Options(arguments[0], "sqlite", null, arguments[0] == "devices" ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(10), 1);
        for (var at = 1; at < arguments.Length; at += 2)
        {
            var isNumber = int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            var next = arguments[at] switch
            {
                "--engine" when arguments[at + 1] is "sqlite" or "postgres" => options with { Engine = arguments[at + 1] },
                "--count" when isNumber => options with { Count = number },
                "--seconds" when isNumber => options with { Limit = TimeSpan.FromSeconds(number) },
                "--seed" when isNumber => options with { Seed = (ulong)number },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
        }

        return options;
    }
}
