using System.Data.Common;
using System.Text;
using Keyladder.Testing;

namespace Repository.Tests.TestTools;

public sealed class TestDatabaseTests
{
    [Theory, OnBothEngines]
    public async Task A_database_is_empty_its_own_and_gone_afterwards(Engine engine)
    {
        var one = await CreateAsync(engine);
        await using var other = await CreateAsync(engine);
        await ExecuteAsync(one, "CREATE TABLE t (id int)");
        await ExecuteAsync(one, "INSERT INTO t VALUES (1)");
        Assert.Equal("t: 1\n", await one.DumpAsync());
        Assert.Equal("", await other.DumpAsync());
        await one.DisposeAsync();
        Assert.False(Directory.Exists(one.Folder.FullName));
        if (engine == Engine.Postgres)
            await Assert.ThrowsAnyAsync<DbException>(one.OpenAsync);
    }

    [Theory, OnBothEngines]
    public async Task Two_dumps_are_equal_if_and_only_if_nothing_changed(Engine engine)
    {
        await using var database = await CreateAsync(engine);
        var bytes = engine == Engine.Sqlite ? "BLOB" : "bytea";
        await ExecuteAsync(database, $"CREATE TABLE a (id int PRIMARY KEY, value {bytes})");
        await ExecuteAsync(database, "CREATE TABLE b (id int)");
        var value = engine == Engine.Sqlite ? "X'C0FFEE'" : @"'\xC0FFEE'";
        await ExecuteAsync(database, $"INSERT INTO a VALUES (2, NULL), (1, {value})");
        var before = await database.DumpAsync();
        Assert.Equal("a: 1 | c0ffee\na: 2 | \n", before);

        await ExecuteAsync(database, "INSERT INTO b VALUES (7)");
        Assert.NotEqual(before, await database.DumpAsync());
        Assert.Equal(before, await database.DumpAsync(except: "b"));
        await ExecuteAsync(database, "DELETE FROM b");
        Assert.Equal(before, await database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task What_stands_in_a_table_is_found_in_the_engines_files(Engine engine)
    {
        const string secret = "a plaintext that should not be here";
        var canaries = new Canaries();
        canaries.Plant("plaintext", secret);
        await using var database = await CreateAsync(engine);
        await ExecuteAsync(database, "CREATE TABLE t (value text)");
        Assert.Empty(canaries.FindInFiles(await database.FilesAsync()));
        await ExecuteAsync(database, $"INSERT INTO t VALUES ('{secret}')");
        Assert.NotEmpty(canaries.FindInFiles(await database.FilesAsync()));
        Assert.NotEmpty(canaries.FindIn(Encoding.UTF8.GetBytes(await database.DumpAsync())));
    }

    private static async Task<TestDatabase> CreateAsync(Engine engine)
    {
        var database = await TestDatabase.CreateAsync(engine);
        if (engine == Engine.Sqlite)
            await File.WriteAllBytesAsync(Path.Combine(database.Folder.FullName, "service.db"), []);
        return database;
    }

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var connection = await database.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
