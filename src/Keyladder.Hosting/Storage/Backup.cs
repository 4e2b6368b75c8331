using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Keyladder.Hosting.Recovery;
using Keyladder.Storage;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// One service's tables as one SQLite file, from either engine and into either (docs/decisions/0013-backup-and-restore.md). What passes by itself is not in it: sessions, spent nonces,
/// counters, and what the service names besides.
/// </summary>
public sealed class Backup : IAsyncDisposable
{
    private const int RowsAtOnce = 500;
    private const string Versions = "schema_versions", Restores = "restores", Sessions = "sessions";
    private static readonly string[] Passing = [Sessions, "spent_nonces", "limits"];

    // A service that nobody uses has rows here: it has been started, strangers have guessed at what is not there.
    private static readonly string[] NotHeld = ["at_rest_secrets", Guesses.Table, Guesses.TotalTable];

    private readonly DirectoryInfo folder;

    private Backup(DirectoryInfo folder, Database database, long schema) => (this.folder, Database, Schema) = (folder, database, schema);

    /// <summary>A copy of the file's tables, in the schema of this program.</summary>
    public Database Database { get; }

    /// <summary>The schema that the file is in.</summary>
    public long Schema { get; }

    /// <summary>Writes what the database holds at one moment, while others go on writing. It appears under its name when it is whole and has been checked, and replaces nothing.</summary>
    /// <param name="schema">The assembly that holds the service's migrations.</param>
    /// <param name="passing">Tables of the service that are left out besides the usual ones.</param>
    /// <param name="check">Looks through the file before it gets its name.</param>
    /// <exception cref="StartupException">There is such a file, it cannot be written, or the database is newer than the program, or none.</exception>
    public static async Task<T> WriteAsync<T>(
        Database source, Assembly schema, string file, IReadOnlyCollection<string> passing, Func<Backup, Task<T>> check, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(check);
        if (File.Exists(file))
            throw new StartupException($"There is a file {file} already.", "Name another, such as one with the day in it: a backup replaces nothing.");
        var temporary = $"{Path.GetFullPath(file)}.{Path.GetRandomFileName()}";
        try
        {
            SqliteEngine.CreateForOwner(temporary);
            await FillAsync(source, schema, temporary, passing, time, cancellation);
            T result;
            await using (var written = await OpenAsync(temporary, schema, time, cancellation))
                result = await check(written);
            SqliteEngine.FlushToDisk(temporary);
            File.Move(temporary, file, overwrite: false);
            FolderFlush.Of(file);
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The backup {file} cannot be written.", "Check that its folder exists, has room, and may be written by the user that runs this.", e);
        }
        catch (DbException e)
        {
            throw new StartupException(
                $"The database cannot be read, or the backup not be written ({e.GetType().Name}{(e.SqlState is { } state ? $" {state}" : "")}).",
                "Check the settings, that the service has been started once, and that the backup's folder exists and has room.", e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Opens a copy of a backup, in the schema of this program. The file itself is only read.</summary>
    /// <exception cref="StartupException">It is none, is damaged, or is newer than the program.</exception>
    public static async Task<Backup> OpenAsync(string file, Assembly schema, TimeProvider time, CancellationToken cancellation)
    {
        if (File.Exists($"{file}-wal"))
            throw new StartupException($"{file} is a database in use, not a backup.", "Make a backup of it: keyladder-server backup FILE.");
        var folder = Directory.CreateTempSubdirectory("keyladder-");
        Database? database = null;
        try
        {
            var copy = Path.Combine(folder.FullName, "backup");
            File.Copy(file, copy);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            database = Database.OpenFile(copy);
            var version = await CheckFileAsync(database, cancellation);
            if (version > Migrations.Newest(schema, database))
            {
                throw new StartupException(
                    string.Create(CultureInfo.InvariantCulture, $"The backup has schema {version}, this program knows schema {Migrations.Newest(schema, database)} and no later one."),
                    "Use the program that made it, or a newer one.");
            }

            await Migrations.RunAsync(database, schema, time, long.MaxValue, keepBefore: false, cancellation);
            return new Backup(folder, database, version);
        }
        catch (Exception e)
        {
            if (database is not null)
                await database.DisposeAsync();
            folder.Delete(recursive: true);
            throw e switch
            {
                IOException or UnauthorizedAccessException => new StartupException(
                    $"The backup {file} cannot be read or copied to {Path.GetTempPath()}.", "Check its name and its owner; TMPDIR names another folder for the copy.", e),
                DbException => Damaged(e),
                _ => e,
            };
        }
    }

    /// <summary>
    /// Puts what the backup holds into the place of what the database holds: all of it, or nothing has changed. Every session ends; spent nonces, counters and the service's own passing
    /// tables stay as they are now; rows of <paramref name="kept"/> are added to those that are there. Free guesses are used up. The restore number rises.
    /// </summary>
    /// <param name="passing">As when the backup was made.</param>
    /// <param name="kept">Tables whose rows must not be forgotten, because each is something spent.</param>
    /// <param name="replace">Whether the database may hold something.</param>
    /// <exception cref="StartupException">It holds something and may not.</exception>
    public Task RestoreAsync(
        Database target, IReadOnlyCollection<string> passing, IReadOnlyCollection<string> kept, bool replace, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(time);
        return target.WriteAsync(
            async to =>
            {
                await using var connection = await Database.Engine.OpenAsync(cancellation);
                await using var snapshot = await Database.Engine.BeginSnapshotAsync(connection.Inner, cancellation);
                var from = new Transaction(connection, snapshot);
                var all = await TablesAsync(from, cancellation);
                var tables = all.Where(table => !IsPassing(table.Name, passing) && table.Name != Restores).ToList();
                var isFilled = false;
                foreach (var table in tables)
                    isFilled |= !kept.Contains(table.Name) && !NotHeld.Contains(table.Name) && await to.QueryAsync(new Statement($"SELECT 1 FROM {table.Name} LIMIT 1;"), async rows => (await rows.ListAsync(_ => 1, cancellation)).Count > 0, cancellation);
                if (isFilled && !replace)
                {
                    throw new StartupException(
                        "The database that the settings name holds accounts.", "To lose them for what the backup holds: make a backup of them, then run the command with --replace.");
                }

                if (all.Exists(table => table.Name == Sessions)) // not every service has them
                    await to.ExecuteAsync(new Statement($"DELETE FROM {Sessions};"), cancellation);
                foreach (var table in tables)
                {
                    if (!kept.Contains(table.Name))
                        await to.ExecuteAsync(new Statement($"DELETE FROM {table.Name};"), cancellation);
                    await CopyAsync(from, to, table, kept.Contains(table.Name) ? "ON CONFLICT DO NOTHING" : "", cancellation);
                }

                // What was guessed since the backup is not known any more.
                if (tables.Exists(table => table.Name == Guesses.Table))
                    await to.ExecuteAllAsync(Guesses.UseUp(time.GetUtcNow()), cancellation);

                // Not below the time: a number that was lost with the database must not be given again.
                var number = 1 + Math.Max(await RestoreNumberAsync(from, cancellation), await RestoreNumberAsync(to, cancellation));
                await to.ExecuteAsync(
                    new Statement($"DELETE FROM {Restores}; INSERT INTO {Restores} (number) VALUES (@number);") { { "number", Math.Max(number, time.GetUtcNow().ToUnixTimeSeconds()) } }, cancellation);
                return true;
            },
            cancellation);
    }

    /// <summary>What is said of a file that is not as it was written.</summary>
    public static StartupException Damaged(Exception? inner = null, string what = "is damaged, or is no backup of this service") =>
        new($"The backup {what}.", "Take another one. Nothing has been changed.", inner);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static async Task FillAsync(Database source, Assembly schema, string file, IReadOnlyCollection<string> passing, TimeProvider time, CancellationToken cancellation)
    {
        await using var connection = await source.Engine.OpenAsync(cancellation);
        await using var snapshot = await source.Engine.BeginSnapshotAsync(connection.Inner, cancellation);
        var from = new Transaction(connection, snapshot);
        var version = await Migrations.VersionAsync(from, cancellation);
        await using var target = Database.OpenFile(file);
        if (version > Migrations.Newest(schema, target))
        {
            throw new StartupException(
                string.Create(CultureInfo.InvariantCulture, $"The database has schema {version}, this program knows schema {Migrations.Newest(schema, target)} and no later one."),
                "Make the backup with the program that runs the service.");
        }

        await Migrations.RunAsync(target, schema, time, version, keepBefore: false, cancellation);
        await target.WriteAsync(
            async to =>
            {
                foreach (var table in await TablesAsync(to, cancellation))
                {
                    if (!IsPassing(table.Name, passing))
                        await CopyAsync(from, to, table, "", cancellation);
                }

                return true;
            },
            cancellation);

        // One file, that can be read where nothing can be written.
        await using var last = await target.Engine.OpenAsync(cancellation);
        await last.Command(new Statement("PRAGMA journal_mode = DELETE;"), transaction: null).ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<long> CheckFileAsync(Database database, CancellationToken cancellation)
    {
        await using var connection = await database.Engine.OpenAsync(cancellation);
        await using var snapshot = await database.Engine.BeginSnapshotAsync(connection.Inner, cancellation);
        var work = new Transaction(connection, snapshot);
        var findings = await work.QueryAsync(new Statement("PRAGMA integrity_check;"), rows => rows.ListAsync(row => row.GetString(0), cancellation), cancellation);
        return findings is ["ok"] && await Migrations.VersionAsync(work, cancellation) is > 0 and var version ? version : throw Damaged();
    }

    private static async Task<long> RestoreNumberAsync(Transaction work, CancellationToken cancellation) => (await work.QueryAsync(
        new Statement($"SELECT number FROM {Restores};"), rows => rows.ListAsync(row => row.GetInt64(0), cancellation), cancellation)).SingleOrDefault();

    private static bool IsPassing(string table, IReadOnlyCollection<string> passing) => Passing.Contains(table) || passing.Contains(table);

    // From SQLite, on whose side every copy has one end: both engines have the same tables and columns.
    private static async Task<List<Table>> TablesAsync(Transaction work, CancellationToken cancellation)
    {
        var columns = await work.QueryAsync(
            new Statement("""
                SELECT tables.name, columns.name, upper(columns.type) FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
                WHERE tables.type = 'table' ORDER BY tables.name, columns.cid;
                """),
            rows => rows.ListAsync(row => (Table: row.GetString(0), Column: new Column(row.GetString(1), TypeOf(row.GetString(2)))), cancellation),
            cancellation);
        var parents = (await work.QueryAsync(
            new Statement("""
                SELECT tables.name, keys."table" FROM sqlite_schema AS tables JOIN pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table';
                """),
            rows => rows.ListAsync(row => (Table: row.GetString(0), Parent: row.GetString(1)), cancellation),
            cancellation)).ToLookup(key => key.Table, key => key.Parent);
        // What others point to comes before them.
        return
        [
            .. columns.GroupBy(column => column.Table, column => column.Column).Where(table => table.Key != Versions).OrderBy(table => Depth(table.Key))
                .Select(table => new Table(table.Key, [.. table])),
        ];

        int Depth(string table) => parents[table].Select(parent => 1 + Depth(parent)).DefaultIfEmpty().Max();
    }

    private static Task<bool> CopyAsync(Transaction from, Transaction to, Table table, string conflict, CancellationToken cancellation)
    {
        var columns = string.Join(", ", table.Columns.Select(column => column.Name));
        var values = string.Join(", ", table.Columns.Select(column => $"@{column.Name}"));
        var insert = $"INSERT INTO {table.Name} ({columns}) VALUES ({values}) {conflict};";
        return from.QueryAsync(
            new Statement($"SELECT {columns} FROM {table.Name};"),
            async rows =>
            {
                await rows.EachGroupAsync(RowsAtOnce, Insert, group => to.ExecuteAllAsync(group, cancellation), cancellation);
                return true;
            },
            cancellation);

        Statement Insert(DbDataReader row)
        {
            var statement = new Statement(insert);
            foreach (var (index, column) in table.Columns.Index())
                statement.Add(column.Name, column.Type, row.IsDBNull(index) ? null : row.GetValue(index));
            return statement;
        }
    }

    private static DbType TypeOf(string declared) => declared switch
    {
        "TEXT" => DbType.String,
        "BIGINT" => DbType.Int64,
        "BLOB" => DbType.Binary,
        _ => throw new InvalidDataException($"A column of type {declared}: tables are made of text, bigint and blob."),
    };

    private sealed record Table(string Name, IReadOnlyList<Column> Columns);

    private sealed record Column(string Name, DbType Type);
}
