using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>
/// What another client of the same account may sign and must not: proven by a head of the account, and not as docs/spec/vault.md has it. What
/// no service can show alone is refused all the same, so that a fault of one client is no way in for a service.
/// </summary>
public sealed class FaultyClientOfAVault(MatrixScene scene) : IClassFixture<MatrixScene>
{
    private ObjectName Item => scene.Names[0];

    private AttributeEntry Entry => scene.Overview(Item).Attributes[0];

    [Fact]
    public async Task B04_D04_an_item_that_lists_an_attribute_as_it_was_before_is_not_opened()
    {
        var told = new Pretence(scene);
        told.Put(scene.Seal(Item, Entry with { Leaf = Pretence.LeafOf(scene.Before[Entry.Id]) }));
        await RefusedAsync(told, Alarm.ObjectInvalid, "which is not the one that its item lists");
    }

    [Fact]
    public async Task D04_an_item_that_lists_an_attribute_at_another_revision_is_not_opened()
    {
        var told = new Pretence(scene);
        told.Put(scene.Seal(Item, Entry with { Revision = Entry.Revision + 1 }));
        await RefusedAsync(told, Alarm.ObjectInvalid, "in another revision than its item lists");
    }

    [Fact]
    public async Task B07_an_attribute_beside_another_attachment_than_it_names_is_not_opened()
    {
        var told = new Pretence(scene);
        var beside = scene.Now[Entry.Id] with { Attachment = Guid.NewGuid() };
        told.Put(beside);
        told.Put(scene.Seal(Item, Entry with { Leaf = Pretence.LeafOf(beside) }));
        await RefusedAsync(told, Alarm.ObjectInvalid, "beside another attachment than it names");
    }

    [Fact]
    public async Task B05_an_attribute_that_was_sealed_for_another_item_is_not_opened()
    {
        var told = new Pretence(scene);
        var others = scene.Overview(scene.Names[1]).Attributes[0];
        told.Put(scene.Seal(Item, others));
        await RefusedAsync(told, Alarm.DoesNotOpen, "does not open", $"attribute {others.Id}");
    }

    /// <summary>Under the name of the key that sealed it there, or of the one that seals here.</summary>
    [Theory, InlineData(false, Alarm.ObjectInvalid), InlineData(true, Alarm.DoesNotOpen)]
    public async Task B06_an_item_of_the_other_Vault_of_the_same_person_is_not_opened(bool isRenamed, Alarm alarm)
    {
        var told = new Pretence(scene);
        var other = scene.Elsewhere[ObjectKind.Item].First() with { Id = Item.Id };
        told.Put(isRenamed ? other with { Dek = scene.Now[Item].Dek } : other);
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => ShowAsync(told));
        scene.TellTheTruth();
        Assert.Equal((alarm, $"{Item}"), (refusal.Alarm, refusal.Object));
    }

    [Fact]
    public async Task D05_a_head_that_counts_more_than_there_is_is_no_head()
    {
        var (list, _) = scene.Sign(new Pretence(scene), head => head with { Count = head.Count + 1 });
        scene.Show(JsonSerializer.SerializeToUtf8Bytes(list, ProtocolJson.Default.ObjectChangesResponse));
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => scene.NewDevice().ListAsync(Cancellation));
        scene.TellTheTruth();
        Assert.Equal(Alarm.ProofInvalid, refusal.Alarm);
    }

    [Fact]
    public async Task A_head_that_names_another_key_to_sign_in_with_is_no_head()
    {
        using var another = Ed25519PrivateKey.Generate();
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => ShowAsync(new Pretence(scene), head => head with { SignIn = another.PublicKey }));
        scene.TellTheTruth();
        Assert.Equal(Alarm.HeadInvalid, refusal.Alarm);
    }

    /// <summary>The control: what is signed so and fits is shown.</summary>
    [Fact]
    public async Task What_fits_is_opened()
    {
        var told = new Pretence(scene);
        told.Put(scene.Seal(Item, Entry));
        var device = await ShowAsync(told);
        Assert.Equal(MatrixScene.AttributesEach, (await device.GetAsync(scene.ItemOf[Item], Cancellation)).Attributes.Count);
        scene.TellTheTruth();
    }

    private async Task RefusedAsync(Pretence told, Alarm alarm, string what, string? named = null)
    {
        var device = await ShowAsync(told);
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => device.GetAsync(scene.ItemOf[Item], Cancellation));
        scene.TellTheTruth();
        Assert.Equal((alarm, named ?? $"attribute {Entry.Id}"), (refusal.Alarm, refusal.Object));
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
    }

    /// <returns>A device without memory that has listed what is pretended, under a head that the account signed.</returns>
    private async Task<Client.Vault> ShowAsync(Pretence told, Func<VaultHead, VaultHead>? alter = null)
    {
        var (list, head) = scene.Sign(told, alter ?? (head => head));
        scene.Show(JsonSerializer.SerializeToUtf8Bytes(list, ProtocolJson.Default.ObjectChangesResponse), told, head);
        var device = scene.NewDevice();
        await device.ListAsync(Cancellation);
        scene.Show(JsonSerializer.SerializeToUtf8Bytes(list with { Changes = [], Objects = [], Chain = [] }, ProtocolJson.Default.ObjectChangesResponse), told, head);
        return device;
    }
}
