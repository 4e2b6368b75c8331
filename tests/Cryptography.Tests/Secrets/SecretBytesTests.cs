using System.Text.Json;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.Secrets;

public sealed class SecretBytesTests
{
    [Fact]
    public void Disposing_zeroes_the_bytes_and_nothing_reads_them_any_more()
    {
        var secret = SecretBytes.CopyOf([1, 2, 3, 4]);
        var before = secret.DangerousSpan;
        secret.Dispose();

        Assert.Equal(new byte[4], before);
        Assert.Throws<ObjectDisposedException>(() => _ = secret.DangerousSpan.Length);
        Assert.Throws<ObjectDisposedException>(() => secret.FixedTimeEquals([0, 0, 0, 0]));
        secret.Dispose();
    }

    [Fact]
    public unsafe void The_collector_does_not_move_the_bytes()
    {
        var litter = new List<byte[]>();
        var secrets = new List<SecretBytes>();
        for (var count = 0; count < 200; count++)
        {
            litter.Add(new byte[500]);
            secrets.Add(SecretBytes.Generate(32));
        }

        var before = secrets.ConvertAll(Address);
        litter.Clear();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);

        Assert.Equal(before, secrets.ConvertAll(Address));

        static nint Address(SecretBytes secret)
        {
            fixed (byte* start = secret.DangerousSpan)
                return (nint)start;
        }
    }

    [Fact]
    public void J05_its_text_says_nothing()
    {
        using var secret = SecretBytes.CopyOf("correct horse"u8);
        Assert.Equal("SecretBytes", secret.ToString());
        Assert.Equal("SecretBytes", $"{secret}");
    }

    [Fact]
    public void J05_JSON_refuses_to_write_or_read_it_alone_or_inside_something()
    {
        using var secret = SecretBytes.CopyOf([1, 2, 3]);
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(secret));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new { secret }));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize<object>(secret));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Deserialize<SecretBytes>("\"AQID\""));
    }

    [Fact]
    public void It_is_equal_to_the_same_bytes_and_to_no_others()
    {
        using var secret = SecretBytes.CopyOf([1, 2, 3]);
        using var same = SecretBytes.CopyOf([1, 2, 3]);
        Assert.True(secret.FixedTimeEquals(same));
        Assert.False(secret.FixedTimeEquals([1, 2, 4]));
        Assert.False(secret.FixedTimeEquals([1, 2]));
    }

    [Fact]
    public void What_fills_it_writes_in_place_and_a_failure_passes_through()
    {
        using var secret = SecretBytes.Create(3, 7, static (bytes, value) => bytes.Fill((byte)value));
        Assert.True(secret.FixedTimeEquals([7, 7, 7]));
        Assert.Throws<FormatException>(() => SecretBytes.Create(3, 0, static (_, _) => throw new FormatException()));
    }

    [Fact]
    public void Generated_secrets_differ()
    {
        using var one = SecretBytes.Generate(32);
        using var other = SecretBytes.Generate(32);
        Assert.Equal(32, one.Length);
        Assert.False(one.FixedTimeEquals(other));
    }
}
