using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Keyladder.Cli.Agent;

/// <summary>What a command asks of the agent. Secrets never stand in these: they follow as data frames.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "ask")]
[JsonDerivedType(typeof(Unlock), "unlock")]
[JsonDerivedType(typeof(PutBack), "put-back")]
[JsonDerivedType(typeof(LockAccount), "lock")]
[JsonDerivedType(typeof(Status), "status")]
[JsonDerivedType(typeof(GenerateKeys), "generate-keys")]
[JsonDerivedType(typeof(ListKeys), "list-keys")]
[JsonDerivedType(typeof(ShowKey), "show-key")]
[JsonDerivedType(typeof(ChangeKey), "change-key")]
[JsonDerivedType(typeof(DeleteKey), "delete-key")]
[JsonDerivedType(typeof(Encrypt), "encrypt")]
[JsonDerivedType(typeof(Decrypt), "decrypt")]
[JsonDerivedType(typeof(Sign), "sign")]
[JsonDerivedType(typeof(AnswerApp), "answer-app")]
[JsonDerivedType(typeof(ExportPrivateKey), "export-private-key")]
[JsonDerivedType(typeof(ListSessions), "list-sessions")]
[JsonDerivedType(typeof(RevokeSession), "revoke-session")]
[JsonDerivedType(typeof(ListUnlockMethods), "list-unlock-methods")]
[JsonDerivedType(typeof(RemoveUnlockMethod), "remove-unlock-method")]
[JsonDerivedType(typeof(ReadAudit), "read-audit")]
[JsonDerivedType(typeof(ReadData), "read-data")]
[JsonDerivedType(typeof(Doctor), "doctor")]
[JsonDerivedType(typeof(SendRequest), "request")]
[JsonDerivedType(typeof(CreateVault), "create-vault")]
[JsonDerivedType(typeof(OpenVault), "open-vault")]
[JsonDerivedType(typeof(ReplaceVaultKey), "replace-vault-key")]
[JsonDerivedType(typeof(SyncVault), "sync-vault")]
[JsonDerivedType(typeof(DiscardItem), "discard-item")]
[JsonDerivedType(typeof(ListVaults), "list-vaults")]
[JsonDerivedType(typeof(ReadVaultAudit), "read-vault-audit")]
[JsonDerivedType(typeof(DeleteVault), "delete-vault")]
[JsonDerivedType(typeof(ListItems), "list-items")]
[JsonDerivedType(typeof(ShowItem), "show-item")]
[JsonDerivedType(typeof(ListVersions), "list-versions")]
[JsonDerivedType(typeof(PutItem), "put-item")]
[JsonDerivedType(typeof(DeleteItem), "delete-item")]
[JsonDerivedType(typeof(Attach), "attach")]
[JsonDerivedType(typeof(ReadAttachment), "read-attachment")]
[JsonDerivedType(typeof(ImportVault), "import-vault")]
[JsonDerivedType(typeof(ListRelationships), "list-relationships")]
[JsonDerivedType(typeof(SyncRelationships), "sync-relationships")]
[JsonDerivedType(typeof(Invite), "invite")]
[JsonDerivedType(typeof(AcceptInvitation), "accept-invitation")]
[JsonDerivedType(typeof(RenameRelationship), "rename-relationship")]
[JsonDerivedType(typeof(BlockRelationship), "block-relationship")]
[JsonDerivedType(typeof(ChangeRelationshipKeys), "change-relationship-keys")]
[JsonDerivedType(typeof(EndRelationship), "end-relationship")]
[JsonDerivedType(typeof(GiveShare), "give-share")]
[JsonDerivedType(typeof(ListShares), "list-shares")]
[JsonDerivedType(typeof(DescribeShare), "describe-share")]
[JsonDerivedType(typeof(ShowShare), "show-share")]
[JsonDerivedType(typeof(ReadSharedAttachment), "read-shared-attachment")]
[JsonDerivedType(typeof(AcceptTerms), "accept-terms")]
[JsonDerivedType(typeof(UpdateShares), "update-shares")]
[JsonDerivedType(typeof(RevokeShares), "revoke-shares")]
[JsonDerivedType(typeof(EndExpiredShares), "end-expired-shares")]
internal abstract record AgentRequest;

/// <summary>With <paramref name="Device"/> the secret is this device's own, which the agent reads itself. Else the typed secret follows as data, UTF-8; then, if <paramref name="SecretKeyLength"/> is not 0, so many bytes of Secret Key code before it.</summary>
/// <param name="Restored">"412:398:1f3a9c2e0b7d" where the person has chosen to go back from the one head to the other; null where they were not asked.</param>
/// <param name="PutBack">Whether what is open, and went back, is put back.</param>
internal sealed record Unlock(
    string Server, int SecretKeyLength, int LockAfterSeconds, bool Device = false, string? Restored = null, bool PutBack = false) : AgentRequest;

/// <summary>Puts back what was open before an unlock that found it gone.</summary>
internal sealed record PutBack : AgentRequest;

internal sealed record LockAccount : AgentRequest;

internal sealed record Status : AgentRequest;

internal sealed record GenerateKeys(string Kind, string? Label, int Count, string? Type = null) : AgentRequest;

internal sealed record ListKeys : AgentRequest;

/// <summary>Signs in to an app, or links a DID there: what its link says.</summary>
/// <param name="Key">Which of the keys for that app; null for the newest.</param>
/// <param name="IsAnother">Whether a further DID is made for it, to be linked.</param>
internal sealed record AnswerApp(string Link, string? Key, bool IsAnother) : AgentRequest;

internal sealed record ShowKey(string Key) : AgentRequest;

internal sealed record ChangeKey(string Key, string? State, string? Label) : AgentRequest;

internal sealed record DeleteKey(string Key) : AgentRequest;

/// <param name="Format">jwk, pkcs8 or raw; null for the usual one of the key.</param>
internal sealed record ExportPrivateKey(string Key, string? Format) : AgentRequest;

internal sealed record Encrypt(string? Key) : AgentRequest;

internal sealed record Decrypt : AgentRequest;

internal sealed record Sign(string Key, string? Did = null) : AgentRequest;

/// <param name="AtVault">Whether it is about the account's Vault, and not the Keystore.</param>
internal sealed record ListSessions(bool AtVault = false) : AgentRequest;

/// <inheritdoc cref="ListSessions"/>
internal sealed record RevokeSession(string Id, bool AtVault = false) : AgentRequest;

internal sealed record ListUnlockMethods : AgentRequest;

internal sealed record RemoveUnlockMethod(string Id) : AgentRequest;

internal sealed record ReadAudit : AgentRequest;

/// <summary>What the service keeps of the account follows as data, JSON: a list of <c>{table, rows}</c>.</summary>
/// <inheritdoc cref="ListSessions"/>
internal sealed record ReadData(bool AtVault = false) : AgentRequest;

internal sealed record Doctor : AgentRequest;

internal sealed record SendRequest(string Method, string PathAndQuery, bool HasBody) : AgentRequest;

/// <summary>The code of an invitation follows as data, if there is one.</summary>
internal sealed record CreateVault(string Address) : AgentRequest;

/// <param name="Unproven">The mark of what the person was told and goes on with; null where they were not asked.</param>
/// <param name="Restored">As for <see cref="Unlock"/>.</param>
/// <param name="PutBack">Whether what this device holds, and went back, is put back.</param>
internal sealed record OpenVault(string? Unproven = null, string? Restored = null, bool PutBack = false) : AgentRequest;

internal sealed record ReplaceVaultKey : AgentRequest;

/// <summary>Sends what waits on this device, and fetches what changed.</summary>
internal sealed record SyncVault : AgentRequest;

/// <summary>Gives up what waits on this device of an item.</summary>
internal sealed record DiscardItem(string Item) : AgentRequest;

internal sealed record ListVaults : AgentRequest;

internal sealed record ReadVaultAudit : AgentRequest;

internal sealed record DeleteVault(string Address, bool KeysAlone = false) : AgentRequest;

/// <param name="Text">What names and tags are searched for, and with <paramref name="InValues"/> the attributes too; null for all.</param>
/// <param name="InTrash">Whether it lists the trash, or what is not in it.</param>
internal sealed record ListItems(string? Text, bool InValues, bool InTrash) : AgentRequest;

/// <summary>The item with its attributes follows as data, JSON.</summary>
/// <param name="Item">An id, the start of one, or a name.</param>
/// <param name="Revision">Which version of it; null for the present one.</param>
internal sealed record ShowItem(string Item, long? Revision = null) : AgentRequest;

/// <summary>What an item is and was, the newest first.</summary>
internal sealed record ListVersions(string Item) : AgentRequest;

/// <summary>A new item, or a change of one. Attributes to set follow as data: a JSON list of <c>{name, type, value}</c>, the value in base64.</summary>
/// <param name="Item">The one to change; null for a new one.</param>
/// <param name="Revision">The version of it to go back to; null for none.</param>
internal sealed record PutItem(
    string? Item,
    string? Name = null,
    string? Kind = null,
    string[]? Tags = null,
    string[]? Untag = null,
    string[]? Drop = null,
    bool? Removed = null,
    long? Revision = null) : AgentRequest;

internal sealed record DeleteItem(string Item) : AgentRequest;

/// <summary>The content follows as data.</summary>
/// <param name="Name">Of the attribute.</param>
internal sealed record Attach(string Item, string Name, string? FileName, string? MediaType) : AgentRequest;

/// <summary>The content of the attachment follows as data.</summary>
/// <param name="Name">Of the attribute.</param>
internal sealed record ReadAttachment(string Item, string Name) : AgentRequest;

/// <summary>Puts the items of an export into the Vault. What opens it follows as data, as for <see cref="Unlock"/>.</summary>
/// <param name="File">Its full path.</param>
internal sealed record ImportVault(string File, int SecretKeyLength) : AgentRequest;

/// <param name="ConflictOf">The item that this is the other version of.</param>
/// <param name="Waits">Whether what it says was written here and is not at the Vault yet.</param>
internal sealed record ItemLine(
    string Id, long Revision, string Name, string Kind, string[] Tags, int Attributes, string Changed, string? Removed, string? ConflictOf, bool Waits);

/// <param name="Statement">What the account signed for it; null where it had been deleted before.</param>
/// <param name="Day">Null where the service's answer was lost.</param>
internal sealed record DeletionLine(string? Statement, string? Day, Dictionary<string, long> Rows);

internal sealed record KeyLine(string Id, string Purpose, string? Type, string State, string? Label, string Created, string? Did);

/// <param name="Address">To be opened in the browser that shows the app's page: challenge and response are in its fragment.</param>
internal sealed record AppAnswer(string Key, string Did, string Challenge, string Response, string Address);

internal sealed record SessionLine(string Id, string Slot, string Created, string Expires, bool Current);

internal sealed record UnlockMethodLine(string Id, string Kind, bool Current);

internal sealed record EventLine(long Number, string Hour, string Kind, string Session, string? Subject, bool Signed);

internal sealed record CheckLine(string What, bool Opens, string? Problem);

/// <summary>What the agent answers; each kind of request fills the members that belong to it.</summary>
/// <param name="KnownTerms">Of the share, as this device knew them before it fetched others.</param>
/// <param name="Told">What the person is to be told once, whatever was asked.</param>
internal sealed record AgentAnswer(
    string? Account = null,
    string? Server = null,
    int? SecondsToLock = null,
    KeyLine[]? Keys = null,
    SessionLine[]? Sessions = null,
    UnlockMethodLine[]? UnlockMethods = null,
    EventLine[]? Events = null,
    CheckLine[]? Checks = null,
    string? Text = null,
    int? Status = null,
    string? Notice = null,
    RestoreLine[]? WentBack = null,
    string[]? Vaults = null,
    ItemLine[]? Items = null,
    DeletionLine? Deletion = null,
    int? Imported = null,
    int? Present = null,
    RelationshipLine[]? Relationships = null,
    GivenLine[]? Given = null,
    HeldLine[]? Held = null,
    string? KnownTerms = null,
    SharedLine? Shared = null,
    NewsLine? News = null,
    AppAnswer? App = null,
    string? Told = null);

/// <param name="Restored">What to ask the person, after a restore that they have not chosen about yet.</param>
internal sealed record AgentFailure(ExitCode Code, string What, string Next, RestoreQuestion? Restored = null);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentAnswer))]
[JsonSerializable(typeof(AgentFailure))]
internal sealed partial class AgentJson : JsonSerializerContext
{
    /// <exception cref="InvalidDataException">It is not a request.</exception>
    public static AgentRequest ReadRequest(ReadOnlySpan<byte> utf8) => Read(utf8, Default.AgentRequest);

    /// <exception cref="InvalidDataException">It is not an answer.</exception>
    public static AgentAnswer ReadAnswer(ReadOnlySpan<byte> utf8) => Read(utf8, Default.AgentAnswer);

    /// <exception cref="InvalidDataException">It is not a failure.</exception>
    public static AgentFailure ReadFailure(ReadOnlySpan<byte> utf8) => Read(utf8, Default.AgentFailure);

    private static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type) ?? throw new InvalidDataException("A null is no message.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // The second where nothing says which kind of request it is.
            throw new InvalidDataException("The other end of the agent's socket sent something else than a message.", e);
        }
    }
}
