using System.Security.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>A way to lie about one object of a <see cref="MatrixScene"/>; some need another one beside it.</summary>
internal sealed record MatrixLie(string Name, Action<Pretence, MatrixScene, int, int> Tell)
{
    /// <summary>Told by objects alone it is no lie: what is not sent along is fetched.</summary>
    public const string Missing = "it is missing";

    /// <summary>Where only the hash of an object is shown, these are one.</summary>
    public static List<string> OfHash { get; } = ["it is sealed by another key", "it has another revision", "it names another attachment"];

    /// <summary>A move that leaves the object where it was too, and half of a swap.</summary>
    public static List<string> Variants { get; } = ["it is also under another id", "it is in the place of another"];

    /// <summary>The second number is of the object that something is said about, the third of another one of its kind.</summary>
    public static IReadOnlyList<MatrixLie> All { get; } =
    [
        new("it is under another id", (told, scene, one, _) =>
        {
            var moved = told[scene.Names[one]];
            told.Remove(scene.Names[one]);
            told.Put(moved with { Id = Guid.NewGuid() });
        }),
        new(Variants[1], (told, scene, one, other) => told.Put(told[scene.Names[one]] with { Id = scene.Names[other].Id, Kind = scene.Names[other].Kind })),
        new("two are in each other's place", (told, scene, one, other) =>
        {
            var (first, second) = (told[scene.Names[one]], told[scene.Names[other]]);
            told.Put(first with { Id = second.Id, Kind = second.Kind });
            told.Put(second with { Id = first.Id, Kind = first.Kind });
        }),
        new("it is of the other kind", (told, scene, one, _) =>
        {
            var shown = told[scene.Names[one]];
            told.Remove(scene.Names[one]);
            told.Put(shown with { Kind = shown.Kind == ObjectKind.Item ? ObjectKind.Attribute : ObjectKind.Item });
        }),
        new(OfHash[0], (told, scene, one, _) => told.Put(told[scene.Names[one]] with { Dek = RandomNumberGenerator.GetBytes(32) })),
        new(OfHash[1], (told, scene, one, _) => told.Put(told[scene.Names[one]] with { Revision = told[scene.Names[one]].Revision + 1 })),
        new(OfHash[2], (told, scene, one, _) => told.Put(told[scene.Names[one]] with { Attachment = Guid.NewGuid() })),
        new("it is there twice", (told, scene, one, _) => told.Repeat(scene.Names[one])),
        new(Variants[0], (told, scene, one, _) => told.Put(told[scene.Names[one]] with { Id = Guid.NewGuid() })),
        new(Missing, (told, scene, one, _) => told.Remove(scene.Names[one])),
        new("a deleted one is back", (told, scene, one, _) => told.Put(scene.Before[scene.Deleted[one]])),
        new("it is of her other Vault", (told, scene, one, _) => told.Put(scene.Elsewhere[scene.Names[one].Kind].First() with { Id = scene.Names[one].Id })),
        new("it is as it was before", (told, scene, one, _) => told.Put(scene.Before[scene.Names[one]])),
    ];

    public override string ToString() => Name;
}
