using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests;

/// <summary>
/// Attack H02: somebody has the database and the service's secret. What is left to him is to guess what unlocks, each guess at the KDF's whole
/// price, and of a chosen passphrase together with the Secret Key.
/// </summary>
public sealed class GuessingTests
{
    public static TheoryData<Engine, bool> Cases() => Engines.With(false, true);

    [Theory, MemberData(nameof(Cases))]
    public async Task H02_nothing_that_the_service_stores_is_a_key_of_what_it_stores(Engine engine, bool withPassphrase)
    {
        await using var loot = await Loot.TakeAsync(engine, withPassphrase);
        var candidates = (await loot.StoredAsync()).SelectMany(Windows).Distinct(StringComparer.Ordinal).Select(Convert.FromHexString).ToList();
        Assert.True(candidates.Count > 1000);

        Assert.DoesNotContain(candidates, candidate => loot.IsKey(candidate));

        // The control: the right key among the others is found.
        using var prk = loot.Unlock.DerivePseudorandomKey();
        using var mek = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32);
        Assert.Contains(candidates.Append(mek.DangerousSpan.ToArray()), candidate => loot.IsKey(candidate));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task H02_no_shorter_way_than_the_whole_KDF_and_the_Secret_Key_tells_whether_a_guess_is_right(Engine engine, bool withPassphrase)
    {
        await using var loot = await Loot.TakeAsync(engine, withPassphrase);
        foreach (var (name, guess) in Shortcuts(loot.Password, loot.SecretOfKey))
            Assert.Empty((await loot.TellsAsync(guess)).Select(sign => $"{name}: {sign}"));

        // The control: of the right guess at the full price, all three signs tell.
        using var right = loot.Unlock.DerivePseudorandomKey();
        Assert.Equal(["MEK", "locator", "login"], await loot.TellsAsync(right));
    }

    // Each makes of the right guess, for less, what could stand in PRK's place.
    private static IEnumerable<(string Name, SecretBytes Guess)> Shortcuts(byte[] password, byte[]? secret)
    {
        var label = Encoding.ASCII.GetBytes(secret is null ? Labels.WordsSalt : Labels.PassphraseSalt);
        var salt = secret is null ? label : HkdfSha512.DeriveKey(secret, [], label, 32).DangerousSpan.ToArray();
        foreach (var iterations in new[] { 1, 1_000, UnlockSecret.Iterations - 1 })
            yield return ($"{iterations} iterations", Extract(secret, password, salt, iterations));
        yield return ("no iterations", HkdfSha512.Extract(secret, password));
        yield return ("a hash", SecretBytes.CopyOf(SHA512.HashData(password)));
        if (secret is null)
            yield break;
        yield return ("a Secret Key of zeros", Extract(new byte[32], password, HkdfSha512.DeriveKey(new byte[32], [], label, 32).DangerousSpan, UnlockSecret.Iterations));
        yield return ("no Secret Key", Extract(null, password, label, UnlockSecret.Iterations));
        yield return ("the Secret Key in the salt alone", Extract(null, password, salt, UnlockSecret.Iterations));
        yield return ("the Secret Key at the end alone", Extract(secret, password, label, UnlockSecret.Iterations));
        yield return ("the Secret Key alone", HkdfSha512.Extract([], secret));
    }

    private static SecretBytes Extract(byte[]? secret, byte[] password, ReadOnlySpan<byte> salt, int iterations)
    {
        using var stretched = Pbkdf2Sha512.Derive(password, salt, iterations, 64);
        return HkdfSha512.Extract(secret, stretched.DangerousSpan);
    }

    // Every run of 32 bytes, and a hash of the whole.
    private static IEnumerable<string> Windows(byte[] stored) =>
        Enumerable.Range(0, Math.Max(0, stored.Length - 31)).Select(start => Convert.ToHexString(stored.AsSpan(start, 32))).Append(Convert.ToHexString(SHA256.HashData(stored)));

    /// <summary>A service that somebody signed up at, with a key of each kind, as a thief has it; and beside it what the person knows.</summary>
    private sealed class Loot(KeystoreHost service, UnlockSecret unlock, byte[] password, byte[]? secretOfKey) : IAsyncDisposable
    {
        private AccountId _account;
        private AccountResponse _shown = null!;

        public UnlockSecret Unlock { get; } = unlock;

        public byte[] Password { get; } = password;

        public byte[]? SecretOfKey { get; } = secretOfKey;

        public static async Task<Loot> TakeAsync(Engine engine, bool withPassphrase)
        {
            var service = await KeystoreHost.StartAsync(engine, recorded: true);
            using var secretKey = SecretKey.Generate();
            using var words = Words.Generate();
            var buffer = new char[Words.MaxTextLength];
            var text = withPassphrase ? "herons over a grey canal" : new string(buffer, 0, words.DangerousWriteTo(buffer));
            Assert.True(UnlockSecret.TryParse(text, secretKey, out var unlock, out _));
            using var secret = secretKey.CopySecret();
            var loot = new Loot(service, unlock, Encoding.ASCII.GetBytes(text), withPassphrase ? secret.DangerousSpan.ToArray() : null);
            await loot.FillAsync();
            return loot;
        }

        /// <summary>Whether it is, or gives by its label, the MEK, the KEK or a DEK's stand-in for either.</summary>
        public bool IsKey(byte[] candidate)
        {
            using var labelled = HkdfSha512.Expand(candidate, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32);
            return OpensAsMek(candidate) || OpensAsMek(labelled.DangerousSpan) || OpensAsKek(candidate);
        }

        /// <summary>By which of what is stored a guess of PRK can be told to be right.</summary>
        public async Task<IReadOnlyList<string>> TellsAsync(SecretBytes prk)
        {
            using var locator = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.SlotLocator), 32);
            using var seed = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.LoginKeypair), 32);
            using var mek = HkdfSha512.Expand(prk.DangerousSpan, Encoding.ASCII.GetBytes(Labels.MasterEncryptionKey), 32);
            using var login = Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
            var canaries = new Canaries();
            canaries.Plant("locator", locator.DangerousSpan);
            canaries.Plant("login", login.PublicKey.Bytes);
            var found = canaries.FindIn(await service.Database.DumpAsync());
            return [.. OpensAsMek(mek.DangerousSpan) ? ["MEK"] : Array.Empty<string>(), .. found.Order(StringComparer.Ordinal)];
        }

        /// <summary>Each value of each table, as bytes in every way that it can be read, and the service's secret.</summary>
        public async Task<IReadOnlyList<byte[]>> StoredAsync()
        {
            var values = (await service.Database.DumpAsync()).Split([' ', '\n', '|', ':', '"', ',', '.'], StringSplitOptions.RemoveEmptyEntries);
            var secret = await File.ReadAllBytesAsync(Path.Combine(service.Database.Folder.FullName, "keystore.secret"));
            return [secret, .. values.Where(value => value.Length >= 16).SelectMany(Readings)];
        }

        public async ValueTask DisposeAsync()
        {
            Unlock.Dispose();
            await service.DisposeAsync();
        }

        private static IEnumerable<byte[]> Readings(string value)
        {
            yield return Encoding.UTF8.GetBytes(value);
            if (value.Length % 2 == 0 && value.All(char.IsAsciiHexDigit))
                yield return Convert.FromHexString(value);
            if (Base64Url.IsValid(value))
                yield return Base64Url.DecodeFromChars(value);
        }

        private async Task FillAsync()
        {
            using var client = new KeyladderClient(service.Origin, new MemoryPinStore());
            await using (var made = await client.SignUpAsync(Unlock, TestContext.Current.CancellationToken))
            {
                await made.Keys.GeneratePersonalAsync("photos", TestContext.Current.CancellationToken);
                await made.Keys.GenerateSharingAsync("letters", TestContext.Current.CancellationToken);
                await made.Keys.GenerateSigningAsync("pen", TestContext.Current.CancellationToken);
            }

            await using var unlocked = await client.Account().UnlockAsync(Unlock, TestContext.Current.CancellationToken);
            var answer = service.Proxy!.Exchanges.Last(exchange => exchange.Request.StartsWith($"GET {KeystoreRoutes.Account}?", StringComparison.Ordinal));
            (_account, _shown) = (unlocked.Id, JsonSerializer.Deserialize(answer.ResponseBody, ProtocolJson.Default.AccountResponse)!);
        }

        private bool OpensAsMek(ReadOnlySpan<byte> candidate)
        {
            using var mek = new MasterEncryptionKey(SecretBytes.CopyOf(candidate));
            try
            {
                mek.Unwrap(new Wrapped<KeyEncryptionKey>(_shown.Slot.Wrapped), _account, new SlotId(_shown.Slot.Id), new KeyEncryptionKeyId(_shown.Identity.Kek)).Dispose();
                return true;
            }
            catch (OpenFailedException)
            {
                return false;
            }
        }

        private bool OpensAsKek(ReadOnlySpan<byte> candidate)
        {
            using var kek = new KeyEncryptionKey(_account, new KeyEncryptionKeyId(_shown.Identity.Kek), SecretBytes.CopyOf(candidate));
            try
            {
                kek.OpenOverview(new KeyId(_shown.Identity.Id), _shown.Identity.Overview, _shown.Identity.Revision);
                return true;
            }
            catch (OpenFailedException)
            {
                return false;
            }
        }
    }
}
