using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Repository.Tests.Documentation;

/// <summary>Class.Method of every method that carries an attribute of a test, in every test project as it was built.</summary>
internal static class BuiltTests
{
    public static IReadOnlySet<string> Names { get; } = Read();

    private static HashSet<string> Read()
    {
        var tests = new HashSet<string>();
        foreach (var project in Repository.Files("*.Tests.csproj", "tests"))
        {
            var assembly = Path.Combine(Repository.OutputOf(project), Path.GetFileNameWithoutExtension(project) + ".dll");
            using var file = new PEReader(File.OpenRead(assembly));
            var metadata = file.GetMetadataReader();
            foreach (var handle in metadata.MethodDefinitions)
            {
                var method = metadata.GetMethodDefinition(handle);
                if (method.GetCustomAttributes().Any(attribute => IsTestAttribute(metadata, attribute)))
                {
                    var type = metadata.GetTypeDefinition(method.GetDeclaringType());
                    tests.Add($"{metadata.GetString(type.Name)}.{metadata.GetString(method.Name)}");
                }
            }
        }

        return tests;
    }

    private static bool IsTestAttribute(MetadataReader metadata, CustomAttributeHandle handle)
    {
        var constructor = metadata.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind != HandleKind.MemberReference)
            return false;
        var type = metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return type.Kind == HandleKind.TypeReference
            && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) is "FactAttribute" or "TheoryAttribute";
    }
}
