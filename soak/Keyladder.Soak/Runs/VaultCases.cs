using System.Globalization;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;

namespace Keyladder.Soak.Runs;

/// <summary>Writes to a Vault, of which something breaks the one or the other: afterwards a device without memory reads the old state or the new one, whole; and the new one if the writer was told so.</summary>
internal sealed class VaultCases(Uri keystore, UnlockSecret secret, Client.Vault here, Uri vault)
{
    /// <summary>An attachment of one part.</summary>
    public const int OnePart = 50_000;

    /// <summary>One of two parts, of which the second is as short as padding lets it be: <see cref="SecondPart"/>.</summary>
    public const int TwoParts = (4 * 1024 * 1024) - 1000;

    /// <summary>Bytes that a Vault stores for it.</summary>
    public const int SecondPart = 131_200;

    /// <summary>One of three parts.</summary>
    public const int ThreeParts = (9 * 1024 * 1024) + 7;

    private int _writes;
    private int _failed;
    private int _acknowledged;
    private int _between;
    private int _arrived;

    public List<string> Findings { get; } = [];

    public string Figures(string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {_failed}, of {_writes} writes{(_between > 0 ? $", {_between} after a part had arrived" : "")}; {_acknowledged} acknowledged");
        (_writes, _failed, _acknowledged, _between) = (0, 0, 0, 0);
        return line;
    }

    /// <summary>One write.</summary>
    /// <param name="where">What is broken, for people.</param>
    /// <param name="write">Says what is to be there afterwards beside or in the place of what is, and does it.</param>
    /// <param name="breaking">Does the write, has something break it, and mends that; whether it was acknowledged, and whether it was broken.</param>
    /// <returns>Whether it was broken.</returns>
    public async Task<bool> OneAsync(
        string where, (Dictionary<string, string> Next, Func<Task> Do) write, Func<Func<Task<bool>>, Task<(bool IsAcknowledged, bool IsBroken)>> breaking)
    {
        var before = await ReadAsync();
        var next = before.Concat(write.Next).GroupBy(line => line.Key).ToDictionary(line => line.Key, line => line.Last().Value);
        _arrived = 0;
        var (isAcknowledged, isBroken) = await breaking(() => TryAsync(write.Do));
        var after = await ReadAsync();
        if (!Same(after, next) && (isAcknowledged || !Same(after, before)))
            Findings.Add($"{where}, {(isAcknowledged ? "acknowledged" : "not acknowledged")}: {string.Join(", ", after)}; before: {string.Join(", ", before)}");
        _writes++;
        _acknowledged += isAcknowledged ? 1 : 0;
        _failed += isBroken ? 1 : 0;
        _between += isBroken && _arrived > 0 ? 1 : 0;
        return isBroken;
    }

    /// <summary>A batch that makes an item and changes two.</summary>
    /// <param name="number">Another one each time.</param>
    public async Task<(Dictionary<string, string> Next, Func<Task> Do)> BatchAsync(int number)
    {
        var text = $"{number}";
        var drafts = new List<ItemDraft> { Draft($"new {number}", text) };
        foreach (var item in (await here.ListAsync()).Where(item => item.Name is "first" or "second"))
            drafts.Add((await here.GetAsync(item.Id)).Edit().With(ItemAttribute.Text("text", text)).With(ItemAttribute.Text("more", text)));
        return (new() { [$"new {number}"] = text + text, ["first"] = text + text, ["second"] = text + text }, () => here.PutManyAsync(drafts));
    }

    /// <summary>An attachment, and the item that names it. Earlier ones are deleted, so that no reading grows.</summary>
    /// <param name="number">Another one each time.</param>
    /// <param name="size">Of the content, in bytes.</param>
    /// <param name="between">What happens when the first part has arrived, and the second has not been sent.</param>
    public async Task<(Dictionary<string, string> Next, Func<Task> Do)> AttachmentAsync(int number, int size, Func<Task>? between = null)
    {
        await here.DeleteManyAsync([.. (await here.ListAsync()).Where(item => item.Name.StartsWith("file ", StringComparison.Ordinal))]);
        var content = RandomNumberGenerator.GetBytes(size);
        return (new() { [$"file {number}"] = Convert.ToHexString(SHA256.HashData(content)) }, async () =>
        {
            await using var upload = here.Upload(new MemoryStream(content));
            if (between is not null)
            {
                using var stop = new CancellationTokenSource();
                try
                {
                    await upload.RunAsync(new Heard(stop.Cancel), stop.Token);
                }
                catch (OperationCanceledException)
                {
                }

                await between();
            }

            await here.PutAsync(ItemDraft.New($"file {number}").With((await upload.RunAsync(new Heard(() => _arrived++))).ToAttribute("file")));
        });
    }

    /// <summary>A write that nothing breaks.</summary>
    public async Task LengthenLogAsync()
    {
        var first = (await here.ListAsync()).Single(item => item.Name == "first");
        await here.PutAsync((await here.GetAsync(first.Id)).Edit().With(ItemAttribute.Text("text", RandomNumberGenerator.GetHexString(8))).With(ItemAttribute.Text("more", "")));
    }

    public static ItemDraft Draft(string name, string text) => ItemDraft.New(name).With(ItemAttribute.Text("text", text)).With(ItemAttribute.Text("more", text));

    public static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && !one.Except(other).Any();

    private static async Task<bool> TryAsync(Func<Task> doing)
    {
        try
        {
            await doing();
            return true;
        }
        catch (KeyladderException e) when (e is not IntegrityException)
        {
            return false;
        }
    }

    /// <returns>What the writer itself reads, if that is something else than a device without memory reads; else null.</returns>
    public async Task<string?> DiffersAsync()
    {
        var (there, mine) = (await ReadAsync(), await ReadAsync(here));
        return Same(there, mine) ? null : $"{string.Join(", ", mine)}; a device without memory: {string.Join(", ", there)}";
    }

    /// <summary>What a device without memory reads.</summary>
    /// <returns>Each item by its name, with all that it says and all that is attached.</returns>
    public async Task<Dictionary<string, string>> ReadAsync()
    {
        using var client = new KeyladderClient(keystore, new MemoryPinStore());
        await using var account = await client.Account().UnlockAsync(secret);
        await using var there = await account.Vaults.OpenAsync(vault);
        return await ReadAsync(there);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(Client.Vault there)
    {
        var items = await there.GetManyAsync([.. (await there.ListAsync()).Select(item => item.Id)]);
        var read = new Dictionary<string, string>();
        foreach (var item in items)
        {
            var says = "";
            foreach (var attribute in item.Attributes)
            {
                if (attribute.Content.GetAttachment() is { } attachment)
                {
                    await using var stream = there.Open(attachment);
                    says += Convert.ToHexString(await SHA256.HashDataAsync(stream));
                }
                else
                {
                    says += attribute.Content.GetText();
                }
            }

            read.Add(item.Name, says);
        }

        return read;
    }

    private sealed class Heard(Action done) : IProgress<long>
    {
        public void Report(long value) => done();
    }
}
