using Keyladder.Samples.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// dotnet run --project samples/Worker -- /etc/payouts/payouts.key /var/lib/payouts
if (args is not [var keyFile, var stateFolder])
{
    Console.Error.WriteLine("Usage: Keyladder.Samples.Worker KEY-FILE STATE-FOLDER");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders(); // it says what it does itself, a line each
builder.Services.AddHostedService(services => new PayoutWorker(keyFile, stateFolder, services.GetRequiredService<IHostApplicationLifetime>()));
await builder.Build().RunAsync();
return Environment.ExitCode;
