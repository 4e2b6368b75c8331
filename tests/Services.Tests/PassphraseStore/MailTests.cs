using Keyladder.Hosting;
using Keyladder.PassphraseStore;
using Keyladder.PassphraseStore.Mail;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using MimeKit;
using Services.Tests.Client;
using Services.Tests.Hosting;

namespace Services.Tests.PassphraseStore;

/// <summary>Mails over a mail server, as docs/guide/operating.md has the settings.</summary>
public sealed class MailTests
{
    [Fact]
    public async Task Mails_in_a_folder_are_for_the_operator_alone()
    {
        await using var store = await PassphraseStoreHost.StartAsync(Engine.Sqlite);
        await new Registrant(RunningService.Of(store)).CodeAsync(CodePurposes.Register);
        var file = Assert.Single(Directory.GetFiles(store.MailFolder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(store.MailFolder));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_code_comes_through_a_mail_server_that_asks_for_TLS_and_a_sign_in()
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue();
        await using var mail = MailServer.Start(certificate, key);
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "passphrase-store");
        var folder = database.Folder.FullName;
        var (password, roots) = (Path.Combine(folder, "mail-password"), Path.Combine(folder, "roots.pem"));
        await File.WriteAllTextAsync(password, MailServer.Password + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(roots, authority.RootPem, TestContext.Current.CancellationToken);

        // A process: who it trusts is told by its environment.
        string[] settings =
        [
            "--services", "keystore,passphrase-store", "--keystore:data", folder, "--passphrase-store:data", folder, "--passphrase-store:urls", "http://127.0.0.1:0",
            "--passphrase-store:guardian", "https://keys.example.org", "--passphrase-store:mail:host", "127.0.0.1", "--passphrase-store:mail:port", $"{mail.Port}",
            "--passphrase-store:mail:user", MailServer.User, "--passphrase-store:mail:passwordfile", password, "--passphrase-store:mail:from", "recovery@example.org",
        ];
        await using (var server = await ServerProcess.ListenAsync(settings, new Dictionary<string, string> { ["SSL_CERT_FILE"] = roots }))
        {
            var line = (await server.ReadLineAsync())!;
            Assert.StartsWith("Passphrase Store listens on http://127.0.0.1:", line, StringComparison.Ordinal);
            await using var service = RunningService.At(new Uri(line.Split(' ')[^1]), line.Split(' ')[^1]);
            var alice = new Registrant(service);
            (await alice.AskForCodeAsync(CodePurposes.Register)).Is(System.Net.HttpStatusCode.Accepted);
            var (from, to, message) = await mail.NextAsync();
            Assert.Equal(("recovery@example.org", alice.Username, "recovery@example.org"), (from, to, message.From.Mailboxes.Single().Address));
            Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
            Assert.DoesNotContain(System.Net.Dns.GetHostName(), message.MessageId, StringComparison.OrdinalIgnoreCase);
            var code = PassphraseStoreHost.CodeIn(message)!;
            (await alice.SendCreateAsync(await alice.CreateRequestAsync(code))).Is(System.Net.HttpStatusCode.Created);
            Assert.DoesNotContain(server.Log, entry => entry.Contains(alice.Username, StringComparison.Ordinal) || entry.Contains(code, StringComparison.Ordinal));
        }

        Assert.Equal(1, mail.SignIns);

        // The same mail server with a certificate that nobody vouches for gets neither the password nor a mail.
        await using (var server = await ServerProcess.ListenAsync(settings))
        {
            var address = (await server.ReadLineAsync())!.Split(' ')[^1];
            await using var service = RunningService.At(new Uri(address), address);
            (await new Registrant(service).AskForCodeAsync(CodePurposes.Register)).Is(System.Net.HttpStatusCode.Accepted);
            while (!server.Log.Any(entry => entry.Contains("A mail was not sent: SslHandshakeException", StringComparison.Ordinal)))
                await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.Equal((1, 1), (mail.SignIns, mail.Received));
        }
    }

    [Fact]
    public async Task F05_who_fills_the_queue_of_mails_keeps_no_word_of_a_change_from_the_person()
    {
        await using var mail = MailServer.Start();
        await using var service = await RunningService.StartPassphraseStoreAsync(
            Engine.Sqlite, options => options with { Mail = new() { Host = "127.0.0.1", Port = mail.Port, Tls = MailTls.None, From = "recovery@example.org" } });
        var alice = new Registrant(service);
        (await alice.AskForCodeAsync(CodePurposes.Register)).Is(System.Net.HttpStatusCode.Accepted);
        (await alice.SendCreateAsync(await alice.CreateRequestAsync(PassphraseStoreHost.CodeIn((await mail.NextAsync()).Mail)!))).Is(System.Net.HttpStatusCode.Created);

        var open = new TaskCompletionSource();
        mail.Open = open.Task;
        var filled = false;
        while (!filled)
            filled = (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => new Registrant(service).AskForCodeAsync(CodePurposes.Reset)))).Any(answer => answer.Status == System.Net.HttpStatusCode.ServiceUnavailable);
        await alice.ReplaceAsync(1);
        open.SetResult();
        while (await mail.NextAsync() is var next && next.To != alice.Username)
            Assert.Equal("This address is not registered", next.Mail.Subject);
    }

    [Fact]
    public async Task A_mail_that_the_server_does_not_take_is_said_without_the_address()
    {
        await using var mail = MailServer.Start();
        await using var service = await RunningService.StartPassphraseStoreAsync(
            Engine.Sqlite, options => options with { Mail = new() { Host = "127.0.0.1", Port = mail.Port, Tls = MailTls.None, From = "recovery@example.org" } });
        var refused = new Registrant(service) { Username = $"refused-{Guid.NewGuid():N}@example.org" };
        (await refused.AskForCodeAsync(CodePurposes.Register)).Is(System.Net.HttpStatusCode.Accepted);
        while (!service.Logs.Lines.Any(line => line.Contains("A mail was not sent: SMTP 550", StringComparison.Ordinal)))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(service.Logs.Lines, line => line.Contains(refused.Username, StringComparison.Ordinal));

        var alice = new Registrant(service);
        (await alice.AskForCodeAsync(CodePurposes.Reset)).Is(System.Net.HttpStatusCode.Accepted);
        var (_, to, message) = await mail.NextAsync();
        Assert.Equal((alice.Username, "This address is not registered"), (to, message.Subject));
        Assert.Null(PassphraseStoreHost.CodeIn(message));
    }

    [Fact]
    public async Task No_mail_names_a_person_or_an_address_to_open()
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(Engine.Sqlite);
        var (alice, bob) = (await Registrant.RegisteredAsync(service), new Registrant(service));
        await alice.CodeAsync(CodePurposes.Register);
        (await alice.SendReleaseAsync((await alice.CodeAsync(CodePurposes.Reset))!)).Is(System.Net.HttpStatusCode.OK);
        await bob.CodeAsync(CodePurposes.Reset);
        await alice.NextMailAsync();
        await alice.ReplaceAsync(1);
        await alice.NextMailAsync();
        (await alice.Signed.SendAsync(Request.Delete(PassphraseStoreRoutes.Record))).Is(System.Net.HttpStatusCode.NoContent);
        await alice.NextMailAsync();
        var mails = service.PassphraseStore.MailsTo(alice.Username).Concat(service.PassphraseStore.MailsTo(bob.Username)).ToList();
        Assert.Equal(7, mails.Select(mail => mail.Subject).Distinct().Count());
        Assert.All(mails, mail =>
        {
            var text = Assert.IsType<TextPart>(mail.Body).Text;
            Assert.DoesNotContain("://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("@", text, StringComparison.Ordinal);
            Assert.DoesNotContain("{", text, StringComparison.Ordinal);
            Assert.DoesNotContain(alice.Id.ToString(), text, StringComparison.Ordinal);
        });
    }

    public static TheoryData<string, PassphraseStoreOptions> Wrong() => new()
    {
        { "passphrase-store:guardian", Good with { Guardian = null } },
        { "passphrase-store:guardian", Good with { Guardian = "http://keys.example.org" } },
        { "passphrase-store:guardian", Good with { Guardian = "https://keys.example.org/path" } },
        { "passphrase-store:guardian", Good with { Origin = "https://recovery.example.org", Guardian = "https://recovery.example.org" } },
        { "passphrase-store:mail:host", Good with { Mail = new() { From = "recovery@example.org" } } },
        { "passphrase-store:mail:host", Good with { Mail = Good.Mail with { Folder = "mails" } } },
        { "passphrase-store:mail:from", Good with { Mail = Good.Mail with { From = null } } },
        { "passphrase-store:mail:from", Good with { Mail = Good.Mail with { From = "nobody" } } },
        { "passphrase-store:mail:tls", Good with { Mail = Good.Mail with { Tls = MailTls.None } } },
        { "passphrase-store:mail:port", Good with { Mail = Good.Mail with { Port = 0 } } },
        { "passphrase-store:mail:passwordfile", Good with { Mail = Good.Mail with { User = "recovery" } } },
        { "passphrase-store:mailsperusername", Good with { MailsPerUsername = 0 } },
    };

    private static PassphraseStoreOptions Good => new() { Guardian = "https://keys.example.org", Mail = new() { Host = "mail.example.org", From = "recovery@example.org" } };

    [Theory, MemberData(nameof(Wrong))]
    public void A_setting_that_is_wrong_is_named_and_what_would_be_right_is_said(string setting, PassphraseStoreOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-test-");
        try
        {
            var exception = Assert.Throws<StartupException>(() => PassphraseStoreService.Build(options with { Data = folder.FullName }));
            Assert.StartsWith($"The setting {setting} ", exception.What, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
