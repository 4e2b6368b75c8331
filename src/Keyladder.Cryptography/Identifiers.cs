using System.Text.Json.Serialization;

namespace Keyladder.Cryptography;

// The ids of docs/spec/key-hierarchy.md section 4 and docs/spec/vault.md section 2, docs/spec/relationships.md, docs/spec/passphrase-store.md. Each is a type of its own: a slot's id where a key's belongs does not compile.

/// <summary>Names an account; random, fixed at sign-up, and part of every context.</summary>
[JsonConverter(typeof(UuidJsonConverter<AccountId>))]
public readonly record struct AccountId(Guid Value) : IUuid<AccountId>
{
    public static AccountId Generate() => Uuid.Generate<AccountId>();

    public static AccountId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out AccountId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names one unlock slot of an account.</summary>
[JsonConverter(typeof(UuidJsonConverter<SlotId>))]
public readonly record struct SlotId(Guid Value) : IUuid<SlotId>
{
    public static SlotId Generate() => Uuid.Generate<SlotId>();

    public static SlotId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out SlotId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a KEK; each epoch of an account has another.</summary>
[JsonConverter(typeof(UuidJsonConverter<KeyEncryptionKeyId>))]
public readonly record struct KeyEncryptionKeyId(Guid Value) : IUuid<KeyEncryptionKeyId>
{
    public static KeyEncryptionKeyId Generate() => Uuid.Generate<KeyEncryptionKeyId>();

    public static KeyEncryptionKeyId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out KeyEncryptionKeyId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a DEK or a keypair.</summary>
[JsonConverter(typeof(UuidJsonConverter<KeyId>))]
public readonly record struct KeyId(Guid Value) : IUuid<KeyId>
{
    public static KeyId Generate() => Uuid.Generate<KeyId>();

    public static KeyId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out KeyId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a sealed object of an app; the app keeps it beside the envelope.</summary>
[JsonConverter(typeof(UuidJsonConverter<DataId>))]
public readonly record struct DataId(Guid Value) : IUuid<DataId>
{
    public static DataId Generate() => Uuid.Generate<DataId>();

    public static DataId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out DataId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a session at a service.</summary>
[JsonConverter(typeof(UuidJsonConverter<SessionId>))]
public readonly record struct SessionId(Guid Value) : IUuid<SessionId>
{
    public static SessionId Generate() => Uuid.Generate<SessionId>();

    public static SessionId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out SessionId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names an app's admission, so that it is good for one use.</summary>
[JsonConverter(typeof(UuidJsonConverter<AdmissionId>))]
public readonly record struct AdmissionId(Guid Value) : IUuid<AdmissionId>
{
    public static AdmissionId Generate() => Uuid.Generate<AdmissionId>();

    public static AdmissionId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out AdmissionId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names an item of a Vault.</summary>
[JsonConverter(typeof(UuidJsonConverter<ItemId>))]
public readonly record struct ItemId(Guid Value) : IUuid<ItemId>
{
    public static ItemId Generate() => Uuid.Generate<ItemId>();

    public static ItemId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out ItemId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names an attribute of an item.</summary>
[JsonConverter(typeof(UuidJsonConverter<AttributeId>))]
public readonly record struct AttributeId(Guid Value) : IUuid<AttributeId>
{
    public static AttributeId Generate() => Uuid.Generate<AttributeId>();

    public static AttributeId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out AttributeId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names the sealed stream that an attribute refers to.</summary>
[JsonConverter(typeof(UuidJsonConverter<AttachmentId>))]
public readonly record struct AttachmentId(Guid Value) : IUuid<AttachmentId>
{
    public static AttachmentId Generate() => Uuid.Generate<AttachmentId>();

    public static AttachmentId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out AttachmentId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a relationship between two parties; both know it, and no service does.</summary>
[JsonConverter(typeof(UuidJsonConverter<RelationshipId>))]
public readonly record struct RelationshipId(Guid Value) : IUuid<RelationshipId>
{
    public static RelationshipId Generate() => Uuid.Generate<RelationshipId>();

    public static RelationshipId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out RelationshipId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names what a Vault keeps for one relationship of one of its accounts.</summary>
[JsonConverter(typeof(UuidJsonConverter<ChannelId>))]
public readonly record struct ChannelId(Guid Value) : IUuid<ChannelId>
{
    public static ChannelId Generate() => Uuid.Generate<ChannelId>();

    public static ChannelId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out ChannelId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a share, and the letter that holds it.</summary>
[JsonConverter(typeof(UuidJsonConverter<ShareId>))]
public readonly record struct ShareId(Guid Value) : IUuid<ShareId>
{
    public static ShareId Generate() => Uuid.Generate<ShareId>();

    public static ShareId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out ShareId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a letter in a channel that is about no share.</summary>
[JsonConverter(typeof(UuidJsonConverter<LetterId>))]
public readonly record struct LetterId(Guid Value) : IUuid<LetterId>
{
    public static LetterId Generate() => Uuid.Generate<LetterId>();

    public static LetterId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out LetterId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names what a Passphrase Store keeps of a person.</summary>
[JsonConverter(typeof(UuidJsonConverter<RecoveryRecordId>))]
public readonly record struct RecoveryRecordId(Guid Value) : IUuid<RecoveryRecordId>
{
    /// <summary>What a record is made under: nobody makes one under an id that was only shown (docs/spec/passphrase-store.md section 1).</summary>
    /// <param name="seed">Random.</param>
    public static RecoveryRecordId FromSeed(ReadOnlySpan<byte> seed) => Uuid.FromSeed<RecoveryRecordId>("recovery/v1/record-id", seed);

    public static RecoveryRecordId Generate() => Uuid.Generate<RecoveryRecordId>();

    public static RecoveryRecordId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out RecoveryRecordId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names what a Guardian keeps of a person: the only name that it has for it.</summary>
[JsonConverter(typeof(UuidJsonConverter<GuardianHandle>))]
public readonly record struct GuardianHandle(Guid Value) : IUuid<GuardianHandle>
{
    /// <inheritdoc cref="RecoveryRecordId.FromSeed"/>
    public static GuardianHandle FromSeed(ReadOnlySpan<byte> seed) => Uuid.FromSeed<GuardianHandle>("recovery/v1/handle", seed);

    public static GuardianHandle Generate() => Uuid.Generate<GuardianHandle>();

    public static GuardianHandle From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out GuardianHandle id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Names a known device at a Passphrase Store, or another one at a Guardian.</summary>
[JsonConverter(typeof(UuidJsonConverter<RecoveryDeviceId>))]
public readonly record struct RecoveryDeviceId(Guid Value) : IUuid<RecoveryDeviceId>
{
    public static RecoveryDeviceId Generate() => Uuid.Generate<RecoveryDeviceId>();

    public static RecoveryDeviceId From(Guid value) => new(value);

    /// <summary>Reads the one accepted form: version 4, lower case, with hyphens.</summary>
    public static bool TryParse(string? text, out RecoveryDeviceId id) => Uuid.TryParse(text, out id);

    public override string ToString() => Value.ToString("D");
}
