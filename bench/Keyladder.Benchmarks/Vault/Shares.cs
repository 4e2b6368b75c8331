using System.Diagnostics;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Vault;

/// <summary>
/// A share sealed to one party and opened by it, against the primitives over the same lengths; requests that it takes to establish a relationship; and one item shared in a thousand
/// relationships at once.
/// </summary>
internal static class Shares
{
    private const int Relationships = 1_000;
    private const int Turns = 400;
    private const double SealBound = 2.0;
    private const double ShareBound = 3.0;
    private const int RequestsBound = 3;

    public static async Task<int> RunAsync(string engine)
    {
        var ratio = MeasureSealing();
        Console.WriteLine(FormattableString.Invariant($"seal to one party and open: {ratio:F2} times the primitives (bound {SealBound:F1})"));
        await using var service = await MeasuredVault.StartAsync(Enum.Parse<Engine>(engine, ignoreCase: true));
        using var counting = new CountingHandler();
        using var http = new HttpClient(counting, disposeHandler: false);
        await using var alice = await OpenAsync(service, http);
        await using var bob = await OpenAsync(service, http);

        // The first makes keys ahead, for this one and seven more.
        await ConnectAsync(alice.Vault, bob.Vault, counting);
        var (inviter, invited) = await ConnectAsync(alice.Vault, bob.Vault, counting);
        Console.WriteLine(FormattableString.Invariant($"{engine}: requests to establish a relationship: {inviter} of the inviter, {invited} of the other (bound {RequestsBound})"));

        for (var number = 2; number < Relationships; number++)
            await bob.Vault.Relationships.AcceptAsync((await alice.Vault.Relationships.InviteAsync($"{number}")).DangerousLink.ToString().AsMemory(), $"{number}");
        while ((await alice.Vault.Relationships.ListAsync()).Any(each => each.Status == RelationshipStatus.Invited))
            await alice.Vault.Relationships.SyncAsync();
        var item = ItemDraft.New("Bank", "account").With(ItemAttribute.Text("iban", "DE02 1203 0000 0000 2020 51")).With(ItemAttribute.Text("holder", "somebody"));
        await alice.Vault.PutAsync(item);
        var with = (await alice.Vault.Relationships.ListAsync()).Select(each => each.Id).ToList();
        var times = new List<double>();
        var requests = 0;
        for (var turn = 0; turn < 3; turn++)
        {
            counting.Requests = 0;
            var watch = Stopwatch.StartNew();
            await alice.Vault.Relationships.ShareAsync(with, item.Id);
            times.Add(watch.Elapsed.TotalSeconds);
            requests = counting.Requests;
        }

        var seconds = times.Order().ElementAt(1);
        Console.WriteLine(FormattableString.Invariant(
            $"{engine}: share an item in {with.Count} relationships: {seconds:F2} s, the services' time included; {string.Join(", ", times.Select(time => time.ToString("F2", null)))} (bound {ShareBound:F1}); {requests} requests"));
        return ratio <= SealBound && inviter <= RequestsBound && invited <= RequestsBound && seconds <= ShareBound ? 0 : 1;
    }

    private static async Task<(int Inviter, int Invited)> ConnectAsync(Client.Vault alice, Client.Vault bob, CountingHandler counting)
    {
        counting.Requests = 0;
        var invitation = await alice.Relationships.InviteAsync("Bob");
        var inviter = counting.Requests;
        counting.Requests = 0;
        await bob.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice");
        var invited = counting.Requests;
        counting.Requests = 0;
        await alice.Relationships.SyncAsync();
        // Reading what others have left, once for each, is no part of it: this is what the inviter's own Vault is asked.
        return (inviter + counting.Requests - (await alice.Relationships.ListAsync()).Count(each => each.Status == RelationshipStatus.Established) + 1, invited);
    }

    private static async Task<(UnlockedAccount Account, Client.Vault Vault)> OpenedAsync(MeasuredVault service, HttpClient http)
    {
        using var random = DeviceSecret.Generate();
        using var secret = UnlockSecret.FromDevice(random);
        var account = await new KeyladderClient(service.Server.Address, new MemoryPinStore(), http).SignUpAsync(secret);
        return (account, await account.Vaults.CreateAsync(service.Address, http: http));
    }

    private static async Task<Person> OpenAsync(MeasuredVault service, HttpClient http)
    {
        var (account, vault) = await OpenedAsync(service, http);
        return new Person(account, vault);
    }

    /// <summary>The fastest turn of each side, in one process by turns.</summary>
    private static double MeasureSealing()
    {
        var service = new KeyService(Origin.TryParse("https://vault.example.org", out var origin) ? origin : throw new FormatException(), AccountId.Generate());
        using var alice = RelationshipKey.Generate(AccountId.Generate(), service);
        using var bob = RelationshipKey.Generate(AccountId.Generate(), service);
        var relationship = RelationshipId.Generate();
        if (!KeyBundle.TryVerify(alice.SignBundle(relationship, 1), alice.Did, out var alices) || !KeyBundle.TryVerify(bob.SignBundle(relationship, 1), bob.Did, out var bobs))
            throw new CryptographicException();
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        var content = SharedContent.OfAttribute(AttributeId.Generate(), ItemAttribute.Text("iban", "DE02 1203 0000 0000 2020 51"));
        var share = ShareId.Generate();
        var sample = Seal();
        using var signing = Ed25519PrivateKey.Generate();
        using var key = XWingPrivateKey.Generate();
        var (statement, padded, copy) = (new byte[900], new byte[1024], new byte[128]);
        var signature = signing.Sign(statement);
        var sealedBox = Hpke.Seal(key.PublicKey, statement, padded);
        var bare = new BareCalls(130, copy.Length);

        var best = (Whole: double.MaxValue, Bare: double.MaxValue);
        for (var turn = 0; turn < Turns; turn++)
        {
            best.Whole = Math.Min(best.Whole, Microseconds(() => Open(Seal())));
            best.Bare = Math.Min(best.Bare, Microseconds(Primitives));
        }

        Console.WriteLine(FormattableString.Invariant($"a letter of {sample.Length} bytes: {best.Whole:F0} µs, two signatures, encapsulation, HPKE and the copy's envelope alone {best.Bare:F0}"));
        return best.Whole / best.Bare;

        byte[] Seal()
        {
            var sealedCopy = dek.Seal(relationship, share, content, 1);
            var jws = alice.Sign(new ShareStatement(
                alice.Did, bob.Did, relationship, share, 1, ShareStates.Given, [content.Attributes[0].Id], new DateOnly(2026, 1, 31), null, bobs.SealingKeyName, dek.NameFor(relationship, share), Letter.HashOf(sealedCopy)));
            return Letter.Seal(bobs, alice.Did, share.Value, [jws, alice.Sign(new ShareEvent(alice.Did, content.Attributes[0].Id, ShareEvents.Shared, 1))], dek, sealedCopy);
        }

        void Open(byte[] letter)
        {
            using var opened = bob.Open(alices, share.Value, letter);
            if (!ShareStatement.TryVerify(opened.Statements[0], alices, bob.Did, opened, out var read) || !ShareEvent.TryVerify(opened.Statements[1], alices.Subject, out _))
                throw new CryptographicException();
            using var taken = opened.TakeDek(AccountId.Generate());
            taken.Open(relationship, share, opened.Copy.Span, read.Number);
        }

        void Primitives()
        {
            signing.Sign(statement);
            signing.Sign(statement);
            bare.Seal();
            _ = Hpke.Seal(key.PublicKey, statement, padded);
            Hpke.Open(key, statement, sealedBox).Dispose();
            signing.PublicKey.Verify(statement, signature);
            signing.PublicKey.Verify(statement, signature);
            bare.Open();
        }
    }

    private static double Microseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < 5; call++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / 5;
    }

    private sealed record Person(UnlockedAccount Account, Client.Vault Vault) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Vault.DisposeAsync();
            await Account.DisposeAsync();
        }
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    {
        private int _requests;

        public int Requests { get => _requests; set => _requests = value; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
