using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Xml.Linq;

namespace Repository.Tests;

/// <summary>
/// Services verify; only the client unwraps. That no service can open a key is a fact of what is built into it, and here it is read three
/// times: from the project files, from what NuGet resolved (references that come in by an import or a package), and from the built assemblies.
/// </summary>
public sealed class BuildGraphTests
{
    // The arrows between our projects. A new project has to be entered here, and so has a new arrow.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Keyladder.Cryptography"] = [],
        ["Keyladder.Protocol"] = [],
        ["Keyladder.Keys"] = ["Keyladder.Cryptography"],
        ["Keyladder.Client"] = ["Keyladder.Keys", "Keyladder.Protocol"],
        ["Keyladder.Cli"] = ["Keyladder.Client"],
        ["Keyladder.Hosting"] = ["Keyladder.Cryptography", "Keyladder.Protocol"],
        ["Keyladder.Keystore"] = ["Keyladder.Hosting"],
        ["Keyladder.Vault"] = ["Keyladder.Hosting"],
        ["Keyladder.PassphraseStore"] = ["Keyladder.Hosting"],
        ["Keyladder.AspNetCore"] = ["Keyladder.Cryptography"],
        ["Keyladder.Server"] = ["Keyladder.Keystore", "Keyladder.Vault", "Keyladder.PassphraseStore"],
    };

    private static readonly string[] ServiceSide = ["Keyladder.Hosting", "Keyladder.Keystore", "Keyladder.Vault", "Keyladder.PassphraseStore", "Keyladder.Server", "Keyladder.AspNetCore"];
    private static readonly string[] ClientOnly = ["Keyladder.Keys", "Keyladder.Client"];

    public static TheoryData<string> Services => [.. ServiceSide];

    [Fact]
    public void Projects_reference_each_other_only_along_the_arrows()
    {
        var projects = Repository.Files("*.csproj", "src").ToDictionary(path => Path.GetFileNameWithoutExtension(path)!, ReferencesIn);
        Assert.Equal(Arrows.Keys.Order(), projects.Keys.Order());
        Assert.All(projects, project => Assert.Equal(Arrows[project.Key].Order(), project.Value.Order()));
    }

    [Theory, MemberData(nameof(Services))]
    public void No_project_file_leads_from_a_service_to_the_clients_side(string service) =>
        Assert.Empty(Reach(service, name => ReferencesIn(Repository.Project(name))).Intersect(ClientOnly));

    [Theory, MemberData(nameof(Services))]
    public void Nothing_that_was_resolved_for_a_service_is_of_the_clients_side(string service)
    {
        var assets = Path.Combine(Path.GetDirectoryName(Repository.Project(service))!, "obj", "project.assets.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
        var libraries = json.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0]).ToList();
        Assert.Contains("Keyladder.Cryptography", libraries); // else this would be a list of something else
        Assert.Empty(libraries.Intersect(ClientOnly));
    }

    [Theory, MemberData(nameof(Services))]
    public void No_built_assembly_of_a_service_leads_to_the_clients_side(string service)
    {
        var output = Repository.OutputOf(Repository.Project(service));
        var assemblies = Directory.GetFiles(output, "*.dll").ToDictionary(path => Path.GetFileNameWithoutExtension(path)!);
        Assert.Contains("Keyladder.Cryptography", assemblies.Keys);
        Assert.Empty(assemblies.Keys.Intersect(ClientOnly));
        Assert.Empty(assemblies.Values.SelectMany(path => AssembliesReferencedBy(path)).Intersect(ClientOnly));
    }

    [Fact]
    public void J02_sealing_with_a_free_context_is_open_to_keys_and_hosting_alone() =>
        Assert.Equal(["Keyladder.Hosting", "Keyladder.Keys"], FriendsOf("Keyladder.Cryptography"));

    [Theory, MemberData(nameof(Services))]
    public void No_service_is_a_friend_of_the_clients_side(string service) =>
        Assert.DoesNotContain(service, ClientOnly.SelectMany(FriendsOf));

    private static List<string> ReferencesIn(string project) => [.. XDocument.Load(project).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];

    private static HashSet<string> Reach(string from, Func<string, IEnumerable<string>> next)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>([from]);
        while (open.TryDequeue(out var name))
        {
            foreach (var reference in next(name).Where(reached.Add))
                open.Enqueue(reference);
        }

        return reached;
    }

    private static List<string> AssembliesReferencedBy(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        if (!file.HasMetadata)
            return [];
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))];
    }

    // What ships and sees the internals of this assembly. Tests, benchmarks and fuzzing may see more; they are part of no product.
    private static List<string> FriendsOf(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Repository.OutputOf(Repository.Project(assembly)), assembly + ".dll")));
        var metadata = file.GetMetadataReader();
        var friends = from handle in metadata.GetAssemblyDefinition().GetCustomAttributes()
                      let attribute = metadata.GetCustomAttribute(handle)
                      where attribute.Constructor.Kind == HandleKind.MemberReference
                      let type = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent
                      where type.Kind == HandleKind.TypeReference
                          && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) == "InternalsVisibleToAttribute"
                      select FirstText(metadata.GetBlobReader(attribute.Value));
        return [.. friends.Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal) && name is not ("Keyladder.Benchmarks" or "Keyladder.Fuzz")).Order()];
    }

    private static string FirstText(BlobReader value)
    {
        value.ReadUInt16(); // the prolog (ECMA-335 II.23.3)
        return value.ReadSerializedString()!;
    }
}
