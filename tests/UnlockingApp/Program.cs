using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;

namespace Keyladder.UnlockingApp;

/// <summary>
/// An app that unlocks an account, uses keys of each role and locks it. It stops at each step, for whoever looks into its memory
/// (tests/EndToEnd.Tests/Memory): names the step on standard output and waits for a line. Its argument is the service's address; on
/// standard input come a line with what is typed, a line with the Secret Key or nothing, and a line for each step.
/// </summary>
internal static class Program
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 40_000).Select(number => (byte)number)];

    private static async Task Main(string[] arguments)
    {
        using var input = Console.OpenStandardInput();
        using var client = new KeyladderClient(new Uri(arguments[0]), new MemoryPinStore());
        var account = await UnlockAsync(client, input);
        await UseAsync(account);
        // What is not pinned is moved, and leaves a copy where it was.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Stop("unlocked", input);
        await account.LockAsync();
        Stop("locked", input);
    }

    private static async Task<UnlockedAccount> UnlockAsync(KeyladderClient client, Stream input)
    {
        using var secret = ReadSecret(input);
        using (var derived = await PassphraseDerivedKey.DeriveAsync(secret))
        {
            using var mek = derived.DeriveMasterEncryptionKey();
            Stop("typed", input);
        }

        return await client.Account().UnlockAsync(secret);
    }

    private static UnlockSecret ReadSecret(Stream input)
    {
        using var typed = Typed.ReadLine(input);
        using var code = Typed.ReadLine(input);
        var secretKey = code.Text.IsEmpty ? null : SecretKey.TryParse(code.Text, out var read, out _) ? read : throw new ArgumentException("No Secret Key.");
        using (secretKey)
            return UnlockSecret.TryParse(typed.Text, secretKey, out var secret, out var error) ? secret : throw new ArgumentException(error.ToString());
    }

    private static async Task UseAsync(UnlockedAccount account)
    {
        // None is disposed of: locking the account has to erase them.
        var personal = await account.Keys.GeneratePersonalAsync("photos");
        var sharing = await account.Keys.GenerateSharingAsync("letters");
        var signing = await account.Keys.GenerateSigningAsync("pen");
        foreach (var dek in new DataEncryptionKey[] { personal, sharing })
        {
            var id = DataId.Generate();
            dek.Open(id, dek.Seal(id, Content));
            using var file = new MemoryStream();
            await dek.SealFileAsync(new MemoryStream(Content), file);
            file.Position = 0;
            await using var opened = await account.Keys.OpenFileAsync(file);
            await opened.CopyToAsync(Stream.Null);
        }

        await signing.SignAsync(new MemoryStream(Content), TimeProvider.System.GetUtcNow());
        using var again = await account.Keys.GetPersonalAsync(personal.Id);
        await account.Keys.RenameAsync(sharing.Id, "letters of the year");
        await account.Sessions.ListAsync();
        await account.ExamineAsync();
    }

    private static void Stop(string step, Stream input)
    {
        Console.WriteLine(step);
        Typed.ReadLine(input).Dispose();
    }
}
