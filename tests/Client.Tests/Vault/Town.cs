using System.Security.Cryptography;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A Keystore and a Vault, each with its own database, that twenty people have used: items, versions, attachments, the trash, deletions, second devices, witnesses. Both have been
/// stopped since.
/// </summary>
public sealed class Town : IAsyncDisposable
{
    public const int People = 20;

    private Town(KeystoreHost keystore, VaultHost vault) => (Keystore, Vault) = (keystore, vault);

    public KeystoreHost Keystore { get; }

    public VaultHost Vault { get; }

    /// <summary>Everything that a person typed or attached.</summary>
    public Canaries Typed { get; } = new();

    /// <summary>How long the attached files are, in bytes. No two are the same, and none is a length that padding makes.</summary>
    public List<long> Sizes { get; } = [];

    public static async Task<Town> BuildAsync(Engine engine)
    {
        var town = new Town(await KeystoreHost.StartAsync(engine), await VaultHost.StartAsync(engine));
        for (var number = 0; number < People; number++)
            await town.LiveAsync(number);
        await town.Vault.StopAsync();
        await town.Keystore.StopAsync();
        return town;
    }

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        await Keystore.DisposeAsync();
    }

    private async Task LiveAsync(int number)
    {
        // One types words, at the KDF's price; for the services it is the same.
        await using var person = new Person(Keystore.Origin) { Secret = number == 0 ? NewWords() : NewDevice() };
        var account = await person.SignUpAsync();
        using (await account.Keys.GeneratePersonalAsync(Type("label"), Cancellation))
        {
        }

        var vault = await account.Vaults.CreateAsync(Vault.Origin, cancellationToken: Cancellation);
        var content = RandomNumberGenerator.GetBytes(number % 7 == 0 ? 40_001 + number : 601 + (number * 2));
        Sizes.Add(content.Length);
        Typed.Plant("content", content.AsSpan(0, 32));
        await using var upload = vault.Upload(new MemoryStream(content), Type("file") + ".pdf", $"application/{Type("media")}");
        var attachment = await upload.RunAsync(cancellationToken: Cancellation);
        var (kept, changed, gone) = (Draft().With(attachment.ToAttribute(Type("attribute"))), Draft(), Draft());
        await vault.PutManyAsync([kept, changed, gone], Cancellation);
        foreach (var round in (int[])[1, 2])
            await vault.PutAsync((await vault.GetAsync(changed.Id, Cancellation)).Edit().With(ItemAttribute.Text("password", Type($"value {round}"))) with { Name = Type("name") }, Cancellation);
        await vault.PutAsync((await vault.GetAsync(kept.Id, Cancellation)).Edit() with { IsRemoved = number % 2 == 0 }, Cancellation);
        await vault.DeleteManyAsync([(await vault.GetAsync(gone.Id, Cancellation)).Item], Cancellation);

        var there = await person.UnlockAsync();
        await using (var second = await there.Vaults.OpenAsync(Vault.Origin, cancellationToken: Cancellation))
            await second.PutAsync(Draft(), Cancellation);
        await vault.ListAsync(Cancellation);
        await vault.DisposeAsync();
        if (number % 10 == 9)
            await account.Vaults.DeleteAsync(Vault.Origin, cancellationToken: Cancellation);
    }

    private ItemDraft Draft() => (ItemDraft.New(Type("name"), Type("kind")) with { Tags = [Type("tag")] })
        .With(ItemAttribute.Text("user", Type("value"))).With(ItemAttribute.Text("password", Type("value")))
        .With(ItemAttribute.Create(Type("attribute"), $"org.example/{Type("type")}", RandomNumberGenerator.GetBytes(16)));

    private string Type(string what)
    {
        var text = RandomNumberGenerator.GetHexString(12, lowercase: true);
        Typed.Plant(what, text);
        return text;
    }
}

/// <summary>A fixture: one for each engine, when a test first asks for it.</summary>
public sealed class Towns : IAsyncDisposable
{
    private readonly Lazy<Task<Town>> _sqlite = new(() => Town.BuildAsync(Engine.Sqlite));
    private readonly Lazy<Task<Town>> _postgres = new(() => Town.BuildAsync(Engine.Postgres));

    public Task<Town> On(Engine engine) => (engine == Engine.Sqlite ? _sqlite : _postgres).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var town in new[] { _sqlite, _postgres }.Where(town => town.IsValueCreated && town.Value.IsCompletedSuccessfully))
            await (await town.Value).DisposeAsync();
    }
}
