using System.Diagnostics;
using System.Text.RegularExpressions;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Recovery;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Recovery;
using static Keyladder.Demo.Story;

namespace Keyladder.Demo;

/// <summary>A person with a username and a password, on empty devices. Then a thief, who knows the password and has all of one service, and then of both.</summary>
internal static partial class Recover
{
    private const string Name = "person@example.org";
    private const string Password = "seven herons over a grey canal";
    private const string NewPassword = "nine cranes under a red bridge";
    private const string Content = "The key is under the third stone.";

    public static async Task RunAsync(Stage stage)
    {
        string[] who = ["--store", stage.PassphraseStore, "--username", Name];
        var (password, next, code, paper) = (stage.At("password.txt"), stage.At("next.txt"), stage.At("code.txt"), stage.At("paper.txt"));
        await File.WriteAllTextAsync(password, Password);
        await File.WriteAllTextAsync(next, NewPassword);
        await File.WriteAllTextAsync(stage.At("plain.txt"), Content);

        Step("A person registers: a code by mail, a password, words that two sides have drawn, a recovery code for paper.");
        Expect(0, await stage.RunAsync("laptop", null, ["recovery", "code", .. who]));
        await File.WriteAllTextAsync(code, await MailAsync(stage, 1));
        Expect(0, await stage.RunAsync(
            "laptop", null, ["recovery", "register", .. who, "--server", stage.Origin, "--code-file", code, "--new-password-file", password, "--kit", stage.At("page.txt")]));
        Expect(0, await stage.RunAsync("laptop", null, "key", "generate", "personal", "--label", "notes"));
        Expect(0, await stage.RunAsync("laptop", null, "encrypt", stage.At("plain.txt"), "-o", stage.At("sealed.kl")));
        await File.WriteAllTextAsync(paper, RecoveryCodeText().Match(await File.ReadAllTextAsync(stage.At("page.txt"))).Value);
        Say("the account is made, and a file sealed with a key of it");

        Step("An empty device: nothing but username and password.");
        await OpensAsync("empty", password);

        Step("The password is forgotten: a code by mail, the recovery code from paper, a new password.");
        Expect(0, await stage.RunAsync("empty", null, ["recovery", "rehearse", .. who, "--password-file", password, "--recovery-code-file", paper]));
        Say("the recovery code on paper is the right one");
        Expect(0, await stage.RunAsync("borrowed", null, ["recovery", "code", "--reset", .. who]));
        await File.WriteAllTextAsync(code, await MailAsync(stage, 2));
        Expect(0, await stage.RunAsync(
            "borrowed", null, ["recovery", "reset", .. who, "--code-file", code, "--recovery-code-file", paper, "--new-password-file", next, "--kit", stage.At("next-page.txt")]));
        Expect(3, await stage.RunAsync("other", null, ["recovery", "open", .. who, "--password-file", password, "--yes"]));
        Say("the old password opens nothing any more");
        await OpensAsync("other", next);

        Step("A thief knows the true password. He takes all of one service: its database, its secrets, its log.");
        await StealAsync(stage);

        async Task OpensAsync(string device, string file)
        {
            Expect(0, await stage.RunAsync(device, null, ["recovery", "open", .. who, "--password-file", file, "--yes"]));
            Expect(0, await stage.RunAsync(device, null, "decrypt", stage.At("sealed.kl"), "-o", stage.At($"{device}.txt")));
            Check(await File.ReadAllTextAsync(stage.At($"{device}.txt")) == Content, "the file is another.");
            Say($"{device}: unlocked, and the file opens");
        }
    }

    private static async Task StealAsync(Stage stage)
    {
        var (store, guardian) = (new Database(stage.Data, "passphrase-store").Row("records"), new Database(stage.Data, "keystore").Row("guardian_records"));
        var (storeSecret, guardianSecret) = (AtRest("passphrase-store"), AtRest("keystore"));
        if (!RecoveryRecordId.TryParse((string)store["record_id"], out var id) || !GuardianHandle.TryParse((string)guardian["handle"], out var handle)
            || !Origin.TryParse(stage.PassphraseStore, out var origin) || !Username.TryParse(Name, out var username) || !RecoveryPassword.TryParse(NewPassword, out var password, out _))
            throw new DemoFailedException("the thief cannot read what he took.");
        var place = new RecoveryPlace(origin, id);
        using (password)
        using (var k1 = Key(storeSecret, store, "recovery/v1/at-rest-oprf-key", id.Value))
        using (var k2 = Key(guardianSecret, guardian, "guardian/v1/oprf-key", handle.Value))
        using (var madeUp = OprfKey.Generate())
        {
            var watch = Stopwatch.StartNew();
            using var stretched = await password.StretchAsync(origin, username);
            var price = watch.ElapsedMilliseconds;
            Check(!Opens(stretched, k1, madeUp) && !Opens(stretched, k1, k1), "the Store alone should open nothing.");
            Say("all of the Passphrase Store, and the true password: it opens nothing");
            Check(!Opens(stretched, madeUp, k2) && !Opens(stretched, k2, k2), "the Guardian alone should open nothing.");
            Say("all of the Guardian, and the true password: it opens nothing, even with the Store's slots beside it");
            Check(Opens(stretched, k1, k2), "both together should open the kit.");
            Say($"both, and the true password: the kit opens. Each guess cost him Argon2id, {price} ms and 64 MiB: that is what one operator of both has");
        }

        using var code = RecoveryCode.Generate();
        using var reset = ResetSecret.Combine(
            Share(storeSecret, store, "recovery/v1/at-rest-share", id.Value), Share(guardianSecret, guardian, "guardian/v1/share", handle.Value), code);
        Check(!reset.TryUnwrap(new Wrapped<RecoveryKey>((byte[])store["reset_slot"]), place, out _), "the reset should ask for the person's share.");
        Say("the reset, with both services' shares: nothing without the code on paper");
        var hits = new Database(stage.Data, "keystore").Hits([Password, NewPassword, Name, Content], stage.ServerLog);
        Say($"searched everything that the services keep for passwords, username and content: {hits} hits");
        Check(hits == 0, "the services hold something readable.");

        AtRestSecret AtRest(string service) => AtRestSecret.LoadOrCreate(Path.Combine(stage.Data, $"{service}.at-rest"));

        bool Opens(StretchedPassword stretched, OprfKey first, OprfKey second)
        {
            using var y1 = Evaluate(stretched, first);
            using var y2 = Evaluate(stretched, second);
            using var slotKey = stretched.DeriveSlotKey(y1, y2, place);
            if (!slotKey.TryUnwrap(new Wrapped<RecoveryKey>((byte[])store["password_slot"]), out var key))
                return false;
            using (key)
            using (key.Open((byte[])store["kit"], place))
                return true;
        }
    }

    private static SecretBytes Evaluate(StretchedPassword stretched, OprfKey key)
    {
        using var blinding = stretched.Blind();
        return blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
    }

    private static OprfKey Key(AtRestSecret secret, Dictionary<string, object> row, string label, Guid owner)
    {
        using var scalar = secret.Open((byte[])row["oprf_key"], label, owner.ToByteArray(bigEndian: true));
        return OprfKey.FromScalar(scalar.DangerousSpan);
    }

    private static byte[] Share(AtRestSecret secret, Dictionary<string, object> row, string label, Guid owner)
    {
        using var share = secret.Open((byte[])row["share"], label, owner.ToByteArray(bigEndian: true));
        return share.DangerousSpan.ToArray();
    }

    /// <summary>Waits for so many mails with a code, and reads the last of them.</summary>
    private static async Task<string> MailAsync(Stage stage, int number)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var codes = Directory.Exists(stage.Mails)
                ? Directory.GetFiles(stage.Mails, "*.eml").Order(StringComparer.Ordinal).Select(file => CodeText().Match(File.ReadAllText(file))).Where(match => match.Success).ToList()
                : [];
            if (codes.Count >= number)
                return codes[^1].Groups[1].Value;
            await Task.Delay(50);
        }

        throw new DemoFailedException("no mail came.");
    }

    [GeneratedRegex("KR1-[0-9A-Z-]+")]
    private static partial Regex RecoveryCodeText();

    [GeneratedRegex(@"Your code is ([0-9]{8})\b")]
    private static partial Regex CodeText();
}
