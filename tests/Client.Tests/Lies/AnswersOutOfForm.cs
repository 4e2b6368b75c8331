using System.Text;
using System.Text.RegularExpressions;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>Answers that say the right thing in a form or at a length that the protocol does not have.</summary>
public sealed class AnswersOutOfForm(HostileKeystore hostile) : IClassFixture<HostileKeystore>, IDisposable
{
    private const string Nonces = "POST /v1/nonces";

    // A test that fails leaves no lie behind for the next.
    public void Dispose() => hostile.TellTheTruth();

    [Theory, InlineData("-0"), InlineData("-1"), InlineData("1.0"), InlineData("1e0"), InlineData("01"), InlineData("+1"), InlineData("9007199254740992")]
    public async Task A_number_that_is_not_digits_alone_is_no_answer(string number)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();

        // Where any number would do: no check behind the form has a say.
        Tell("GET /v1/sessions", text => Regex.Replace(text, "\"expires\":[0-9]+", $"\"expires\":{number}"));
        await Expect.FailureAsync(FailureReason.InvalidAnswer, () => me.Sessions.ListAsync(Cancellation));
        Tell(Nonces, text => Regex.Replace(text, "\"time\":[0-9]+", $"\"time\":{number}"));
        await Expect.FailureAsync(FailureReason.InvalidAnswer, () => alice.UnlockAsync());
        hostile.TellTheTruth();
    }

    [Theory, InlineData("0"), InlineData("1")]
    public async Task Digits_alone_are_a_number(string number)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();

        Tell("GET /v1/sessions", text => Regex.Replace(text, "\"expires\":[0-9]+", $"\"expires\":{number}"));
        Assert.Single(await me.Sessions.ListAsync(Cancellation));
        hostile.TellTheTruth();
    }

    [Theory, InlineData(0, true), InlineData(1, false)]
    public async Task An_answer_of_no_announced_length_is_read_to_its_bound_and_no_further(int more, bool taken)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        await alice.SignUpAsync();

        // White space is part of no value: but for its length this is the genuine answer.
        Tell(Nonces, text => text.PadRight(Call.OrdinaryAnswer + more));
        if (taken)
            await alice.UnlockAsync();
        else
            await Expect.FailureAsync(FailureReason.InvalidAnswer, () => alice.UnlockAsync());
        hostile.TellTheTruth();
    }

    private void Tell(string call, Func<string, string> lie) => hostile.Proxy.Lie = answer =>
    {
        if ($"{answer.Method} {answer.Path}" == call)
            answer.Body = Encoding.UTF8.GetBytes(lie(Encoding.UTF8.GetString(answer.Body)));
    };
}
