using System.Globalization;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;

namespace Keyladder.Soak.Runs;

/// <summary>Writes to a Vault, of which something breaks the one or the other: afterwards a device without memory reads the old state or the new one, whole; and the new one if the writer was told so.</summary>
internal sealed class VaultCases(Uri keystore, UnlockSecret secret, Client.Vault here, Uri vault)
{
    public const int AttachmentSize = 50_000;

    private int _writes;
    private int _failed;
    private int _acknowledged;

    public List<string> Findings { get; } = [];

    public string Figures(string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {_failed}, of {_writes} writes; {_acknowledged} acknowledged");
        (_writes, _failed, _acknowledged) = (0, 0, 0);
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
        var (isAcknowledged, isBroken) = await breaking(() => TryAsync(write.Do));
        var after = await ReadAsync();
        if (!Same(after, next) && (isAcknowledged || !Same(after, before)))
            Findings.Add($"{where}, {(isAcknowledged ? "acknowledged" : "not acknowledged")}: {string.Join(", ", after)}; before: {string.Join(", ", before)}");
        _writes++;
        _acknowledged += isAcknowledged ? 1 : 0;
        _failed += isBroken ? 1 : 0;
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

    /// <summary>An attachment, and the item that names it.</summary>
    /// <param name="number">Another one each time.</param>
    public Task<(Dictionary<string, string> Next, Func<Task> Do)> AttachmentAsync(int number)
    {
        var content = RandomNumberGenerator.GetBytes(AttachmentSize);
        return Task.FromResult((new Dictionary<string, string> { [$"file {number}"] = Convert.ToHexString(SHA256.HashData(content)) }, (Func<Task>)(async () =>
        {
            await using var upload = here.Upload(new MemoryStream(content));
            await here.PutAsync(ItemDraft.New($"file {number}").With((await upload.RunAsync()).ToAttribute("file")));
        })));
    }

    public static ItemDraft Draft(string name, string text) => ItemDraft.New(name).With(ItemAttribute.Text("text", text)).With(ItemAttribute.Text("more", text));

    private static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && !one.Except(other).Any();

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

    /// <returns>Each item by its name, with all that it says and all that is attached.</returns>
    private async Task<Dictionary<string, string>> ReadAsync()
    {
        using var client = new KeyladderClient(keystore, new MemoryPinStore());
        await using var account = await client.Account().UnlockAsync(secret);
        await using var there = await account.Vaults.OpenAsync(vault);
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
}
