using System.Data.Common;
using System.Reflection;
using Keyladder.Hosting.Problems;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Hosting.Storage;

/// <summary>Migrates before the service listens.</summary>
internal sealed class MigrationService(Database database, Assembly schema, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Migrations.RunAsync(database, schema, time, cancellationToken);
        }
        catch (DbException exception)
        {
            throw new StartupException(
                $"The database does not answer or refuses the schema ({exception.GetType().Name} {exception.SqlState}).",
                "Check that it runs, that its address is right and that the service's user may create tables.",
                exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
