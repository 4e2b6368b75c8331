using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Fuzz.Parsers;

namespace EndToEnd.Tests.Fuzzing;

/// <summary>
/// Every method of src that is named as one that reads, and takes text, bytes or a stream, and every type that is read from JSON: each is
/// driven by an entry of the registry or stands below with the reason why it is not.
/// </summary>
public sealed class RegistryTests
{
    private static readonly string[] Verbs =
    [
        "TryParse", "Parse", "TryRead", "Read", "TryDecode", "Decode", "Open", "TryOpen", "TryVerify", "Verify", "TryImport", "Import", "Unwrap",
        "Load", "From", "Check", "Bind", "Is",
    ];

    private static readonly Type[] Untrusted =
    [
        typeof(string), typeof(byte[]), typeof(char[]), typeof(ReadOnlySpan<byte>), typeof(ReadOnlySpan<char>), typeof(ReadOnlyMemory<byte>),
        typeof(Stream), typeof(Utf8JsonReader),
    ];

    private static readonly Assembly[] Sources =
    [
        typeof(Keyladder.Cryptography.StrictJson).Assembly, typeof(Keyladder.Keys.Hierarchy.Keypair).Assembly, typeof(Keyladder.Protocol.ProtocolJson).Assembly,
        typeof(Keyladder.Client.KeyladderClient).Assembly, Assembly.Load("keyladder"), typeof(Keyladder.Hosting.ServiceOptions).Assembly,
        typeof(Keyladder.Keystore.KeystoreOptions).Assembly, typeof(Keyladder.PassphraseStore.PassphraseStoreOptions).Assembly, Assembly.Load("keyladder-server"), typeof(Keyladder.AspNetCore.DidOptions).Assembly,
    ];

    private const string Compares = "Compares or verifies; what it is given has been read before.";
    private const string Opens = "Opens a file or a stream; an entry drives what reads its bytes.";
    private const string OurKeys = "Key bytes of a fixed length that this code has opened or drawn.";
    private const string IdSeeds = "Hashed, whatever it holds; its length is checked by the entry of the request that brings it.";
    private const string NoInput = "Nothing comes in here.";
    private const string PassesOn = "Passes bytes on as they are.";
    private const string WrittenOnly = "Printed for programs, never read.";
    private const string Steps = "Steps of which each is driven by an entry: the session, the root of trust, the head, the file's beginning, the letter.";

    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["AccountKeys.OpenFileAsync"] = Steps,
        ["AccountVaults.OpenAsync"] = Compares,
        ["AccountVaults.OpenUnprovenAsync"] = Compares,
        ["Attachment.Open"] = "An OpeningStream, which entries drive, of a length that the account signed.",
        ["AtRestSecret.LoadOrCreate"] = Opens,
        ["AttachmentSource.Read"] = NoInput,
        ["AttachmentSource.ReadAsync"] = PassesOn,
        ["AttachmentStream.Read"] = NoInput,
        ["AttachmentStream.ReadAsync"] = PassesOn,
        ["Backup.IsPassing"] = Compares,
        ["Backup.OpenAsync"] = "The operator's own backup, read by SQLite.",
        ["BackupCheck.CheckAsync"] = Steps,
        ["BackupCommands.Read"] = "The operator's own arguments.",
        ["CodesStore.CheckAsync"] = Compares,
        ["CertificateFiles.Load"] = "The operator's own files, read by the platform.",
        ["CopyingStream.Read"] = NoInput,
        ["CopyingStream.ReadAsync"] = PassesOn,
        ["CountedOutput.Read"] = NoInput,
        ["CountingStream.Read"] = PassesOn,
        ["CountingStream.ReadAsync"] = PassesOn,
        ["Database.Open"] = "The operator's own configuration.",
        ["Database.OpenFile"] = Opens,
        ["Derived.IsCommittedTo"] = Compares,
        ["DeviceSecret.TryImport"] = OurKeys,
        ["Ed25519PrivateKey.FromSeed"] = OurKeys,
        ["EcdsaCurve.IsScalar"] = OurKeys,
        ["EcdsaPrivateKey.FromScalar"] = OurKeys,
        ["DidBrowser.TryRead"] = "A cookie, which the platform has read: b64u of 32 bytes.",
        ["DidChallenge.IsOf"] = Compares,
        ["DidHandler.ReadAnswerAsync"] = "The user's id comes from the app; an entry drives each thing that is read here.",
        ["DidHandler.TryOpen"] = "What the app sealed itself; did-challenge drives what reads the bytes inside.",
        ["DidMessages.ChallengeAnswer"] = WrittenOnly,
        ["DidMessages.DidProblem"] = WrittenOnly,
        ["DidJson.DocumentMembers"] = WrittenOnly,
        ["DidJson.ResolutionMembers"] = WrittenOnly,
        ["JwkJsonConverter.Read"] = WrittenOnly,
        ["PublicKeyJsonConverter.Read"] = WrittenOnly,
        ["FileKind.IsWrittenInPlace"] = NoInput,
        ["FilePinStore.ReadAsync"] = Opens,
        ["PrivateFile.Open"] = Opens,
        ["FolderFlush.OpenReadOnly"] = Opens,
        ["ExportedAccount.OpenAsync"] = Steps,
        ["ExportMemberStream.Read"] = NoInput,
        ["ExportMemberStream.ReadAsync"] = PassesOn,
        ["FileTransfer.OpenFile"] = Opens,
        ["FileTransfer.OpenInput"] = Opens,
        ["GuardianRecords.OpenShare"] = "What the service sealed itself.",
        ["GuessMark.LoadOrCreate"] = "Eight bytes of the service's own.",
        ["HeldShares.OpenAsync"] = Steps,
        ["IHead.TryRead"] = "Declared alone; the heads of each service have an entry.",
        ["KeyFiles.Read"] = Opens,
        ["KeyladderClient.ImportAsync"] = Steps,
        ["KeyladderClient.ReadKeyFile"] = Opens,
        ["KitOutput.Open"] = Opens,
        ["LetterReading.OpenAsync"] = Steps,
        ["LinesJson.CheckLine[]"] = WrittenOnly,
        ["LinesJson.DeviceLine[]"] = WrittenOnly,
        ["LinesJson.EventLine[]"] = WrittenOnly,
        ["LinesJson.GivenLine[]"] = WrittenOnly,
        ["LinesJson.HeldLine[]"] = WrittenOnly,
        ["LinesJson.ItemLine[]"] = WrittenOnly,
        ["LinesJson.KeyLine[]"] = WrittenOnly,
        ["LinesJson.NewsLine"] = WrittenOnly,
        ["LinesJson.RecoveryLine[]"] = WrittenOnly,
        ["LinesJson.RelationshipLine[]"] = WrittenOnly,
        ["LinesJson.RestoreLine[]"] = WrittenOnly,
        ["LinesJson.RestoreQuestion"] = WrittenOnly,
        ["LinesJson.SessionLine[]"] = WrittenOnly,
        ["LinesJson.UnlockMethodLine[]"] = WrittenOnly,
        ["LocalStore.TryOpenAsync"] = Steps,
        ["LockedAccount.OpenAsync"] = Steps,
        ["MailOptions.IsLoopback"] = "The operator's own configuration.",
        ["Migrations.Read"] = NoInput,
        ["KeyRequests.CheckLabel"] = "KeyOverview.IsLabel under another failure.",
        ["KeyRequests.OpenAsync"] = Steps,
        ["StoredRecord.Bind"] = NoInput,
        ["StoreFile.Open"] = Steps,
        ["ObjectName.Read"] = "One of two words, or an alarm.",
        ["VaultRequests.ImportAsync"] = Steps,
        ["ItemRequests.ReadAttachmentAsync"] = PassesOn,
        ["ShareRequests.ReadAttachmentAsync"] = PassesOn,
        ["VaultRequests.ReadSecretAsync"] = Steps,
        ["VerifiedStream.Read"] = PassesOn,
        ["VerifiedStream.ReadAsync"] = PassesOn,
        ["VaultCommand.ReadInvitation"] = "A file that the person names; the agent reads what is in it as an invitation.",
        ["ItemRequests.ReadAllAsync"] = PassesOn,
        ["ItemRequests.ReadAttributes"] = "From this program's own command; each attribute is read by ItemAttribute.Create.",
        ["VaultRequests.ReadInvitationAsync"] = "From this program's own command; read by InvitationCode.TryParse.",
        ["ObjectWrites.IsSame"] = Compares,
        ["GuardianHandle.FromSeed"] = IdSeeds,
        ["OprfKey.FromScalar"] = OurKeys,
        ["OutgoingData.Read"] = NoInput,
        ["Profile.Read"] = Opens,
        ["Profile.ReadNextSecretKey"] = Opens,
        ["ReceivingAccount.OpenAsync"] = Steps,
        ["RefuseJson.Read"] = NoInput,
        ["Ristretto255Sha512.IsScalar"] = OurKeys,
        ["SealingStream.Read"] = NoInput,
        ["SecretKey.FromSecret"] = OurKeys,
        ["ServiceBackups.VerifyAsync"] = "The operator's own backup, read by SQLite.",
        ["SessionKey.Verify"] = Compares,
        ["SessionKeys.Verify"] = Compares,
        ["SettingNames.IsNamedBy"] = "The operator's own arguments.",
        ["SettingNames.IsOurs"] = "The operator's own configuration.",
        ["Settings.IsServices"] = "The operator's own configuration.",
        ["SqliteEngine.IsFile"] = "The operator's own configuration.",
        ["StandardOutput.Read"] = NoInput,
        ["Transfer.IsSameFile"] = Compares,
        ["TrustedProxies.TryParse"] = "The operator's own configuration.",
        ["TypedSecret.Read"] = Opens,
        ["UnlockCommand.OpenAsync"] = Steps,
        ["Unlocking.ReadTypedAsync"] = "Two typed secrets in a row, each of which an entry drives.",
        ["VaultImportCommand.ReadAsync"] = "From this account's own agent: two numbers in a line.",
        ["ShareCommand.ReadTermsAsync"] = Opens,
        ["VerifyCommand.ReadSignatureAsync"] = Opens,
        ["Words.FromEntropy"] = OurKeys,
        ["RecordSealing.Open"] = "What the service sealed itself.",
        ["RecoveryCode.FromSecret"] = OurKeys,
        ["RecoveryRecordId.FromSeed"] = IdSeeds,
        ["Uuid.FromSeed"] = IdSeeds,
        ["RecoveryInput.ReadCodeAsync"] = "Eight digits.",
        ["RecoveryInput.ReadPassword"] = Opens,
        ["RecoveryKey.UnwrapUnder"] = Steps,
        ["X25519PrivateKey.FromScalar"] = OurKeys,
        ["XWingPrivateKey.FromSeed"] = OurKeys,
    };

    [Fact]
    public void Every_parser_is_in_the_registry_or_has_a_reason()
    {
        var covered = Registry.All.SelectMany(parser => parser.Covers).ToHashSet();
        var missing = Found().Where(name => !covered.Contains(name) && !Exceptions.ContainsKey(name)).ToList();
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void No_name_in_the_registry_or_among_the_reasons_is_of_the_past()
    {
        var types = Sources.SelectMany(assembly => assembly.GetTypes());
        var members = types.SelectMany(type => Members(type).Select(member => $"{Name(type)}.{member.Name}")).ToHashSet();
        members.UnionWith(JsonTypes());
        var past = Registry.All.SelectMany(parser => parser.Covers).Concat(Exceptions.Keys).Where(name => !members.Contains(name)).Distinct().ToList();
        Assert.True(past.Count == 0, string.Join('\n', past));
        Assert.Equal([], Exceptions.Keys.Intersect(Registry.All.SelectMany(parser => parser.Covers)));
    }

    [Fact]
    public void Names_are_unique() => Assert.Equal(Registry.All.Count, Registry.All.Select(parser => parser.Name).Distinct().Count());

    private static SortedSet<string> Found()
    {
        var methods = from assembly in Sources
                      from type in assembly.GetTypes()
                      where type.GetCustomAttribute<CompilerGeneratedAttribute>() is null
                          && type.Namespace?.StartsWith("Keyladder", StringComparison.Ordinal) == true
                      from method in Members(type).OfType<MethodInfo>()
                      where Verbs.Any(verb => IsNamed(method.Name, verb)) && method.GetParameters().Any(parameter => IsUntrusted(parameter.ParameterType))
                      select $"{Name(type)}.{method.Name}";
        return [.. methods, .. JsonTypes()];
    }

    // ReadAsync and ReadRequest are named Read; Readiness is not. From is FromUtf8, and Is is IsLabel.
    private static bool IsNamed(string name, string verb) =>
        name.StartsWith(verb, StringComparison.Ordinal) && (name.Length == verb.Length || char.IsAsciiLetterUpper(name[verb.Length]));

    private static bool IsUntrusted(Type type) => Untrusted.Contains(type.IsByRef ? type.GetElementType() : type);

    private static MemberInfo[] Members(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly);

    private static IEnumerable<string> JsonTypes() =>
        from assembly in Sources
        from type in assembly.GetTypes()
        from attribute in type.GetCustomAttributesData()
        where attribute.AttributeType == typeof(JsonSerializableAttribute)
        select $"{type.Name}.{((Type)attribute.ConstructorArguments[0].Value!).Name}";

    private static string Name(Type type) => type.Name.Split('`')[0];
}
