using System.Reflection;
using System.Text.RegularExpressions;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>Attack E07: no key, label or arrow serves two purposes. The lists are read off the code and the specification, so that what is added shows here.</summary>
public sealed partial class InventoryTests
{
    private static readonly Type[] Roles =
    [
        typeof(PassphraseDerivedKey), typeof(MasterEncryptionKey), typeof(KeyEncryptionKey), typeof(PersonalDataEncryptionKey), typeof(SharingDataEncryptionKey),
        typeof(Keypair), typeof(IdentityKeypair), typeof(LoginKeypair), typeof(VaultSignInKeypair), typeof(VaultHeadKeypair), typeof(WitnessKey), typeof(RelationshipKey),
    ];

    /// <summary>Parameters that say where a thing belongs or when it was; the others are what an arrow is about.</summary>
    private static readonly Type[] Places =
    [
        typeof(AccountId), typeof(SlotId), typeof(KeyEncryptionKeyId), typeof(KeyId), typeof(DataId), typeof(ItemId), typeof(AttributeId), typeof(RelationshipId), typeof(ShareId), typeof(Guid), typeof(long), typeof(DateTimeOffset), typeof(CancellationToken),
    ];

    [Fact]
    public void E07_each_label_stands_exactly_once_in_all_of_the_source()
    {
        var labels = LabelsInSource().ToArray();
        Assert.True(labels.Length >= 18, "The search finds less than there is.");
        var twice = labels.GroupBy(found => found.Label).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(found => found.File))}");
        Assert.Empty(twice);
    }

    [Fact]
    public void E07_the_labels_of_the_specification_are_those_of_the_source()
    {
        var pages = Directory.GetFiles(Path.Combine(Clone.Root, "docs", "spec"), "*.md");
        var specified = pages.SelectMany(page => LabelPattern().Matches(File.ReadAllText(page))).Select(match => match.Value).Where(label => !label.StartsWith("keyladder-file/", StringComparison.Ordinal)).ToHashSet();
        var used = LabelsInSource().Where(found => found.File.StartsWith("Keyladder.Keys/", StringComparison.Ordinal) || found.File.StartsWith("Keyladder.Cryptography", StringComparison.Ordinal));

        // What only the service uses (the X25519 key of a session) is specified as well, and its tests are with it.
        Assert.Empty(used.Select(found => found.Label).Except(specified));
        Assert.Empty(specified.Except(LabelsInSource().Select(found => found.Label)));
    }

    [Fact]
    public void E07_every_constant_of_the_list_of_labels_is_a_label_and_no_other_file_has_one()
    {
        var constants = typeof(Labels).GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Select(field => (string)field.GetRawConstantValue()!).ToArray();
        Assert.Equal(constants.Length, constants.Distinct().Count());
        Assert.All(constants, label => Assert.Matches(LabelPattern(), label));
        Assert.Equal(constants.Order(), LabelsInSource().Where(found => found.File.StartsWith("Keyladder.Keys/", StringComparison.Ordinal)).Select(found => found.Label).Order());
    }

    [Fact]
    public void E07_each_role_has_exactly_its_arrows()
    {
        var arrows = Roles.SelectMany(role => role
            .GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public)
            .Where(method => method.DeclaringType != typeof(object) && !method.IsSpecialName && method.Name is not (nameof(IDisposable.Dispose) or nameof(ToString)))
            .Select(method => $"{role.Name}.{method.Name}({string.Join(", ", method.GetParameters().Where(parameter => !Places.Contains(parameter.ParameterType)).Select(parameter => Short(parameter.ParameterType)))})"));

        string[] expected =
        [
            "PassphraseDerivedKey.DeriveAsync(UnlockSecret)",
            "PassphraseDerivedKey.DeriveSlotLocator()",
            "PassphraseDerivedKey.DeriveLoginKeypair()",
            "PassphraseDerivedKey.DeriveMasterEncryptionKey()",
            "MasterEncryptionKey.Wrap(KeyEncryptionKey)",
            "MasterEncryptionKey.Unwrap(Wrapped<KeyEncryptionKey>)",
            "KeyEncryptionKey.Generate()",
            "KeyEncryptionKey.Wrap(PersonalDataEncryptionKey)",
            "KeyEncryptionKey.Wrap(SharingDataEncryptionKey)",
            "KeyEncryptionKey.Wrap(Keypair)",
            "KeyEncryptionKey.Wrap(IdentityKeypair)",
            "KeyEncryptionKey.Wrap(VaultSignInKeypair)",
            "KeyEncryptionKey.Wrap(VaultHeadKeypair)",
            "KeyEncryptionKey.Wrap(RelationshipKey)",
            "KeyEncryptionKey.Unwrap(Wrapped<RelationshipKey>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<PersonalDataEncryptionKey>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<SharingDataEncryptionKey>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<Keypair>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<IdentityKeypair>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<VaultSignInKeypair>, KeyOverview)",
            "KeyEncryptionKey.Unwrap(Wrapped<VaultHeadKeypair>, KeyOverview)",
            "KeyEncryptionKey.SealOverview(KeyOverview)",
            "KeyEncryptionKey.OpenOverview(ReadOnlySpan<Byte>)",
            "KeyEncryptionKey.DeriveWitnessKey()",
            "WitnessKey.Seal(IReadOnlyList<WitnessedHead>)",
            "WitnessKey.Open(ReadOnlySpan<Byte>)",
            .. DataArrows("PersonalDataEncryptionKey"),
            "PersonalDataEncryptionKey.Generate(KeyService)",
            "PersonalDataEncryptionKey.Seal(ItemOverview)",
            "PersonalDataEncryptionKey.Seal(ItemAttribute)",
            "PersonalDataEncryptionKey.SealRecord(ReadOnlySpan<Byte>)",
            "PersonalDataEncryptionKey.OpenRecord(ReadOnlySpan<Byte>)",
            .. Enumerable.Repeat("PersonalDataEncryptionKey.Open(ReadOnlySpan<Byte>)", 2), // an item, an attribute
            .. DataArrows("SharingDataEncryptionKey"),
            "SharingDataEncryptionKey.NameFor()",
            "SharingDataEncryptionKey.Seal(SharedContent)",
            "SharingDataEncryptionKey.Open(ReadOnlySpan<Byte>)", // a copy
            "RelationshipKey.Generate(KeyService)",
            "RelationshipKey.SignBundle()",
            "RelationshipKey.Sign(Acceptance)",
            "RelationshipKey.Sign(Confirmation)",
            "RelationshipKey.Sign(KeyChange)",
            "RelationshipKey.Sign(ShareStatement)",
            "RelationshipKey.Sign(ShareEvent)",
            "RelationshipKey.OpenChannelKey()",
            "RelationshipKey.IsAddressee(ReadOnlyMemory<Byte>)",
            "RelationshipKey.Open(KeyBundle, ReadOnlyMemory<Byte>)",
            "RelationshipKey.ChangeState(KeyState)",
            "Keypair.Generate(KeyType)",
            "Keypair.SignAsync(Stream)",
            "Keypair.SignAsync(Stream, Did)",
            "Keypair.DangerousExport(PrivateKeyFormat)",
            "Keypair.ChangeState(KeyState)",
            "IdentityKeypair.Generate()",
            "IdentityKeypair.Sign(KeystoreHead)",
            "IdentityKeypair.Sign(AccountDeletion)",
            "IdentityKeypair.ChangeState(KeyState)",
            "VaultSignInKeypair.Generate(KeyService)",
            "VaultSignInKeypair.OpenLogin()",
            "VaultSignInKeypair.ChangeState(KeyState)",
            "VaultHeadKeypair.Generate(KeyService)",
            "VaultHeadKeypair.Sign(VaultHead)",
            "VaultHeadKeypair.Sign(AccountDeletion)",
            "VaultHeadKeypair.ChangeState(KeyState)",
            "Keypair.SignIn(DidSignInLink)",
            "LoginKeypair.Sign(LoginAssertion)",
            "LoginKeypair.Sign(LoginProof)",
        ];
        Assert.Equal(expected.Order(), arrows.Order());
    }

    [Fact]
    public void Each_role_is_sealed_disposable_and_made_by_no_public_constructor() => Assert.All(Roles, role =>
    {
        Assert.True(role.IsSealed);
        Assert.True(typeof(IDisposable).IsAssignableFrom(role));
        Assert.Empty(role.GetConstructors());
    });

    [Fact]
    public void No_public_member_takes_or_gives_a_secret_as_a_string_and_what_lets_one_out_is_called_dangerous()
    {
        var letsOut = typeof(KeyEncryptionKey).Assembly.GetExportedTypes()
            .Where(type => HoldsSecret(type))
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(SecretBytes) || method.GetParameters().Any(parameter => parameter.ParameterType == typeof(Span<char>) || parameter.ParameterType == typeof(Span<byte>)))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").Distinct();

        // A DEK writes sealed and opened data to the caller's memory: no key, no unlock secret.
        Assert.Equal(
            ["DataEncryptionKey.DangerousExport", "DataEncryptionKey.Open", "DataEncryptionKey.Seal", "DeviceSecret.DangerousWriteTo", "Keypair.DangerousExport", "RecoveryCode.DangerousWriteTo", "SecretKey.DangerousWriteTo", "Words.DangerousWriteTo"],
            letsOut.Order());

        var strings = typeof(KeyEncryptionKey).Assembly.GetExportedTypes()
            .Where(type => HoldsSecret(type))
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(string)))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        // What is signed is no secret.
        Assert.Equal(["RelationshipInvitation.SealAcceptance", "RelationshipInvitation.SealOffer"], strings.Order());
    }

    private static IEnumerable<string> DataArrows(string dek) =>
    [
        $"{dek}.Generate()", $"{dek}.Seal(ReadOnlySpan<Byte>)", $"{dek}.Open(ReadOnlySpan<Byte>)",
        $"{dek}.Seal(ReadOnlySpan<Byte>, Span<Byte>)", $"{dek}.Open(ReadOnlySpan<Byte>, Span<Byte>)", $"{dek}.SealFileAsync(Stream, Stream)", $"{dek}.OpenFile(SealedFile)",
        $"{dek}.HasSealed(SealedFile)", $"{dek}.ChangeState(KeyState)", $"{dek}.DangerousExport()",
    ];

    private static string Short(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>"
        : type.Name;

    private static bool HoldsSecret(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Any(field => field.FieldType == typeof(SecretBytes) || typeof(Cryptography.Signing.PrivateKey).IsAssignableFrom(field.FieldType));

    private static IEnumerable<(string File, string Label)> LabelsInSource()
    {
        var source = Path.Combine(Clone.Root, "src");
        return
            from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            let relative = Path.GetRelativePath(source, file)
            where !relative.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
            from match in QuotedLabel().Matches(File.ReadAllText(file))
            select (relative, match.Groups["label"].Value);
    }

    /// <summary>Services and things in lower case, a version, a name: no path of a URL starts like that.</summary>
    [GeneratedRegex(@"(?<![/\w-])[a-z][a-z-]*/v\d+/[a-z0-9-]+")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"""(?<label>[a-z][a-z-]*/v\d+/[a-z0-9-]+)""")]
    private static partial Regex QuotedLabel();
}
