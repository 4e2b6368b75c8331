using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of the keys of an open account.</summary>
internal sealed class KeyRequests(UnlockedAccount account)
{
    public async Task<AgentAnswer> ListAsync(CancellationToken cancellationToken) => Answer(await account.Keys.ListAsync(cancellationToken));

    public async Task<AgentAnswer> ShowAsync(ShowKey request, CancellationToken cancellationToken) => Answer([await FindAsync(request.Key, cancellationToken)]);

    public async Task<AgentAnswer> GenerateAsync(GenerateKeys request, CancellationToken cancellationToken)
    {
        var purpose = request.Kind switch
        {
            "personal" => KeyPurpose.PersonalDek,
            "sharing" => KeyPurpose.SharingDek,
            _ => KeyPurpose.Signing,
        };
        CheckLabel(request.Label);
        var keys = await account.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(purpose, request.Label), request.Count)], cancellationToken);
        var ids = keys.Select(key => key.Id).ToList();
        foreach (var key in keys)
            key.Dispose();
        return Answer(await account.Keys.GetManyAsync(ids, cancellationToken));
    }

    public async Task<AgentAnswer> ChangeAsync(ChangeKey request, CancellationToken cancellationToken)
    {
        CheckLabel(request.Label);
        var key = await FindAsync(request.Key, cancellationToken);
        if (request.State is not null && KeyStates.TryParse(request.State, out var state))
            await account.Keys.SetStateAsync(key.Id, state, cancellationToken);
        if (request.Label is not null)
            await account.Keys.RenameAsync(key.Id, request.Label.Length > 0 ? request.Label : null, cancellationToken);
        return Answer([await account.Keys.GetAsync(key.Id, cancellationToken)]);
    }

    public async Task<AgentAnswer> DeleteAsync(DeleteKey request, CancellationToken cancellationToken)
    {
        var key = await FindAsync(request.Key, cancellationToken);
        await account.Keys.DeleteAsync(key.Id, cancellationToken);
        return Answer([key]);
    }

    public async Task<AgentAnswer> EncryptAsync(Encrypt request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        var key = request.Key is null ? await NewestPersonalAsync(cancellationToken) : await FindAsync(request.Key, cancellationToken);
        using DataEncryptionKey dek = key.Purpose == KeyPurpose.SharingDek ? account.Keys.UnwrapSharing(key) : account.Keys.UnwrapPersonal(key);
        await dek.SealFileAsync(input, output, cancellationToken);
        return Answer([key]);
    }

    public async Task<AgentAnswer> DecryptAsync(Stream input, Stream output, CancellationToken cancellationToken)
    {
        await using var content = await OpenAsync(input, cancellationToken);
        await content.CopyToAsync(output, 256 * 1024, cancellationToken);
        return new AgentAnswer();
    }

    /// <summary>To the person, a file that was altered at its beginning and one that was altered further on are the same thing.</summary>
    private async Task<Stream> OpenAsync(Stream input, CancellationToken cancellationToken)
    {
        try
        {
            return await account.Keys.OpenFileAsync(input, cancellationToken);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.NotFound or FailureReason.NotAllowed)
        {
            throw new Failure(ExitCode.Refused, e.Message, e.NextStep);
        }
    }

    public async Task<AgentAnswer> SignAsync(Sign request, Stream input, CancellationToken cancellationToken)
    {
        using var keypair = account.Keys.UnwrapSigning(await FindAsync(request.Key, cancellationToken));
        return new AgentAnswer(Text: await keypair.SignAsync(input, TimeProvider.System.GetUtcNow(), cancellationToken));
    }

    private async Task<AccountKey> NewestPersonalAsync(CancellationToken cancellationToken) =>
        (await account.Keys.ListAsync(cancellationToken)).LastOrDefault(key => key is { Purpose: KeyPurpose.PersonalDek, State: KeyState.Active })
        ?? throw new Failure(ExitCode.NotFound, "The account has no active personal key.", "Make one: keyladder key generate personal");

    /// <summary>An id, the start of one, a label or a DID; it must name exactly one key.</summary>
    private async Task<AccountKey> FindAsync(string text, CancellationToken cancellationToken)
    {
        var keys = await account.Keys.ListAsync(cancellationToken);
        List<AccountKey> found =
        [
            .. keys.Where(key => key.Label == text
                || key.Did?.ToString() == text
                || (text.Length >= 8 && key.Id.ToString().StartsWith(text, StringComparison.Ordinal))),
        ];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new Failure(ExitCode.NotFound, "There is no such key.", "`keyladder key list` shows what there is: name a key by id, by 8 or more characters of it, by label or by DID."),
            _ => throw Failure.Usage("That names several keys.", "Name one by its id; `keyladder key list` shows them."),
        };
    }

    private static void CheckLabel(string? label)
    {
        if (label is { Length: > 0 } && !KeyOverview.IsLabel(label))
            throw Failure.Usage($"A label has at most {KeyOverview.MaxLabelLength} bytes and no control characters.", "Choose a shorter or simpler one.");
    }

    private static AgentAnswer Answer(IReadOnlyList<AccountKey> keys) => new(Keys: [.. keys.Select(key => new KeyLine(
        key.Id.ToString(),
        key.Purpose.ToText(),
        key.State.ToText(),
        key.Label,
        key.Created.ToString("O", CultureInfo.InvariantCulture),
        key.Did?.ToString()))]);
}
