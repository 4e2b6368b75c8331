using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Repository.Tests;

/// <summary>
/// Attack J04, as far as it can be read: what our programs put into an exception. The compiler says of which type each part is; what could quote a secret is bytes and text that is
/// not written in the source.
/// </summary>
public sealed class ExceptionTextTests
{
    // What is made at run time and quoted, and why it is no secret. Whoever adds one says so here.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["names of files and folders that the caller chose, or that follow from them"] =
        [
            "Keyladder.Cli/Commands/AccountCommand.cs: output",
            "Keyladder.Cli/Commands/DecryptCommand.cs: parsed.GetValue(file)",
            "Keyladder.Cli/Commands/EncryptCommand.cs: parsed.GetValue(file)",
            "Keyladder.Client/Accounts/KeyFileFailures.cs: service",
            "Keyladder.Client/Accounts/UnlockMethods.cs: path",
            "Keyladder.Client/KeyladderClient.cs: path",
            "Keyladder.Client/Receiving/ShareReceiver.cs: keyFile",
            "Keyladder.Cli/Commands/ExportCommand.cs: path",
            "Keyladder.Cli/Commands/KeyCommand.cs: path",
            "Keyladder.Cli/Commands/ImportCommand.cs: known",
            "Keyladder.Cli/Commands/ImportCommand.cs: path",
            "Keyladder.Cli/Agent/VaultRequests.cs: request.File",
            "Keyladder.Cli/Commands/OpenExportCommand.cs: folder",
            "Keyladder.Cli/Commands/OpenExportCommand.cs: parsed.GetRequiredValue(File)",
            "Keyladder.Cli/Commands/OpenExportCommand.cs: path",
            "Keyladder.Cli/Commands/OpenExportCommand.cs: plain",
            "Keyladder.Cli/Commands/ConnectCommand.cs: file.Name",
            "Keyladder.Cli/Commands/ConnectCommand.cs: path",
            "Keyladder.Cli/Commands/ShareCommand.cs: path",
            "Keyladder.Cli/Commands/VaultExportCommand.cs: path",
            "Keyladder.Cli/Commands/VaultImportCommand.cs: path",
            "Keyladder.Cli/Terminal/PlainFolder.cs: Path.Combine(partial, Items)",
            "Keyladder.Cli/Terminal/PlainFolder.cs: path",
            "Keyladder.Cli/Commands/PassphraseCommand.cs: parsed.GetValue(CommandLine.KitFile)",
            "Keyladder.Cli/Commands/RecoveryKeyCommand.cs: parsed.GetValue(CommandLine.KitFile)",
            "Keyladder.Cli/Commands/RecoveryCommand.cs: parsed.GetValue(CommandLine.KitFile)",
            "Keyladder.Cli/Commands/RecoveryRegisterCommand.cs: parsed.GetValue(CommandLine.KitFile)",
            "Keyladder.Cli/Commands/RecoveryInput.cs: profile.RecoveryDeviceFile",
            "Keyladder.Cli/Commands/RecoveryInput.cs: file.Name",
            "Keyladder.Cli/Commands/RecoveryInput.cs: CodeFile.Name",
            "Keyladder.Cli/Commands/RecoveryInput.cs: RecoveryCodeFile.Name",
            "Keyladder.Cli/Commands/RecoveryRegisterCommand.cs: WordsFile.Name",
            "Keyladder.Cli/Commands/RequestCommand.cs: file",
            "Keyladder.Cli/Commands/RequestCommand.cs: output",
            "Keyladder.Cli/Commands/SignCommand.cs: output",
            "Keyladder.Cli/Commands/SignCommand.cs: path",
            "Keyladder.Cli/Commands/SignUpCommand.cs: known",
            "Keyladder.Cli/Commands/SignUpCommand.cs: parsed.GetValue(CommandLine.KitFile)",
            "Keyladder.Cli/Commands/Transfer.cs: path",
            "Keyladder.Cli/Commands/VaultCommand.cs: InvitationInput.InvitationFile.Name",
            "Keyladder.Cli/Commands/VerifyCommand.cs: path",
            "Keyladder.Cli/Commands/VerifyCommand.cs: signaturePath",
            "Keyladder.Cli/Profiles/DeviceFile.cs: Path",
            "Keyladder.Cli/Profiles/Profile.cs: Folder",
            "Keyladder.Cli/Profiles/Profile.cs: SettingsFile",
            "Keyladder.Cli/Commands/ItemCommand.cs: path",
            "Keyladder.Cli/Terminal/InvitationInput.cs: InvitationFile.Name",
            "Keyladder.Cli/Terminal/ItemInput.cs: Attributes.Name",
            "Keyladder.Cli/Terminal/ItemInput.cs: named[(equals + 1)..]",
            "Keyladder.Cli/Commands/UnlockCommand.cs: profile.Copies",
            "Keyladder.Client/Pins/FilePinStore.cs: PathOf(account)",
            "Keyladder.Client/Store/LocalStore.cs: PathOf(keys.Service.Account)",
            "Keyladder.Client/Store/LocalStore.cs: PathOf(vault)",
            "Keyladder.Client/Store/LocalStore.cs: path",
            "Keyladder.Client/Store/StoreFile.cs: _path",
            "Keyladder.Hosting/Authentication/ServiceSecret.cs: path",
            "Keyladder.Hosting/Recovery/AtRestSecret.cs: path",
            "Keyladder.Hosting/Recovery/RecoveryServices.cs: options.AtRestSecretPath",
            "Keyladder.Hosting/Recovery/RecoveryServices.cs: options.GuessMarkPath",
            "Keyladder.Hosting/Storage/SecretFile.cs: path",
            "Keyladder.Hosting/Backups/ServiceBackups.cs: file",
            "Keyladder.Hosting/ServiceApplication.cs: options.Certificate",
            "Keyladder.Hosting/ServiceApplication.cs: options.Data",
            "Keyladder.Hosting/ServiceApplication.cs: options.SecretPath",
            "Keyladder.Hosting/Storage/Backup.cs: Path.GetTempPath()",
            "Keyladder.Hosting/Storage/Backup.cs: temporary",
            "Keyladder.Hosting/Storage/FolderFlush.cs: folder",
            "Keyladder.Hosting/Storage/SqliteEngine.cs: Path.GetDirectoryName(full)",
            "Keyladder.Hosting/Tls/CertificateFiles.cs: keyPath",
        ],
        ["texts of other exceptions of ours"] =
        [
            "Keyladder.Client/Relationships/RelationshipFailures.cs: inner.Message.Split(\" (Parameter\")[0]",
            "Keyladder.Cli/Agent/AgentConnection.cs: failure.Next",
            "Keyladder.Cli/Agent/AgentConnection.cs: failure.What",
            """Keyladder.Cli/Agent/ItemRequests.cs: e.Message.Split(" (Parameter")[0]""",
            "Keyladder.Client/Vault/ItemSealing.cs: e.Message",
            "Keyladder.Cli/Agent/Unlocking.cs: request.Restored",
            "Keyladder.Cli/Agent/KeyRequests.cs: e.Message",
            "Keyladder.Cli/Agent/KeyRequests.cs: e.NextStep",
            "Keyladder.Cli/Agent/VaultRequests.cs: e.Choice",
            "Keyladder.Cli/Failure.cs: e.Message",
            "Keyladder.Cli/Failure.cs: e.NextStep",
            "Keyladder.Cli/Failure.cs: next",
            "Keyladder.Cli/Failures.cs: e.Choice",
            "Keyladder.Cli/Failures.cs: e.Message",
            "Keyladder.Cli/Failures.cs: e.NextStep",
            "Keyladder.Client/Keys/KeyWrapping.cs: e.Message",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: cause.Message",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: cause.NextStep",
            "Keyladder.Cryptography/Heads/ProofException.cs: message",
        ],
        ["names and numbers that the program fixes"] =
        [
            "Keyladder.Cli/Commands/DidSignInCommand.cs: link.Purpose.ToText()",
            "Keyladder.Cli/Commands/ShareCommand.cs: share.State",
            "Keyladder.Client/Relationships/RelationshipFailures.cs: share.State",
            "Keyladder.Client/Relationships/HeldShares.cs: share.State",
            "Keyladder.Client/Relationships/HeldShares.cs: held.State",
            "Keyladder.Client/Relationships/RelationshipItem.cs: item",
            "Keyladder.Cli/Commands/DidLookup.cs: resolution.Error.Value.Title()",
            """Keyladder.Cli/Commands/UnlockMethodCommand.cs: command.Replace("unlock-method", "way to unlock", StringComparison.Ordinal)""",
            "Keyladder.Cli/Failures.cs: exception.GetType().Name",
            "Keyladder.Client/Http/Failures.cs: When(wait)",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: AfterWait(cause.RetryAfter)",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: Name(kind)",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: Name(http.Kind)",
            "Keyladder.Cli/Agent/AccountRequests.cs: list",
            "Keyladder.Cli/Commands/Misunderstanding.cs: name",
            "Keyladder.Cli/Commands/Misunderstanding.cs: missing.Name",
            "Keyladder.Cli/Commands/Misunderstanding.cs: missing.HelpName",
            "Keyladder.Cli/Commands/Misunderstanding.cs: missing.Description",
            "Keyladder.Client/Relationships/LetterReading.cs: what",
            """Keyladder.Client/Http/Failures.cs: string.Create(CultureInfo.InvariantCulture, $"has the status {status}, which it cannot have")""",
            "Keyladder.Client/RestoredException.cs: RestoreNotice.On(seen.Day)",
            "Keyladder.Client/RestoredException.cs: RestoreNotice.On(shown.Day)",
            "Keyladder.Client/Keys/KeyWrapping.cs: key.Purpose.ToText()",
            "Keyladder.Cryptography/Heads/PagedTree.cs: next",
            "Keyladder.Hosting/ServiceOptions.cs: Name",
            "Keyladder.Hosting/ServiceOptions.cs: nameof(CertificateKey).ToLowerInvariant()",
            "Keyladder.Hosting/ServiceOptions.cs: nameof(Urls).ToLowerInvariant()",
            "Keyladder.Hosting/ServiceOptions.cs: setting.ToLowerInvariant()",
            "Keyladder.Hosting/Storage/Backup.cs: e.GetType().Name",
            "Keyladder.Hosting/Storage/Backup.cs: state",
            "Keyladder.Hosting/Storage/Backup.cs: row.GetString(2)",
            """Keyladder.Hosting/Storage/Backup.cs: string.Create(CultureInfo.InvariantCulture, $"The backup has schema {version}, this program knows schema {Migrations.Newest(schema, database)} and no later one.")""",
            """Keyladder.Hosting/Storage/Backup.cs: string.Create(CultureInfo.InvariantCulture, $"The database has schema {version}, this program knows schema {Migrations.Newest(schema, target)} and no later one.")""",
            "Keyladder.Hosting/Storage/SecretFile.cs: kind.Name",
            "Keyladder.Hosting/Storage/SecretFile.cs: kind.Remedy",
            "Keyladder.Hosting/Storage/MigrationService.cs: exception.GetType().Name",
            "Keyladder.Hosting/Storage/MigrationService.cs: exception.SqlState",
            "Keyladder.Hosting/Storage/Migrations.cs: database.Engine.Name",
            "Keyladder.Hosting/Storage/Migrations.cs: service.GetName().Name",
            "Keyladder.PassphraseStore/Mail/FolderOutlet.cs: e.GetType().Name",
            "Keyladder.PassphraseStore/Mail/SmtpOutlet.cs: e.GetType().Name",
            "Keyladder.Server/Program.cs: service.Name",
            "Keyladder.Server/Settings.cs: SettingNames.ArgumentAt(at)",
            "Keyladder.Server/Settings.cs: SettingNames.ArgumentAt(wrong)",
            "Keyladder.Keys/Hierarchy/KeyEncryptionKey.cs: overview.Purpose.ToText()",
            "Keyladder.Keys/Hierarchy/KeyStateException.cs: next.ToText()",
            "Keyladder.Keys/Hierarchy/KeyStateException.cs: state.ToText()",
            "Keyladder.Keys/Vault/AttachmentSealing.cs: wrong",
            "Keyladder.Keys/Vault/ItemAttribute.cs: AttributeType.FormOf(type)",
            "Keyladder.Cli/Failures.cs: choice",
            "Keyladder.Client/IntegrityException.cs: nextStep ?? \"Change nothing, keep this device as it is, and ask the service's operator what happened.\"",
            """Keyladder.Client/Integrity/Alarms.cs: string.Join(" and ", found.Select(finding => finding.Of))""",
            "Keyladder.Client/Integrity/Alarms.cs: string.Join(' ', found.Select(finding => finding.Text))",
            "Keyladder.Client/Integrity/Alarms.cs: Hash256.Of([.. found.SelectMany(finding => finding.Mark.ToArray())]).ToString()[..12]",
            "Keyladder.Keys/Vault/ItemOverview.cs: wrong",
        ],
        ["where a profile's account lives, what a service answered, what stands in a file in clear, what a person calls another one and has just typed"] =
        [
            "Keyladder.Cli/Agent/ShareRequests.cs: relationship.Name",
            "Keyladder.Cli/Agent/ShareRequests.cs: given.Item",
            "Keyladder.Cli/Commands/ShareCommand.cs: share.Id",
            "Keyladder.Client/Relationships/RelationshipFailures.cs: relationship.State.Other!.Origin",
            "Keyladder.Client/Keys/AccountDids.cs: link.Origin",
            "Keyladder.Client/Keys/AccountDids.cs: origin",
            "Keyladder.Cli/Commands/DeviceCommand.cs: known.Id",
            "Keyladder.Cli/Commands/DeviceCommand.cs: known.Server",
            "Keyladder.Client/Http/Failures.cs: address.GetLeftPart(UriPartial.Authority)",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: keystore.GetLeftPart(UriPartial.Authority)",
            "Keyladder.Client/Recovery/RecoveryFailures.cs: http.Origin.Address.GetLeftPart(UriPartial.Authority)",
            "Keyladder.Client/Http/Failures.cs: problem.Type[ProblemTypes.Prefix.Length..]",
            "Keyladder.Client/Accounts/ExportedAccount.cs: Number(head.Count)",
            "Keyladder.Client/Accounts/ExportedAccount.cs: Number(head.Number)",
            "Keyladder.Client/Accounts/ExportedAccount.cs: Number(leaves.Count)",
            "Keyladder.Client/Accounts/ExportedAccount.cs: e.Object",
            "Keyladder.Client/Accounts/ExportedAccount.cs: id",
            "Keyladder.Client/Relationships/HeldShares.cs: name",
            "Keyladder.Client/Relationships/RelationshipFailures.cs: id",
            "Keyladder.Client/Vault/Export/ExportedObjects.cs: Number(Head.Count)",
            "Keyladder.Client/Vault/Export/ExportedObjects.cs: Number(Head.Number)",
            "Keyladder.Client/Vault/Export/ExportedObjects.cs: Number(_leaves.Count)",
            "Keyladder.Client/Vault/Export/ExportedObjects.cs: e.Object",
            "Keyladder.Client/Vault/Export/ExportedObjects.cs: entry.Id",
            "Keyladder.Client/Vault/Export/ExportedVault.cs: attachment.Id",
            "Keyladder.Client/Vault/Export/ExportedVault.cs: id",
            "Keyladder.Client/Vault/Export/VaultExport.cs: attachment.Id",
            "Keyladder.Client/Vault/Vault.cs: attachment.Id",
            "Keyladder.Client/Vault/VaultGoingBack.cs: vault",
            "Keyladder.Hosting/Problems/ProblemException.cs: problem.Type",
        ],
        ["ciphertext for whoever chooses after a restore, in no text of the exception"] =
        [
            "Keyladder.Client/Vault/VaultGoingBack.cs: items",
        ],
        ["of settings: their names, those in the environment or the file also where they are not known, and the forms that their values need"] =
        [
            """Keyladder.Server/Settings.cs: SettingNames.WhatIsWrong(configuration, arguments) ?? "The configuration holds a setting that is not known, or is not well formed." """.TrimEnd(),
        ],
        ["of what was typed: nothing but whether its form is right, where it stands, which name of the program is nearest, and for words the nearest ones of the list, for the screen of who typed them"] =
        [
            "Keyladder.Cli/Commands/Misunderstanding.cs: near",
            "Keyladder.Cli/Commands/Misunderstanding.cs: what",
            """Keyladder.Cli/Commands/Misunderstanding.cs: Without(parsed.Tokens, parsed.Errors[0].Message.ReplaceLineEndings(" "))""",
            "Keyladder.Cli/Commands/RecoveryInput.cs: error.ToString()",
            "Keyladder.Cli/Commands/RecoveryRegisterCommand.cs: error.ToString()",
            "Keyladder.Cli/Terminal/SecretInput.cs: error.ToString()",
            """Keyladder.Cli/Terminal/SecretInput.cs: string.Join(" or ", error.Nearest)""",
        ],
    };

    // Types whose values travel or lie in clear: random ids, numbers and hashes of heads, the route of a call, ciphertext, what a service answers.
    private static readonly string[] Plain =
    [
        "Keyladder.Cryptography.AccountId", "Keyladder.Cryptography.ItemId", "Keyladder.Cryptography.KeyId", "Keyladder.Cryptography.RelationshipId", "Keyladder.Cryptography.ShareId", "Keyladder.Cryptography.SlotId", "Keyladder.Cryptography.Heads.HeadPin", "Keyladder.Client.Call", "Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.KeystoreHead, Keyladder.Client.StoredKey>", "Keyladder.Client.ObjectName", "Keyladder.Protocol.ProblemMessage",
        "System.DateOnly", "System.DateTimeOffset", "System.TimeSpan", "System.Type", "System.Guid",
    ];

    [Fact]
    public void J04_nothing_of_a_secret_can_get_into_an_exception()
    {
        var quoted = Repository.Files("*.csproj", "src").SelectMany(project => Quoted(Path.GetFileNameWithoutExtension(project), Sources(project))).ToList();
        var allowed = Allowed.Values.SelectMany(parts => parts).ToList();
        Assert.True(quoted.Order().SequenceEqual(allowed.Order()), $"To enter:\n{string.Join('\n', quoted.Except(allowed))}\nNo longer there:\n{string.Join('\n', allowed.Except(quoted))}");
    }

    [Theory]
    [InlineData("throw new System.ArgumentException($\"bad: {secret}\");", true)]
    [InlineData("throw new System.ArgumentException(\"bad: \" + secret);", true)]
    [InlineData("throw new System.ArgumentException(string.Concat(\"bad: \", secret));", true)]
    [InlineData("System.Exception e = new System.ArgumentException(secret); throw e;", true)]
    [InlineData("System.Exception e = new(secret); throw e;", true)]
    [InlineData("throw new System.ArgumentException(System.Convert.ToHexString(bytes));", true)]
    [InlineData("throw Make($\"bad: {secret}\");", true)]
    [InlineData("throw Make(\"bad\");", false)]
    [InlineData("throw new System.ArgumentException($\"bad: {bytes.Length} bytes, {nameof(secret)}\", \"name\");", false)]
    [InlineData("throw new System.ArgumentException(bytes.Length > 3 ? \"long\" : \"short\");", false)]
    public void What_quotes_is_seen_and_what_does_not_is_let_be(string statement, bool isSeen) =>
        Assert.Equal(isSeen, Quoted("Sample", [("Sample.cs", $"class Sample {{ void Run(string secret, byte[] bytes) {{ {statement} }} static System.Exception Make(string text) => new System.ArgumentException(text); System.Exception Made() => Make(\"none\"); }}")]).Count > 0);

    /// <returns>
    /// Each part of what goes into an exception that is no constant, no number and nothing else of a type that holds nothing to quote. A parameter of a method is followed to where
    /// that method is called.
    /// </returns>
    private static HashSet<string> Quoted(string project, IEnumerable<(string File, string Text)> sources)
    {
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, path: source.File)).ToList();
        var compilation = CSharpCompilation.Create(project, trees, References.Value, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var exception = compilation.GetTypeByMetadataName("System.Exception")!;
        var models = trees.ToDictionary(tree => tree, tree => compilation.GetSemanticModel(tree));
        var calls = trees.SelectMany(tree => tree.GetRoot().DescendantNodes().SelectMany(node => Arguments(node, models[tree]))).ToList();
        var followed = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var open = new Queue<ExpressionSyntax>(calls.Where(call => Is(call.Created, exception)).Select(call => call.Argument));
        var found = new HashSet<string>();
        while (open.TryDequeue(out var argument))
        {
            var model = models[argument.SyntaxTree];
            foreach (var part in Parts(argument))
            {
                if (model.GetConstantValue(part).HasValue || HoldsNothing(model.GetTypeInfo(part).Type, exception))
                    continue;
                if (model.GetSymbolInfo(part).Symbol is IParameterSymbol { Type.SpecialType: SpecialType.System_String } parameter && calls.Any(call => IsOf(call, parameter)))
                {
                    if (followed.Add(parameter))
                        calls.Where(call => IsOf(call, parameter)).ToList().ForEach(call => open.Enqueue(call.Argument));
                    continue;
                }

                found.Add($"{argument.SyntaxTree.FilePath}: {part}");
            }
        }

        return found;
    }

    private static bool IsOf((ExpressionSyntax Argument, ITypeSymbol? Created, IParameterSymbol? Parameter) call, IParameterSymbol parameter) =>
        SymbolEqualityComparer.Default.Equals(call.Parameter?.OriginalDefinition, parameter.OriginalDefinition);

    private static IEnumerable<(ExpressionSyntax Argument, ITypeSymbol? Created, IParameterSymbol? Parameter)> Arguments(SyntaxNode node, SemanticModel model)
    {
        var (list, created) = node switch
        {
            BaseObjectCreationExpressionSyntax creation => (creation.ArgumentList, model.GetTypeInfo(creation).Type),
            InvocationExpressionSyntax call => (call.ArgumentList, null),
            ConstructorInitializerSyntax passedOn => (passedOn.ArgumentList, model.GetSymbolInfo(passedOn).Symbol?.ContainingType),
            PrimaryConstructorBaseTypeSyntax passedOn => (passedOn.ArgumentList, model.GetTypeInfo(passedOn.Type).Type),
            _ => (null, null),
        };
        return (list?.Arguments ?? []).Select(argument => (argument.Expression, created, model.GetOperation(argument) is IArgumentOperation operation ? operation.Parameter : null));
    }

    private static IEnumerable<ExpressionSyntax> Parts(ExpressionSyntax expression) => expression switch
    {
        ParenthesizedExpressionSyntax parenthesized => Parts(parenthesized.Expression),
        ConditionalExpressionSyntax either => Parts(either.WhenTrue).Concat(Parts(either.WhenFalse)),
        SwitchExpressionSyntax cases => cases.Arms.SelectMany(arm => Parts(arm.Expression)),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => Parts(sum.Left).Concat(Parts(sum.Right)),
        InterpolatedStringExpressionSyntax text => text.Contents.OfType<InterpolationSyntax>().SelectMany(hole => Parts(hole.Expression)),
        _ => [expression],
    };

    private static bool HoldsNothing(ITypeSymbol? type, ITypeSymbol exception) => type switch
    {
        null => true, // null, default, a throw
        { TypeKind: TypeKind.Enum } => true,
        { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_Double and not SpecialType.System_Char } => true,
        _ => Is(type, exception) || Plain.Contains(type.ToDisplayString().TrimEnd('?')) || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } absent && HoldsNothing(absent.TypeArguments[0], exception),
    };

    private static bool Is(ITypeSymbol? type, ITypeSymbol ancestor)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, ancestor))
                return true;
        }

        return false;
    }

    private static IEnumerable<(string File, string Text)> Sources(string project) =>
        from path in Directory.GetFiles(Path.GetDirectoryName(project)!, "*.cs", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Path.Combine(Repository.Root, "src"), path).Replace('\\', '/')
        where !file.Contains("/bin/", StringComparison.Ordinal) && (!file.Contains("/obj/", StringComparison.Ordinal) || file.EndsWith(".GlobalUsings.g.cs", StringComparison.Ordinal))
        select (file, File.ReadAllText(path));

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() =>
    {
        var platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var web = Directory.GetDirectories(Path.Combine(platform, "..", "..", "Microsoft.AspNetCore.App"), Path.GetFileName(platform)[..4] + "*").Order(StringComparer.Ordinal).Last();
        string[] folders = [platform, web, Repository.OutputOf(Repository.Project("Keyladder.Server")), Repository.OutputOf(Repository.Project("Keyladder.Cli"))];
        return [.. folders.SelectMany(folder => Directory.GetFiles(folder, "*.dll")).DistinctBy(Path.GetFileName).Where(IsManaged).Select(path => MetadataReference.CreateFromFile(path))];
    });

    private static bool IsManaged(string path)
    {
        using var file = new System.Reflection.PortableExecutable.PEReader(File.OpenRead(path));
        return file.HasMetadata;
    }
}
