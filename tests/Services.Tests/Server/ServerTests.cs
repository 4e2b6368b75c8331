using System.Net;
using Keyladder.Cryptography.Secrets;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;
using Services.Tests.Keystore.Admissions;

namespace Services.Tests.Server;

public sealed class ServerTests
{
    [Fact]
    public async Task It_says_where_it_listens_and_ends_when_it_is_told_to()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        await using var server = await ServerProcess.ListenAsync([.. database.Settings, .. ServerProcess.Silent]);
        Assert.Equal($"Keystore listens on {server.Address.GetLeftPart(UriPartial.Authority)}, data in {database.Folder.FullName}, origin {server.Address.GetLeftPart(UriPartial.Authority)}", server.FirstLine);
        using var http = new HttpClient { BaseAddress = server.Address };
        (await Request.Get("/health/ready").SendAsync(http)).Is(HttpStatusCode.OK);
        Assert.Equal((0, "", ""), await server.EndAsync(terminate: true));
    }

    [Theory]
    [InlineData("--keystore:url", "http://127.0.0.1:0")]
    [InlineData("--keystor:urls", "http://127.0.0.1:0")]
    [InlineData("--keystore:urls", "planted")]
    [InlineData("--keystore:database", "Host=/nowhere;Password=planted")]
    [InlineData("--keystore:urls", "http://192.0.2.1:5410", "--keystore:origin", "https://keys.example.org")]
    [InlineData("--keystore:urls", "https://127.0.0.1:0", "--keystore:certificate", "/nowhere", "--keystore:certificatekey", "/nowhere")]
    [InlineData("--keystore:drain", "planted")]
    [InlineData("--keystore:cors:0", "https://planted.example.org")]
    [InlineData("--logging:format", "planted")]
    [InlineData("--logging:loglevel:default", "planted")]
    [InlineData("--logging:loglevel:microsoft", "Trace")]
    [InlineData("--services", "planted")]
    [InlineData("--services", "keystore,planted")]
    [InlineData("--services:0", "keystore")]
    [InlineData("--vault:urls", "planted")]
    [InlineData("--vault:maxkeys", "1")]
    [InlineData("--vault:origin", "https://planted.example.org", "--keystore:origin", "https://planted.example.org")]
    [InlineData("--vault:database", "Host=/planted", "--keystore:database", "Host=/planted")]
    [InlineData("invite", "--service", "planted")]
    [InlineData("invite", "--service")]
    [InlineData("rotate-secret", "--service", "vault", "--vault:data", "/nowhere/at/all")]
    [InlineData("--telemetry:endpoint", "planted")]
    [InlineData("--telemetry:endpoint", "ftp://planted")]
    [InlineData("rotate-secrets")]
    [InlineData("--planted")]
    [InlineData("--planted", "true")]
    [InlineData("--keystore:urls")]
    [InlineData("--keystore:urls", "--keystore:data", "planted")]
    [InlineData("--keystore:drain", "1", "planted")]
    [InlineData("-keystore:drain", "1")]
    [InlineData("invite", "--days", "0")]
    [InlineData("invite", "--days")]
    [InlineData("invite", "--days", "planted")]
    [InlineData("invite", "planted")]
    [InlineData("backup")]
    [InlineData("backup", "--verify")]
    [InlineData("restore", "--replace")]
    [InlineData("restore", "/nowhere/at/all", "planted")]
    [InlineData("restore", "/nowhere/at/all")]
    [InlineData("--keystore:signup", "planted")]
    [InlineData("rotate-secret", "--keystore:data", "/nowhere/at/all")]
    [InlineData("rotate-at-rest-secret", "--service", "vault")]
    public async Task What_it_does_not_understand_ends_it_with_one_line_what_and_one_line_what_to_do(params string[] arguments)
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        await using var server = ServerProcess.Start(arguments, new Dictionary<string, string> { ["KEYLADDER_KEYSTORE__DATA"] = database.Folder.FullName, ["KEYLADDER_VAULT__DATA"] = database.Folder.FullName });
        var (code, output, error) = await server.EndAsync();
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Equal(2, error.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain("planted", error, StringComparison.Ordinal);
    }

    /// <summary>Its name and no value: that may be a password, and so may what stands in the place of a name.</summary>
    [Theory]
    [InlineData("The setting keystore:drain is not a whole number.", "--keystore:drain", "planted")]
    [InlineData("The setting vault:limits:guest is not a whole number.", "--vault:limits:guest=planted")]
    [InlineData("The setting keystore:tls12 is not true or false.", "--keystore:tls12", "planted")]
    [InlineData("The setting vault:signup is not one of: first, invitation, admission, open.", "--vault:signup", "planted")]
    [InlineData("Argument 3 of those", "--keystore:drain", "1", "--keystore:planted", "x")]
    [InlineData("Argument 3 of those", "--keystore:drain", "1", "planted")]
    [InlineData("Argument 2 of those", "--keystore:drain=1", "--planted=x")]
    [InlineData("There is no setting vault:orign, which the environment or appsettings.json names.", "KEYLADDER_VAULT__ORIGN=planted")]
    [InlineData("The setting vault:maxbytes is not a whole number.", "KEYLADDER_VAULT__MAXBYTES=planted")]
    public async Task A_setting_that_it_does_not_understand_is_named(string what, params string[] given)
    {
        var arguments = given.Where(argument => !argument.StartsWith("KEYLADDER_", StringComparison.Ordinal)).ToArray();
        await using var server = ServerProcess.Start(arguments, given.Except(arguments).Select(each => each.Split('=')).ToDictionary(each => each[0], each => each[1]));
        var (code, _, error) = await server.EndAsync();
        Assert.Equal(2, code);
        Assert.StartsWith(what, error, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_is_rotated_by_a_command()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        await (await ServerProcess.ListenAsync([.. database.Settings, .. ServerProcess.Silent])).DisposeAsync();
        var secret = database.Folder.GetFiles("keystore.secret").Single().FullName;
        var before = await File.ReadAllBytesAsync(secret, TestContext.Current.CancellationToken);

        await using var rotation = ServerProcess.Start(["rotate-secret", .. database.Settings]);
        Assert.Equal(0, (await rotation.EndAsync()).Code);
        var after = await File.ReadAllBytesAsync(secret, TestContext.Current.CancellationToken);
        Assert.Equal(66, after.Length);
        Assert.Equal(before, after[33..]);
    }

    [Fact]
    public async Task Rotating_the_at_rest_secret_keeps_all_that_were_before()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        var secret = Path.Combine(database.Folder.FullName, "keystore.at-rest");
        Keyladder.Hosting.Recovery.AtRestSecret.LoadOrCreate(secret);
        var before = await File.ReadAllBytesAsync(secret, TestContext.Current.CancellationToken);
        for (var rotation = 1; rotation <= 3; rotation++)
        {
            await using var server = ServerProcess.Start(["rotate-at-rest-secret", .. database.Settings]);
            Assert.Equal(0, (await server.EndAsync()).Code);
            var after = await File.ReadAllBytesAsync(secret, TestContext.Current.CancellationToken);
            Assert.Equal(before, after[33..]);
            before = after;
        }
    }

    [Fact]
    public async Task A_process_runs_both_services_each_with_an_address_a_database_and_a_secret_of_its_own_and_ends_both()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        var folder = database.Folder.FullName;
        await using var server = await ServerProcess.ListenAsync(
            ["--services", "keystore,vault", "--keystore:data", folder, "--vault:data", folder, "--vault:urls", "http://127.0.0.1:0", "--vault:signup", "invitation", .. ServerProcess.Silent]);
        var line = await server.ReadLineAsync();
        var vault = new Uri(line!.Split(' ')[^1]);
        Assert.Equal($"Vault listens on {vault.GetLeftPart(UriPartial.Authority)}, data in {folder}, origin {vault.GetLeftPart(UriPartial.Authority)}", line);
        Assert.Equal(["keystore.db", "keystore.guesses", "keystore.secret", "vault.db", "vault.secret"], database.Folder.GetFiles().Select(file => file.Name).Where(name => !name.Contains('-')).Order());

        // The first at the Keystore comes in; the Vault asks for an invitation of its own.
        await using var keystore = RunningService.At(server.Address, server.Address.GetLeftPart(UriPartial.Authority));
        await Person.SignedUpAsync(keystore);
        await using var service = RunningService.At(vault, vault.GetLeftPart(UriPartial.Authority));
        using var clientKey = Keyladder.Cryptography.Signing.X25519PrivateKey.Generate();
        var alice = new VaultPerson(service);
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, await alice.SignUpRequestAsync(clientKey)))).IsProblem(ProblemTypes.SignUpClosed);
        var code = await SucceedAsync(["invite", "--service", "vault", "--vault:data", folder, "--vault:signup", "invitation"]);
        Assert.True(InvitationCode.TryParse(code.Split('\n')[0], out var invitation));
        using (invitation)
        {
            var request = await alice.SignUpRequestAsync(clientKey) with { Invitation = invitation.DangerousSpan.ToArray() };
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).Is(HttpStatusCode.Created);
        }

        var file = Path.Combine(folder, "yesterday");
        Assert.Contains("1 accounts, 1 heads, 0 objects", await SucceedAsync(["backup", file, "--service", "vault", "--vault:data", folder]), StringComparison.Ordinal);
        Assert.Contains("is good", await SucceedAsync(["backup", file, "--verify", "--service", "vault"]), StringComparison.Ordinal);
        Assert.Equal((0, "", ""), await server.EndAsync(terminate: true));
    }

    [Theory, OnBothEngines]
    public async Task An_invitation_is_made_by_a_command_and_lets_one_person_in(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        string[] settings = [.. database.Settings, "--keystore:origin", "http://localhost:1", "--keystore:signup", "invitation", .. ServerProcess.Silent];

        // Before the service has ever run, and to a pipe: the code and nothing else.
        await using var command = ServerProcess.Start(["invite", "--days", "3", .. settings]);
        var (exitCode, output, error) = await command.EndAsync();
        Assert.Equal(0, exitCode);
        Assert.Matches("^KI1(-[0-9A-Z]{8}){4}\n$", output);
        Assert.DoesNotContain(output.Trim(), error, StringComparison.Ordinal);
        Assert.True(InvitationCode.TryParse(output, out var code));

        await using var server = await ServerProcess.ListenAsync(settings);
        await using var service = RunningService.At(server.Address, "http://localhost:1");
        (await Newcomer.KnockAsync(service)).IsProblem(ProblemTypes.SignUpClosed);
        (await Newcomer.KnockAsync(service, code.DangerousSpan.ToArray())).IsLetIn();
        (await Newcomer.KnockAsync(service, code.DangerousSpan.ToArray())).IsProblem(ProblemTypes.SignUpClosed);
        code.Dispose();
    }

    [Theory, OnBothEngines]
    public async Task Yesterdays_backup_is_made_checked_and_restored_by_commands(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var file = Path.Combine(database.Folder.FullName, "yesterday");
        string[] settings = [.. database.Settings, "--keystore:origin", "http://localhost:1", "--keystore:signup", "open", .. ServerProcess.Silent];
        var server = await ServerProcess.ListenAsync(settings);
        await using var service = RunningService.At(server.Address, "http://localhost:1");
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());

        Assert.Contains("2 heads", await SucceedAsync(["backup", file, .. settings]), StringComparison.Ordinal);
        var yesterday = alice.Head.Jws;
        await alice.PutAsync(alice.NewKey());
        await server.DisposeAsync();

        Assert.Contains("is good", await SucceedAsync(["backup", file, "--verify"]), StringComparison.Ordinal);
        await using (var refused = ServerProcess.Start(["restore", file, .. settings]))
            Assert.Equal(2, (await refused.EndAsync()).Code);
        Assert.Contains("1 accounts", await SucceedAsync(["restore", file, "--replace", .. settings]), StringComparison.Ordinal);

        await using var again = await ServerProcess.ListenAsync(settings);
        await using var restored = RunningService.At(again.Address, "http://localhost:1");
        var there = new Person(restored) { Account = alice.Account, Kek = alice.Kek, Identity = alice.Identity, IdentityId = alice.IdentityId, Slot = alice.Slot };
        await there.SignInAsync();
        Assert.Equal(yesterday, (await there.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>().Head);
    }

    [Theory, OnBothEngines]
    public async Task What_was_acknowledged_is_there_after_the_process_was_killed(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        string[] settings = [.. database.Settings, "--keystore:origin", "http://localhost:1", .. ServerProcess.Silent];
        var server = await ServerProcess.ListenAsync(settings);
        await using var service = RunningService.At(server.Address, "http://localhost:1");
        var alice = await Person.SignedUpAsync(service);
        var unanswered = alice.Write([], []);
        var writing = Task.Run(async () =>
        {
            while (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                unanswered = alice.Write([alice.NewKey()], []);
                (await alice.SendWriteAsync(unanswered)).As<WriteResponse>();
                alice.Accept(unanswered);
            }
        }, TestContext.Current.CancellationToken);
        while (alice.Pin.Number < 20 && !writing.IsCompleted)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        await server.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => writing);
        await server.DisposeAsync();

        await using var again = await ServerProcess.ListenAsync(settings);
        using var http = new HttpClient { BaseAddress = again.Address };
        var delta = (await alice.SendAsync(Request.Get(ServiceRoutes.Changes), http)).As<ChangesResponse>();
        if (delta.Head == unanswered.Head)
            alice.Accept(unanswered);
        Assert.Equal(alice.Head.Jws, delta.Head);
        Assert.Equal(alice.Keys.Keys.Order(), delta.Keys.Select(key => key.Id).Order());
    }

    private static async Task<string> SucceedAsync(string[] arguments)
    {
        await using var command = ServerProcess.Start(arguments);
        var (code, output, error) = await command.EndAsync();
        Assert.True(code == 0, error);
        return output;
    }
}
