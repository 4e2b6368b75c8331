using System.Security.Cryptography;
using System.Text;
using Keyladder.Client;
using Keyladder.Cryptography.Derivation;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests.Memory;

/// <summary>
/// Attack H05: somebody reads the memory of an app after it has locked its account. The app is a process of its own, and what is looked for
/// is known from outside: the test typed it, derives it, and unlocks the same account from here.
/// </summary>
public sealed class MemoryTests
{
    private static readonly string[] Unlocked = ["KEK", "login seed", "identity seed", "PersonalDek", "SharingDek", "Signing", "session key"];

    [Theory, InlineData(false), InlineData(true)]
    public async Task H05_after_locking_no_secret_is_left_in_the_memory_of_the_process(bool withPassphrase)
    {
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite, recorded: true);
        using var secretKey = SecretKey.Generate();
        var (words, passphrase, code) = (NewWords(), NewPassphrase(), Text(secretKey));
        var text = withPassphrase ? passphrase : words;
        Assert.True(UnlockSecret.TryParse(text, secretKey, out var unlock, out _));
        using var unlocking = unlock;
        await SignUpAsync(service, unlock);

        await using var app = UnlockingApp.Start(service.Origin);
        await app.TypeAsync(text);
        await app.TypeAsync(withPassphrase ? code : "");
        await app.ReachAsync("typed");
        var closed = ProcessMemory.WhyClosed(app.Id);
        Assert.SkipWhen(closed is not null, closed ?? "");

        // The control for what unlocks: while the app holds it, the same search finds it.
        var typed = Typed(unlock, text, withPassphrase ? secretKey : null, withPassphrase ? code : null);
        var whileTyped = app.Find(typed);
        Assert.Superset(new HashSet<string> { withPassphrase ? "passphrase" : "words", "PRK", "MEK" }, Kinds(whileTyped));

        // The control for the keys, and the promise of UnlockedAccount: what unlocked it is in memory no more.
        await app.TypeAsync("");
        await app.ReachAsync("unlocked");
        var secrets = (await EverySecret.OfAsync(service, unlock)).Concat(typed).ToList();
        var whileUnlocked = app.Find(secrets);
        Assert.True(Kinds(whileUnlocked).SetEquals(Unlocked), string.Join('\n', whileUnlocked));

        await app.TypeAsync("");
        await app.ReachAsync("locked");
        var afterwards = app.Find(secrets);
        Assert.True(afterwards.Count == 0, string.Join('\n', afterwards));
    }

    private static List<Secret> Typed(UnlockSecret unlock, string text, SecretKey? secretKey, string? code)
    {
        using var pdk = unlock.DerivePassphraseDerivedKey();
        using var prk = unlock.DerivePseudorandomKey();
        using var mek = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32);
        var secrets = new List<Secret> { new("PDK", pdk), new("PRK", prk), new("MEK", mek) };
        if (secretKey is null || code is null)
        {
            secrets.Add(new("words", text));
            return secrets;
        }

        using var bytes = secretKey.CopySecret();
        secrets.AddRange(
        [
            new("passphrase", text.Normalize(NormalizationForm.FormKC)), new("passphrase, as it was typed", text),
            new("Secret Key", bytes), new("Secret Key, its code", code), new("Secret Key, its code without hyphens", code.Replace("-", "", StringComparison.Ordinal)),
        ]);
        return secrets;
    }

    private static async Task SignUpAsync(KeystoreHost service, UnlockSecret unlock)
    {
        using var client = new KeyladderClient(service.Origin, new MemoryPinStore());
        await using var made = await client.SignUpAsync(unlock, TestContext.Current.CancellationToken);
    }

    private static HashSet<string> Kinds(IEnumerable<string> found) => [.. found.Select(Kind)];

    private static string Kind(string line) => line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];

    private static string NewWords()
    {
        using var words = Words.Generate();
        var text = new char[Words.MaxTextLength];
        return new string(text, 0, words.DangerousWriteTo(text));
    }

    // Decomposed, as some keyboards type it: the system's normalizer has to go over it.
    private static string NewPassphrase() =>
        ("Störche überm Kanal " + RandomNumberGenerator.GetString("bcdfghjkmnpqrstvwxz", 20)).Normalize(NormalizationForm.FormD);

    private static string Text(SecretKey secretKey)
    {
        var text = new char[SecretKey.TextLength];
        secretKey.DangerousWriteTo(text);
        return new string(text);
    }
}
