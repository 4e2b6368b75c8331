using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests.Documentation;

/// <summary>
/// Every C# block of the Markdown pages compiles, each alone: a program where it begins with usings and has statements, types, or a method's
/// body within <see cref="SampleSurroundings"/>.
/// </summary>
public sealed partial class SamplesTests
{
    private static readonly IReadOnlyList<string> Platform =
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    private static readonly IReadOnlyList<MetadataReference> References = [.. Platform.Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly string ImplicitUsings = Usings(
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"]);

    // Every namespace of ours that an app may use; a program names its own.
    private static readonly string OurUsings = Usings(Platform
        .Where(path => Path.GetFileName(path).StartsWith("Keyladder.", StringComparison.Ordinal))
        .SelectMany(path => Assembly.LoadFrom(path).GetExportedTypes(), (_, type) => type.Namespace!)
        .Distinct());

    public static TheoryData<string, string> Samples =>
        [.. Repository.Files("*.md").SelectMany(SamplesOf, (path, sample) => (Path.GetRelativePath(Repository.Root, path), sample.Name))];

    [Theory, MemberData(nameof(Samples))]
    public void A_sample_compiles(string page, string name) =>
        Assert.Empty(Errors(SamplesOf(Path.Combine(Repository.Root, page)).Single(sample => sample.Name == name).Code));

    [Fact]
    public void A_sample_that_does_not_compile_is_noticed()
    {
        Assert.Empty(Errors("var client = 1; Console.WriteLine(client); await me.LockAsync(cancellationToken);"));
        Assert.Empty(Errors("using System.Text; sealed class One { StringBuilder two = new(); }"));
        Assert.Empty(Errors("using Keyladder.Client; static void Use(KeyladderClient client) => Console.WriteLine(client.Address);"));
        Assert.NotEmpty(Errors("using System.Text; static void Use(KeyladderClient client) => Console.WriteLine(client.Address);"));
        Assert.Contains("CS0029", Assert.Single(Errors("int number = \"text\";")), StringComparison.Ordinal);
        Assert.Contains("CS0246", Assert.Single(Errors("sealed class One { StringBuilder two = new(); }")), StringComparison.Ordinal);
        Assert.NotEmpty(Errors("Console.WriteLine(\"no end\")"));
    }

    [Fact]
    public void A_sample_is_a_C_sharp_block_and_no_other()
    {
        const string page = """
            ```csharp
            // sample: one
            1;
            ```
            ```csharp
            another;
            ```
            ```bash
            // sample: ls
            ```
            ```csharp
            // sample: two
            2;
            ```
            """;
        Assert.Equal([("one", "1;\n"), ("block 2", "another;\n"), ("two", "2;\n")], SamplesIn(page));
    }

    private static List<(string Name, string Code)> SamplesOf(string path) => SamplesIn(File.ReadAllText(path));

    private static List<(string Name, string Code)> SamplesIn(string markdown) =>
        [.. Sample().Matches(markdown.ReplaceLineEndings("\n")).Select((match, index) =>
            (match.Groups[1].Success ? match.Groups[1].Value : string.Create(CultureInfo.InvariantCulture, $"block {index + 1}"), match.Groups[2].Value))];

    private static string Usings(IEnumerable<string> names) => string.Concat(names.Select(name => $"global using {name};\n"));

    private static List<string> Errors(string sample)
    {
        var unit = CSharpSyntaxTree.ParseText(sample).GetCompilationUnitRoot();
        var isProgram = unit.Usings.Any() && unit.Members.Any(member => member is GlobalStatementSyntax);
        var text = isProgram || unit.Members.Any(member => member is not GlobalStatementSyntax)
            ? sample
            : $"sealed class Sample : {typeof(SampleSurroundings).FullName} {{ async Task RunAsync() {{\n{sample}\nawait Task.Yield(); }} }}";
        var compilation = CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(isProgram ? ImplicitUsings : ImplicitUsings + OurUsings), CSharpSyntaxTree.ParseText(text)],
            References,
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.ToString())];
    }

    [GeneratedRegex(@"^```csharp\n(?:// sample: (\S+)\n)?(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Sample();
}
