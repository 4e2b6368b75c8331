using Keyladder.Cryptography;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Receiving.ReceivingScene;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Receiving;

/// <summary>An application with nobody there: what happens around it, and what it may decide.</summary>
public sealed class ShareReceiverTests : IAsyncLifetime
{
    private readonly ReceivingScene _scene = new();

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Services_that_do_not_answer_at_the_start_or_in_the_middle_are_waited_for()
    {
        var share = await ShareAsync(_scene.Alice);
        _scene.Keystore.Proxy.Block = _ => true;
        await using var receiver = _scene.Start();
        await receiver.TellsAsync(told => told is KeyladderException { Reason: FailureReason.Unreachable });
        (_scene.Keystore.Proxy.Block, _scene.Vault.Proxy.Block) = (null, _ => true);
        await receiver.TellsAsync(told => told.Message.Contains(_scene.Vault.Proxy.Address.Authority, StringComparison.Ordinal));
        _scene.Vault.Proxy.Block = null;
        await receiver.ReceivesAsync(share);

        // In the middle.
        _scene.Vault.Proxy.Block = _ => true;
        receiver.Told.Clear();
        await receiver.TellsAsync(told => told is KeyladderException { Reason: FailureReason.Unreachable });
        _scene.Vault.Proxy.Block = null;
        await receiver.ReceivesAsync(await ShareAsync(_scene.Bob));
        await receiver.StopAsync();
        Assert.Single(receiver.Received, received => received.Id == share.Id);
    }

    [Fact]
    public async Task A_letter_that_is_not_what_it_should_be_is_told_once_and_the_others_are_served()
    {
        var (altered, good) = (await ShareAsync(_scene.Alice), await ShareAsync(_scene.Bob));
        _scene.Vault.Proxy.Lie = answer =>
        {
            if (answer is not { Method: "GET", Path: "/v1/channel", Status: 200 })
                return;
            answer.Edit(json =>
            {
                foreach (var letter in json["letters"]!.AsArray().Where(letter => letter!["id"]!.GetValue<string>() == altered.Id.ToString()))
                {
                    Assert.True(Base64UrlText.TryDecode(letter!["sealed"]!.GetValue<string>(), out var bytes));
                    bytes[^1] ^= 1;
                    letter["sealed"] = Base64UrlText.Encode(bytes);
                }
            });
        };
        await using var receiver = _scene.Start();
        await receiver.ReceivesAsync(good);
        await receiver.TellsAsync(told => told is IntegrityException { Alarm: Alarm.ObjectInvalid });
        await receiver.ReceivesAsync(await ShareAsync(_scene.Bob));
        Assert.Single(receiver.Told, told => told is IntegrityException);
        Assert.DoesNotContain(receiver.Received, received => received.Id == altered.Id);

        _scene.Vault.TellTheTruth();
        await receiver.ReceivesAsync(altered);
    }

    [Fact]
    public async Task What_the_application_throws_for_one_share_is_told_and_comes_again_and_the_others_are_served()
    {
        var (first, other) = (await ShareAsync(_scene.Alice), await ShareAsync(_scene.Bob));
        var tries = 0;
        await using var receiver = _scene.Start(receive: share => share.Id == first.Id && ++tries < 3 ? throw new InvalidOperationException("The bank is closed.") : Task.CompletedTask);
        await receiver.ReceivesAsync(other);
        await receiver.ReceivesAsync(first);
        Assert.Equal(3, tries);
        Assert.Single(receiver.Told, told => told is InvalidOperationException);
    }

    [Fact]
    public async Task Terms_are_accepted_where_the_application_may_and_by_default_none()
    {
        var share = await ShareAsync(_scene.Alice, Terms);
        await using (var receiver = _scene.Start())
        {
            await receiver.TellsAsync(told => told.Message.Contains("terms that this application may not accept", StringComparison.Ordinal));
            await receiver.StopAsync();
            Assert.Empty(receiver.Received);
        }

        Assert.False(Assert.Single(await _scene.Operator.Relationships.ListHeldAsync(Cancellation)).IsAccepted);
        await using (var receiver = _scene.Start(mayAccept: held => held.Terms == Terms))
            await receiver.ReceivesAsync(share);
        Assert.True(Assert.Single(await _scene.Operator.Relationships.ListHeldAsync(Cancellation)).IsAccepted);
        await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.True(Assert.Single(await _scene.Alice.Relationships.ListGivenAsync(Cancellation)).IsAccepted);

        // That they were accepted once is no reason to go on once they may not be any more.
        await using (var receiver = _scene.Start())
        {
            await receiver.TellsAsync(told => told.Message.Contains("terms that this application may not accept", StringComparison.Ordinal));
            await receiver.StopAsync();
            Assert.Empty(receiver.Received);
        }
    }

    [Fact]
    public async Task What_is_past_its_last_day_is_forgotten_though_nobody_says_so()
    {
        var time = new MovableTime();
        var share = await ShareAsync(_scene.Alice, expires: DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddDays(1)));
        await using var receiver = _scene.Start(time: time);
        await receiver.ReceivesAsync(share);
        Assert.Empty(receiver.Forgotten);
        time.Move(TimeSpan.FromDays(2));
        await receiver.ForgetsAsync(share);
    }

    [Fact]
    public async Task What_is_taken_back_and_what_a_relationship_ends_with_are_forgotten()
    {
        var (taken, ended, blocked) = (await ShareAsync(_scene.Alice), await ShareAsync(_scene.Alice), await ShareAsync(_scene.Bob));
        await using var receiver = _scene.Start();
        foreach (var share in new[] { taken, ended, blocked })
            await receiver.ReceivesAsync(share);
        await _scene.Alice.Relationships.RevokeAsync(taken, Cancellation);
        await receiver.ForgetsAsync(taken);
        Assert.DoesNotContain(receiver.Forgotten, forgotten => forgotten.Id == ended.Id);
        await _scene.Alice.Relationships.EndAsync(ended.Relationship, Cancellation);
        await receiver.ForgetsAsync(ended);
        var withBob = (await WithAsync(_scene.Operator, "Bob")).Id;
        await _scene.Operator.Relationships.BlockAsync(withBob, Cancellation);
        await receiver.ForgetsAsync(blocked);

        await _scene.Operator.Relationships.UnblockAsync(withBob, Cancellation);
        receiver.Received.Clear();
        await receiver.ReceivesAsync(blocked);
    }

    [Fact]
    public async Task What_was_kept_before_the_application_threw_is_forgotten_too()
    {
        var (throws, share) = (false, await ShareAsync(_scene.Alice));
        await using var receiver = _scene.Start(receive: _ => throws ? throw new InvalidOperationException("Kept, and then the bank was closed.") : Task.CompletedTask);
        await receiver.ReceivesAsync(share);
        var withAlice = (await WithAsync(_scene.Operator, "Alice")).Id;
        await _scene.Operator.Relationships.BlockAsync(withAlice, Cancellation);
        await receiver.ForgetsAsync(share);

        throws = true;
        await _scene.Operator.Relationships.UnblockAsync(withAlice, Cancellation);
        await receiver.TellsAsync(told => told is InvalidOperationException);
        receiver.Forgotten.Clear();
        await _scene.Alice.Relationships.RevokeAsync(share, Cancellation);
        await receiver.ForgetsAsync(share);
    }

    [Fact]
    public async Task What_is_past_its_last_day_is_forgotten_while_no_service_answers()
    {
        var time = new MovableTime();
        var share = await ShareAsync(_scene.Alice, expires: DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddDays(1)));
        await using var receiver = _scene.Start(time: time);
        await receiver.ReceivesAsync(share);
        (_scene.Keystore.Proxy.Block, _scene.Vault.Proxy.Block) = (_ => true, _ => true);
        await receiver.TellsAsync(told => told is KeyladderException { Reason: FailureReason.Unreachable });
        Assert.Empty(receiver.Forgotten);
        time.Move(TimeSpan.FromDays(3));
        await receiver.ForgetsAsync(share);
    }

    [Fact]
    public async Task A_service_that_asks_for_a_day_of_patience_makes_no_last_day_longer()
    {
        var time = new MovableTime();
        var last = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddDays(1));
        var share = await ShareAsync(_scene.Alice, expires: last);
        time.Move(last.ToDateTime(TimeOnly.MaxValue, DateTimeKind.Utc) - time.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(20));
        await using var receiver = _scene.Start(time: time);
        await receiver.ReceivesAsync(share);
        _scene.Vault.Proxy.Lie = answer => (answer.Status, answer.Headers["Retry-After"]) = (503, "86400");
        await receiver.TellsAsync(told => told is KeyladderException { RetryAfter.TotalDays: 1 });
        await receiver.ForgetsAsync(share);
    }

    [Fact]
    public async Task A_service_that_goes_back_in_time_ends_it_after_a_restart_too()
    {
        var yesterday = await _scene.Vault.KeepAsync();
        var share = await ShareAsync(_scene.Alice);
        await using (var receiver = _scene.Start())
        {
            await receiver.ReceivesAsync(share);
            await receiver.StopAsync();
        }

        _scene.Vault.Proxy.StandBefore(yesterday);
        await using (var receiver = _scene.Start())
            Assert.Equal(Alarm.RolledBack, (await receiver.EndsAsync<IntegrityException>()).Alarm);
    }

    [Fact]
    public async Task An_account_without_a_Vault_receives_nothing_and_says_so()
    {
        await using var person = new Person(_scene.Keystore.Proxy.Address);
        var path = _scene.KeyFile + ".other";
        await (await person.SignUpAsync()).UnlockMethods.AddKeyFileAsync(path, Cancellation);
        await using var receiver = new RunningReceiver(path, _scene.State, mayAccept: null, receive: null, time: null);
        Assert.Equal(FailureReason.NotFound, (await receiver.EndsAsync<KeyladderException>()).Reason);
    }

    [Fact]
    public async Task A_key_file_for_another_service_says_so()
    {
        await using var other = await KeystoreHost.StartAsync(Engine.Sqlite);
        Assert.True(Cryptography.Signing.Origin.TryCreate(other.Origin, out var origin));
        var path = _scene.KeyFile + ".other";
        using (var file = new KeyFile(origin, AccountId.Generate(), DeviceSecret.Generate()))
            KeyFiles.Write(path, file);
        await using var receiver = new RunningReceiver(path, _scene.State, mayAccept: null, receive: null, time: null);
        var refused = await receiver.EndsAsync<KeyladderException>();
        Assert.Equal(FailureReason.SignInFailed, refused.Reason);
        Assert.Contains($"no account at {origin} opens with it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attachment_is_read_while_its_share_is_received()
    {
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(70_000);
        var picture = (await Vaults.AttachmentTests.UploadAsync(_scene.Alice, content)).ToAttribute("picture");
        var item = (await _scene.Alice.PutAsync(ItemDraft.New("Claim").With(picture), Cancellation)).Id;
        await _scene.Alice.Relationships.ShareAsync([(await Relationships.RelationshipScene.WithAsync(_scene.Alice, "worker")).Id], item, cancellationToken: Cancellation);
        var read = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = _scene.Start(receive: async share =>
        {
            await using var stream = await share.OpenAttachmentAsync(share.Content.Attributes[0].Content.GetAttachment()!, Cancellation);
            using var whole = new MemoryStream();
            await stream.CopyToAsync(whole, Cancellation);
            read.TrySetResult(whole.ToArray());
        });
        Assert.Equal(content, await read.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
    }
}
