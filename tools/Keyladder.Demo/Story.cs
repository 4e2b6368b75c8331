using System.Security.Cryptography;

namespace Keyladder.Demo;

/// <summary>The steps, one line of explanation each. Every step checks what it claims; the first that does not hold ends the demo.</summary>
internal static class Story
{
    private const string Laptop = "laptop";
    private const string Phone = "phone";
    private const string Plaintext = "The blue notebook is under the third floorboard.";
    private const string Label = "letters to the garden club";

    public static async Task TellAsync(Stage stage)
    {
        var database = new Database(stage.Data, "keystore");

        Step("Two services start on this machine. Neither is trusted with anything readable, and neither knows the other.");
        Say($"Keystore at {stage.Origin}, Vault at {stage.Vault}, SQLite");

        Step("Sign up on a first device, the laptop. Twelve words are made there; they open everything and never leave it.");
        Expect(0, await stage.RunAsync(Laptop, null, "sign-up", "--server", stage.Origin, "--kit", stage.At("kit.txt")));
        var kit = await File.ReadAllLinesAsync(stage.At("kit.txt"));
        var words = kit.Single(line => line.Contains("Words:", StringComparison.Ordinal)).Split("Words:")[1].Trim();
        Say($"the account kit says: {words}");

        Step("Make a key for own data, a key for sharing, and a keypair that controls a DID.");
        var personal = Id(await stage.RunAsync(Laptop, null, "key", "generate", "personal", "--label", Label));
        Id(await stage.RunAsync(Laptop, null, "key", "generate", "sharing"));
        var did = Expect(0, await stage.RunAsync(Laptop, null, "key", "generate", "signing")).Output.Trim().Split('\t')[1];
        Say(did);

        Step("Encrypt a file on the laptop.");
        var plain = stage.At("note.txt");
        var closed = stage.At("note.txt.kl");
        await File.WriteAllTextAsync(plain, Plaintext);
        Expect(0, await stage.RunAsync(Laptop, null, "encrypt", plain, "-o", closed));
        Say($"note.txt {new FileInfo(plain).Length} bytes → note.txt.kl {new FileInfo(closed).Length} bytes");

        Step("Unlock on a second device, the phone, with the words and nothing else.");
        Expect(0, await stage.RunAsync(Phone, words + "\n", "unlock", "--server", stage.Origin, "--secret-file", "-"));

        Step("Decrypt there.");
        Expect(0, await stage.RunAsync(Phone, null, "decrypt", closed, "-o", stage.At("on-phone.txt")));
        Check(File.ReadAllBytes(plain).SequenceEqual(File.ReadAllBytes(stage.At("on-phone.txt"))), "the phone got other bytes than the laptop had.");
        Say("byte for byte the same");

        Step("Sign on the phone, verify on the laptop against the DID. Verifying needs no account and no service.");
        Expect(0, await stage.RunAsync(Phone, null, "sign", plain, "--key", did, "-o", stage.At("note.sig")));
        Expect(0, await stage.RunAsync(Laptop, null, "verify", plain, "--did", did, "--signature", stage.At("note.sig")));
        await File.AppendAllTextAsync(stage.At("on-phone.txt"), "!");
        Expect(6, await stage.RunAsync(Laptop, null, "verify", stage.At("on-phone.txt"), "--did", did, "--signature", stage.At("note.sig")));
        Say("genuine: verified; one character more: refused");

        Step("Side by side: what the person sees, and what the service holds for the same keys.");
        var stored = database.SealedKeys();
        var listed = Expect(0, await stage.RunAsync(Phone, null, "key", "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'));
        foreach (var key in listed)
            Say($"{key[1],-12} {key[4],-27} │ {key[0]}  {stored[key[0]]}");
        int hits = database.Hits([words, Plaintext, Label, "personal-dek", did, did["did:key:".Length..]], stage.ServerLog);
        Say($"searched the database, its write-ahead log, every file of the service and its log for the words, the text, the label, the DID: {hits} hits");
        Check(hits == 0, "the service holds something readable.");

        await ItemAsync(stage);
        await RungsAsync(stage, database, words, closed, personal);
    }

    private static async Task ItemAsync(Stage stage)
    {
        const string Name = "Aunt Clara";
        const string Number = "+44 20 7946 0123";
        const string File = "garden.png";

        Step("Put an item with a picture into the Vault on the laptop; read it on the phone.");
        Expect(0, await stage.RunAsync(Laptop, null, "vault", "create", stage.Vault));
        Expect(0, await stage.RunAsync(Laptop, Number + "\n", "item", "add", Name, "--kind", "contact", "--tag", "family", "--attribute", "telephone"));
        var picture = new byte[70_000];
        RandomNumberGenerator.Fill(picture);
        await System.IO.File.WriteAllBytesAsync(stage.At(File), picture);
        Expect(0, await stage.RunAsync(Laptop, null, "item", "attach", Name, stage.At(File), "--name", "picture", "--media-type", "image/png"));
        Check(Expect(0, await stage.RunAsync(Phone, null, "item", "show", Name)).Output.Contains(Number, StringComparison.Ordinal), "the phone shows another number.");
        Expect(0, await stage.RunAsync(Phone, null, "item", "save", Name, "picture", "--output", stage.At("seen.png")));
        var seen = await System.IO.File.ReadAllBytesAsync(stage.At("seen.png"));
        Check(picture.SequenceEqual(seen), "the phone got another picture.");
        Say($"{Name}, {Number}, {File} ({picture.Length} bytes): the same on both");

        Step("What the Vault holds of that item.");
        var vault = new Database(stage.Data, "vault");
        foreach (var line in vault.SealedObjects())
            Say(line);
        var hits = vault.Hits([Name, Number, File, "contact", "family", "telephone", "picture", "image/png"], stage.ServerLog);
        Say($"searched for the name, the number, the file's name, kind, tag, names of attributes, media type: {hits} hits");
        Check(hits == 0, "the Vault holds something readable.");
    }

    private static async Task RungsAsync(Stage stage, Database database, string words, string closed, string personal)
    {
        Step("Take each rung of the ladder away in turn: nothing below it opens.");
        Expect(0, await stage.RunAsync(Phone, null, "lock"));
        Expect(4, await stage.RunAsync(Phone, null, "decrypt", closed, "-o", stage.At("never.txt")));
        Say("locked, the keys gone from memory: the file stays closed");

        Expect(3, await UnlockAsync("legal winner thank year wave sausage worth useful legal winner thank yellow"));
        Say("other words, so another MEK: no sign-in, no KEK");

        await database.WithoutWrappedAsync("slots", "slot_id", null, async () => Expect(7, await UnlockAsync(words)));
        Say("the right words, but the wrapped KEK destroyed at the service: the MEK opens nothing");

        // Destroyed before the phone unlocks: what it has fetched by then it holds until it locks.
        await database.WithoutWrappedAsync("keys", "key_id", personal, async () =>
        {
            Expect(0, await UnlockAsync(words));
            Expect(7, await stage.RunAsync(Phone, null, "decrypt", closed, "-o", stage.At("never.txt")));
        });
        Say("MEK and KEK there, the wrapped DEK destroyed: the file stays closed, and the client says who lied");

        Expect(0, await stage.RunAsync(Phone, null, "decrypt", closed, "-o", stage.At("again.txt")));
        Say("every rung back in its place: the file opens");
        Check(!File.Exists(stage.At("never.txt")), "a file was written that must not be.");

        Task<Outcome> UnlockAsync(string secret) => stage.RunAsync(Phone, secret + "\n", "unlock", "--server", stage.Origin, "--secret-file", "-");
    }

    internal static void Step(string line) => Console.WriteLine($"\n▸ {line}");

    internal static void Say(string line) => Console.WriteLine($"    {line}");

    private static string Id(Outcome outcome) => Expect(0, outcome).Output.Trim().Split('\t')[0];

    internal static Outcome Expect(int exitCode, Outcome outcome)
    {
        Check(outcome.ExitCode == exitCode, $"a step should have ended with exit code {exitCode}, but ended with {outcome.ExitCode}.\n{outcome.Output}{outcome.Errors}");
        return outcome;
    }

    internal static void Check(bool holds, string otherwise)
    {
        if (!holds)
            throw new DemoFailedException(otherwise);
    }
}
