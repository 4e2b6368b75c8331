using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>
/// Any two lies about any two of the objects of a Vault of 200 and of what is stored of their attachments, drawn by a seed. KEYLADDER_MATRIX_PAIRS says how many (250),
/// KEYLADDER_MATRIX_SEED where they begin (anywhere).
/// </summary>
public sealed class RandomPairs(MatrixScene scene) : IClassFixture<MatrixScene>
{
    // What is shown in the place of an attachment's bytes: its own, those it had before, another one's.
    private static readonly (string Name, Func<byte[], byte[], byte[], byte[]?> Shown)[] OfParts =
    [
        ("its bytes are withheld", (_, _, _) => null),
        ("its bytes are another's", (_, _, another) => another),
        ("its bytes are those from before", (_, before, _) => before),
        ("a bit of it is another", (own, _, _) => [.. own[..^5], (byte)(own[^5] ^ 1), .. own[^4..]]),
        ("its end is cut off", (own, _, _) => own[..^1]),
        ("it is zeros", (own, _, _) => new byte[own.Length]),
    ];

    [Fact]
    public async Task B04_B05_B06_B07_B09_B10_D04_D05_D06_D07_D10_any_two_lies_about_any_objects_and_their_parts_name_one_of_the_two()
    {
        var (cases, seed) = (Number("KEYLADDER_MATRIX_PAIRS") ?? 250, Number("KEYLADDER_MATRIX_SEED") ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        var chance = new Random(seed);
        var failures = new List<string>();
        int lies = 0, ofParts = 0, opened = 0;
        for (var number = 0; number < cases; number++)
        {
            var drawn = new Drawn(scene, chance);
            if (!drawn.Objects.IsFalse && drawn.Parts.Count == 0)
                continue;
            // What is about attributes alone is told in the list, or when they are fetched; what is about parts alone, when these are.
            var isLate = !drawn.Objects.IsFalse || (drawn.IsOfAttributesAlone && chance.Next(2) == 0);
            var device = isLate ? await scene.NewDeviceAsync(scene.List) : scene.NewDevice();
            if (isLate)
                scene.Show(Json(scene.Nothing), drawn.Objects);
            else
                scene.Show(drawn.Objects.ToList(scene.List, new Dictionary<ObjectName, ObjectMessage>(), leaves: true, envelopes: true));
            scene.ShowParts(drawn.Parts);
            var outcome = await Record.ExceptionAsync(() => ReadAsync(device, drawn));
            scene.TellTheTruth();
            var isSilent = !isLate && drawn.Objects is { IsFalse: true, IsSilence: true };
            if (outcome is not IntegrityException alarm || !(isSilent ? alarm.Alarm == Alarm.ProofInvalid : drawn.Names.Contains(alarm.Object)))
                failures.Add($"{drawn}: {outcome?.Message ?? "shown"}");
            (lies, ofParts, opened) = (lies + 1, ofParts + Math.Sign(drawn.Parts.Count), opened + (isLate ? 1 : 0));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {lies} pairs, {ofParts} with a part of an attachment, {opened} told where items are opened");
        Assert.True(failures.Count == 0, $"KEYLADDER_MATRIX_SEED={seed}: {failures.Count} of {lies}, such as\n{string.Join('\n', failures.Take(3))}");
        Assert.True(lies > cases * 9 / 10 && ofParts > cases / 5 && opened > cases / 20, $"{lies}, {ofParts}, {opened}");
    }

    /// <summary>Everything that is lied about, as a person would see it.</summary>
    private async Task ReadAsync(Client.Vault device, Drawn drawn)
    {
        await device.ListAsync(Cancellation);
        foreach (var item in await device.GetManyAsync([.. drawn.Looked.Select(name => scene.ItemOf[name]).Distinct()], Cancellation))
        {
            foreach (var attachment in item.Attributes.Select(attribute => attribute.Content.GetAttachment()).OfType<Keyladder.Keys.Vault.Attachment>())
                await AttachmentTests.ReadAsync(device, attachment);
        }
    }

    private static byte[] Json(ObjectChangesResponse list) => JsonSerializer.SerializeToUtf8Bytes(list, ProtocolJson.Default.ObjectChangesResponse);

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Two lies.</summary>
    private sealed class Drawn
    {
        private readonly List<string> said = [];

        public Drawn(MatrixScene scene, Random chance)
        {
            Objects = new Pretence(scene);
            ObjectName[] attached = [.. scene.Names.Where(name => scene.Now[name].Attachment is not null)];
            for (var lie = 0; lie < 2; lie++)
            {
                if (chance.Next(4) == 0)
                {
                    var (name, shown) = chance.GetItems(OfParts, 1)[0];
                    var two = attached.ToArray();
                    chance.Shuffle(two);
                    byte[] Of(IReadOnlyDictionary<ObjectName, ObjectMessage> when, ObjectName which) => scene.Stored[when[which].Attachment!.Value];
                    var id = scene.Now[two[0]].Attachment!.Value;
                    Parts[id] = shown(Of(scene.Now, two[0]), Of(scene.Before, two[0]), Of(scene.Now, two[1]));
                    Looked.Add(two[0]);
                    said.Add($"attachment {id}: {name}");
                    continue;
                }

                var one = chance.Next(scene.Names.Count);
                var kind = scene.Names[one].Kind;
                int other;
                while ((other = chance.Next(scene.Names.Count)) == one || scene.Names[other].Kind != kind)
                {
                }

                var told = chance.GetItems(MatrixLie.All.ToArray(), 1)[0];
                told.Tell(Objects, scene, one, other);
                Looked.AddRange([scene.Names[one], scene.Names[other]]);
                IsOfAttributesAlone &= kind == ObjectKind.Attribute;
                said.Add($"{scene.Names[one]}: {told.Name}");
            }
        }

        public Pretence Objects { get; }

        public Dictionary<Guid, byte[]?> Parts { get; } = [];

        public List<ObjectName> Looked { get; } = [];

        public bool IsOfAttributesAlone { get; private set; } = true;

        public IEnumerable<string> Names => Objects.Touched.Concat(Parts.Keys.Select(id => $"attachment {id}"));

        public override string ToString() => string.Join(", and ", said);
    }
}
