using Keyladder.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

/// <summary>What a client leaves at a service about another one (docs/spec/witness.md section 2), at both services.</summary>
public sealed class WitnessTests(Keystores keystores, Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Vaults>
{
    private const long MaxInteger = (1L << 53) - 1;

    public static TheoryData<Engine, bool> Services() => Engines.With(false, true);

    [Theory, MemberData(nameof(Services))]
    public async Task D08_a_witness_is_replaced_by_the_next_one_and_never_lowered(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        var alice = await SignedUpAsync(service, isVault);
        var none = await GetAsync(alice);
        Assert.Equal((0, null), (none.Sequence, none.Sealed));

        var (first, next) = (Slot.Envelope(585), Slot.Envelope(585));
        Is(70, first, await PutAsync(alice, 70, first));
        foreach (var sequence in new[] { 1, 69, 70, 72, MaxInteger })
            Is(70, first, await PutAsync(alice, sequence, next));
        Is(70, first, await PutAsync(alice, 70, first)); // once more, after a lost answer
        Is(71, next, await PutAsync(alice, 71, next));
        Is(71, next, await PutAsync(alice, 71, first));
        Is(71, next, await PutAsync(alice, 70, first));
        Is(71, next, await GetAsync(alice));
    }

    [Theory, MemberData(nameof(Services))]
    public async Task Of_those_that_come_at_once_one_is_there_and_all_are_told_which(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        var alice = await SignedUpAsync(service, isVault);
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync(alice, sequence, Slot.Envelope(585))));
            var there = await GetAsync(alice);
            Assert.All(answers, answer => Is(sequence, there.Sealed!, answer));
        }
    }

    [Theory, MemberData(nameof(Services))]
    public async Task Nobody_sees_or_replaces_the_witness_of_another_account(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        var (alice, bob) = (await SignedUpAsync(service, isVault), await SignedUpAsync(service, isVault));
        var (hers, his) = (Slot.Envelope(585), Slot.Envelope(585));
        await PutAsync(alice, 5, hers);
        Assert.Null((await GetAsync(bob)).Sealed);
        Is(6, his, await PutAsync(bob, 6, his));
        Is(5, hers, await GetAsync(alice));
        await alice.Send(Request.Delete(ServiceRoutes.CurrentSession));
        (await alice.Send(Request.Get(ServiceRoutes.Witness))).IsProblem(ProblemTypes.SignInRequired);
        (await alice.Send(Request.PutWitness(6))).IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_witness_has_one_length_and_no_other_form(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        var alice = await SignedUpAsync(service, isVault);
        var right = Slot.Envelope(585);
        await PutAsync(alice, 1, right);
        foreach (var wrong in new byte[][] { [], right[1..], right[..^1], [.. right, 0], [2, .. right[1..]] })
            (await alice.Send(Request.PutWitness(2, wrong))).IsProblem(ProblemTypes.MalformedRequest);
        foreach (var sequence in new[] { 0, 1L << 53 })
            (await alice.Send(Request.PutWitness(sequence))).IsProblem(ProblemTypes.MalformedRequest);
        Is(1, right, await GetAsync(alice));
    }

    [Theory, MemberData(nameof(Services))]
    public async Task It_lies_beside_the_tree_and_under_no_head_and_is_no_event(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        var alice = await SignedUpAsync(service, isVault);
        string[] witnesses = ["witnesses"];
        var before = await service.Database.DumpAsync(witnesses);
        await PutAsync(alice, 1, Slot.Envelope(585));
        Assert.Equal(before, await service.Database.DumpAsync(witnesses));
    }

    [Theory, MemberData(nameof(Services))]
    public async Task G13_a_witness_that_comes_while_the_account_is_deleted_is_not_left_behind(Engine engine, bool isVault)
    {
        await using var service = await BeforeAsync(engine, isVault);
        for (var round = 0; round < 10; round++)
        {
            var alice = await SignedUpAsync(service, isVault);
            var deletion = await alice.Deletion();
            await Task.WhenAll(alice.Send(Request.Post(ServiceRoutes.AccountDeletion, deletion)), alice.Send(Request.PutWitness(1)), alice.Send(Request.PutWitness(1)));
            (await alice.Send(Request.Get(ServiceRoutes.Witness))).IsProblem(ProblemTypes.SignInRequired);
            Assert.DoesNotContain(alice.Account.ToString(), await service.Database.DumpAsync(), StringComparison.Ordinal);
        }
    }

    private static void Is(long sequence, byte[] @sealed, WitnessResponse shown) =>
        Assert.Equal((sequence, Convert.ToHexString(@sealed)), (shown.Sequence, Convert.ToHexString(shown.Sealed!)));

    private static async Task<WitnessResponse> GetAsync(Caller caller) => (await caller.Send(Request.Get(ServiceRoutes.Witness))).As<WitnessResponse>();

    private static async Task<WitnessResponse> PutAsync(Caller caller, long sequence, byte[] @sealed) =>
        (await caller.Send(Request.PutWitness(sequence, @sealed))).As<WitnessResponse>();

    private Task<RunningService> BeforeAsync(Engine engine, bool isVault) =>
        isVault ? RunningService.BeforeAsync(vaults, engine) : RunningService.BeforeAsync(keystores, engine);

    private static async Task<Caller> SignedUpAsync(RunningService service, bool isVault)
    {
        if (isVault)
        {
            var person = await VaultPerson.SignedUpAsync(service);
            return new(person.Account, person.SendAsync, () => person.DeletionAsync());
        }

        var owner = await Person.SignedUpAsync(service);
        return new(owner.Account, owner.SendAsync, () => owner.DeletionAsync());
    }

    private sealed record Caller(AccountId Account, Func<Request, Task<Answer>> Send, Func<Task<DeleteAccountRequest>> Deletion);
}
