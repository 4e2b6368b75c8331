using System.Collections.Concurrent;
using Keyladder.Client;
using Keyladder.Cryptography;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Samples.Worker;

/// <summary>
/// Pays out to the accounts that people share with it, for as long as they do. The values are in memory alone; what it writes, to standard output and into its folder, is ids and numbers.
/// </summary>
internal sealed class PayoutWorker(string keyFile, string stateFolder, IHostApplicationLifetime lifetime) : BackgroundService
{
    // What its operator has read and agreed to. Everything else it leaves unopened.
    private const string Terms = "For payouts only.";

    // By both: who shares chooses the share's id, and another one may have chosen the same.
    private readonly ConcurrentDictionary<(RelationshipId, ShareId), string> _accounts = [];
    private readonly PaidOut _paidOut = new(Path.Combine(stateFolder, "paid-out"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var receiver = new ShareReceiver(keyFile, stateFolder)
        {
            MayAccept = share => share.Terms == Terms,
            Receive = ReceiveAsync,
            Forget = Forget,
            Tell = told => Console.Error.WriteLine(told is KeyladderException e ? $"{e.Message} {e.NextStep}" : $"A payout failed ({told.GetType().Name})."),
            Pause = TimeSpan.FromSeconds(1),
        };
        try
        {
            KeyladderClient.ReadKeyFile(keyFile).Dispose(); // where it is not what it must be, it says so and has not started
            Console.WriteLine("started");
            await receiver.RunAsync(stoppingToken);
        }
        catch (KeyladderException e)
        {
            Console.Error.WriteLine($"{e.Message} {e.NextStep}");
            Environment.ExitCode = 1;
        }
        finally
        {
            _accounts.Clear();
            Console.WriteLine("stopped");
            lifetime.StopApplication();
        }
    }

    private async Task ReceiveAsync(ReceivedShare received, CancellationToken cancellationToken)
    {
        if (received.Content.Attributes.Select(attribute => attribute.Content).FirstOrDefault(attribute => attribute.Name == "iban") is not { } iban)
        {
            Console.WriteLine($"no iban in share {received.Id}, number {received.Number}");
            return;
        }

        _accounts[(received.Relationship, received.Id)] = iban.GetText();
        // It comes at least once: the same share and number again is no reason to pay again.
        Console.WriteLine(await _paidOut.TryAddAsync(received.Relationship, received.Id, received.Number, cancellationToken)
            ? $"paid out for share {received.Id}, number {received.Number}"
            : $"ready for share {received.Id}, number {received.Number}");
    }

    private Task Forget(HeldShare share, CancellationToken cancellationToken)
    {
        if (_accounts.TryRemove((share.Relationship, share.Id), out _))
            Console.WriteLine($"forgot share {share.Id}");
        return Task.CompletedTask;
    }
}
