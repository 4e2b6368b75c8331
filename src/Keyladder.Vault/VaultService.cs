using Keyladder.Cryptography.Heads;
using Keyladder.Hosting;
using Keyladder.Hosting.Accounts;
using Keyladder.Hosting.Backups;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Accounts;
using Keyladder.Vault.Attachments;
using Keyladder.Vault.Backups;
using Keyladder.Vault.Changes;
using Keyladder.Vault.Channels;
using Keyladder.Vault.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keyladder.Vault;

/// <summary>A Vault as a web application: keeps what a person's DEKs seal, and the heads that say what of it counts (docs/spec/vault-api.md).</summary>
public static class VaultService
{
    /// <summary>What the operator does about backups.</summary>
    public static ServiceBackups Backups { get; } = new(typeof(VaultService).Assembly, new VaultBackupCheck());

    // A letter may have a megabyte: fewer rows at once.
    private static readonly AccountTables Tables = new(
        new AccountTable("attachment_parts", "attachment_id, start"),
        new AccountTable("attachments", "attachment_id"),
        new AccountTable("objects", "object_id"),
        new AccountTable("versions", "object_id, revision"),
        new AccountTable("letter_attachments", "channel_id, letter_id, attachment_id"),
        new AccountTable("given_letters", "channel_id, letter_id", Rows: VaultRoutes.MaxLettersBytes / VaultRoutes.MaxGivenBytes),
        new AccountTable("received_letters", "number"),
        new AccountTable("channels", "channel_id"),
        new AccountTable("usage", "bytes"),
        new AccountTable("tombstones", "object_id"),
        new AccountTable("changes", "number, object_id"));

    /// <summary>Built, not started. It migrates its database when it starts; <see cref="WebApplication.Urls"/> then holds the address that it listens on.</summary>
    /// <exception cref="StartupException">The options or the service secret are not good; starting throws it where the database is not.</exception>
    public static WebApplication Build(VaultOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ValidateVault();
        var builder = ServiceApplication.CreateBuilder(options, VaultRoutes.MaxBodyBytes, time ?? TimeProvider.System);
        logging?.Invoke(builder.Logging);
        builder.Services
            .AddAccounts<VaultHead, ObjectMessage, ObjectsTable>(options, Tables)
            .AddSingleton(options)
            .AddSingleton<ChannelWrites>()
            .AddSingleton<Guests>()
            .AddSingleton<Waits>()
            .AddSingleton<GetChannel>()
            .AddSingleton<GetChannelAttachmentPart>()
            .AddSingleton<LeaveLetter>()
            .AddSingleton<AttachmentFiles>()
            .AddSingleton<PutAttachmentPart>()
            .AddSingleton<AttachmentReading>()
            .AddSingleton<GetAttachmentPart>()
            .AddHostedService<AttachmentSweeper>();

        var app = ServiceApplication.Build(builder);
        app.MapAccounts<VaultHead, ObjectMessage>();
        SignUp.Map(app);
        GetChanges.Map(app);
        PutChanges.Map(app);
        FetchObjects.Map(app);
        ListVersions.Map(app);
        PutAttachmentPart.Map(app);
        GetAttachmentPart.Map(app);
        GetLetters.Map(app);
        GetChannel.Map(app);
        GetChannelAttachmentPart.Map(app);
        LeaveLetter.Map(app);
        InvitationPage.Map(app);
        return app;
    }
}
