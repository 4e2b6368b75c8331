using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Pins;

public sealed class PinStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-pins-");
    private readonly AccountId _account = AccountId.Generate();

    private string PinFile => Path.Combine(_folder.FullName, $"{_account}.pin");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_pin_is_what_was_put_there_last(bool file)
    {
        var store = Store(file);
        Assert.Null(await store.GetAsync(_account, Cancellation));

        Assert.True(await store.TryReplaceAsync(_account, HeadPin.None, Pin(1), Cancellation));
        Assert.True(await store.TryReplaceAsync(_account, Pin(1), Pin(7), Cancellation));

        AssertSame(Pin(7), await store.GetAsync(_account, Cancellation));
        Assert.Null(await store.GetAsync(AccountId.Generate(), Cancellation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task J08_two_accounts_in_one_store_have_a_pin_each(bool file)
    {
        var (store, other) = (Store(file), AccountId.Generate());
        await store.TryReplaceAsync(_account, HeadPin.None, Pin(5), Cancellation);
        await store.TryReplaceAsync(other, HeadPin.None, Pin(3), Cancellation);

        Assert.False(await store.TryReplaceAsync(other, Pin(5), Pin(6), Cancellation));
        Assert.True(await store.TryReplaceAsync(other, Pin(3), Pin(4), Cancellation));

        AssertSame(Pin(5), await store.GetAsync(_account, Cancellation));
        AssertSame(Pin(4), await store.GetAsync(other, Cancellation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Only_the_expected_pin_is_replaced(bool file)
    {
        var store = Store(file);
        await store.TryReplaceAsync(_account, HeadPin.None, Pin(5), Cancellation);

        Assert.False(await store.TryReplaceAsync(_account, HeadPin.None, Pin(6), Cancellation));
        Assert.False(await store.TryReplaceAsync(_account, Pin(4), Pin(6), Cancellation));
        Assert.False(await store.TryReplaceAsync(_account, Pin(5, history: 9), Pin(6), Cancellation));
        Assert.False(await store.TryReplaceAsync(AccountId.Generate(), Pin(5), Pin(6), Cancellation));

        AssertSame(Pin(5), await store.GetAsync(_account, Cancellation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Of_many_who_replace_a_pin_at_once_one_does(bool file)
    {
        var shared = Store(file);
        for (var number = 1; number <= 10; number++)
        {
            var expected = number == 1 ? HeadPin.None : Pin(number - 1);
            var winners = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
                await (file ? Store(true) : shared).TryReplaceAsync(_account, expected, Pin(number), Cancellation))));
            Assert.Equal(1, winners.Count(won => won));
        }
    }

    [Fact]
    public async Task A_pin_outlives_the_store_and_only_its_owner_can_read_it()
    {
        var folder = Path.Combine(_folder.FullName, "new");
        await new FilePinStore(folder).TryReplaceAsync(_account, HeadPin.None, Pin(12), Cancellation);

        AssertSame(Pin(12), await new FilePinStore(folder).GetAsync(_account, Cancellation));
        if (OperatingSystem.IsWindows())
            return; // It has no such modes.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        foreach (var file in Directory.GetFiles(folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task What_a_crash_left_beside_a_pin_is_no_pin()
    {
        await File.WriteAllTextAsync(PinFile + ".new", "{\"number\":", Cancellation);

        Assert.Null(await Store(true).GetAsync(_account, Cancellation));
        Assert.True(await Store(true).TryReplaceAsync(_account, HeadPin.None, Pin(3), Cancellation));
        AssertSame(Pin(3), await Store(true).GetAsync(_account, Cancellation));
        Assert.False(File.Exists(PinFile + ".new"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("ACCOUNT")]
    [InlineData("""{"account":"ACCOUNT","number":3,"hash":"AAAA","root":"AAAA","count":1,"ancestors":[]}""")]
    [InlineData("""{"account":"ACCOUNT","number":3,"hash":"HASH","root":"HASH","count":1,"ancestors":[]}""")]
    [InlineData("""{"account":"ACCOUNT","number":1,"hash":"HASH","root":"HASH","count":1,"ancestors":[],"more":1}""")]
    [InlineData("""{"account":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","number":1,"hash":"HASH","root":"HASH","count":1,"ancestors":[]}""")]
    public async Task A_damaged_pin_is_never_taken_for_none(string content)
    {
        await File.WriteAllTextAsync(
            PinFile, content.Replace("ACCOUNT", _account.ToString(), StringComparison.Ordinal).Replace("HASH", new string('A', 43), StringComparison.Ordinal), Cancellation);

        Assert.Equal(FailureReason.PinUnreadable, (await Assert.ThrowsAsync<KeyladderException>(() => Store(true).GetAsync(_account, Cancellation))).Reason);
        await Assert.ThrowsAsync<KeyladderException>(() => Store(true).TryReplaceAsync(_account, HeadPin.None, Pin(1), Cancellation));
        Assert.True(File.Exists(PinFile));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_said_so()
    {
        var blocked = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(blocked, "", Cancellation);

        var failure = await Assert.ThrowsAsync<KeyladderException>(() => new FilePinStore(blocked).TryReplaceAsync(_account, HeadPin.None, Pin(1), Cancellation));

        Assert.Equal(FailureReason.PinUnreadable, failure.Reason);
    }

    private readonly MemoryPinStore _memory = new();

    private IPinStore Store(bool file) => file ? new FilePinStore(_folder.FullName) : _memory;

    private static HeadPin Pin(long number, byte history = 1)
    {
        var ancestors = new List<Hash256>();
        for (var rest = number & (number - 1); rest != 0; rest &= rest - 1)
            ancestors.Add(Hash256.Of([history, (byte)rest]));
        return new HeadPin(number, Hash256.Of([history, (byte)number]), Hash256.Of([9, (byte)number]), number, ancestors);
    }

    private static void AssertSame(HeadPin expected, HeadPin? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Number, expected.Hash, expected.Root, expected.Count), (actual.Number, actual.Hash, actual.Root, actual.Count));
        Assert.Equal(expected.Ancestors, actual.Ancestors);
    }
}
