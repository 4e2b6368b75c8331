using System.Globalization;
using System.Security.Cryptography;
using Keyladder.Cli.Commands;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
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
        var type = request.Type is null ? null : KeyType.TryParse(request.Type, out var known) ? known : throw Failure.Usage("There is no such type of key.", "Choose ed25519, p-256 or secp256k1.");
        var keys = await account.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(purpose, request.Label, type), request.Count)], cancellationToken);
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
        var signer = request.Did is null ? keypair.Did : Did.TryParse(request.Did, out var did) ? did : throw NotOfThatKey();
        if (signer.Method != DidMethod.Web && !keypair.PublicKey.Equals(signer.PublicKey))
            throw NotOfThatKey();
        return new AgentAnswer(Text: await keypair.SignAsync(input, signer, TimeProvider.System.GetUtcNow(), cancellationToken));

        static Failure NotOfThatKey() =>
            Failure.Usage("That is not a DID of the key.", "Leave --did out, or give the key's did:jwk (`keyladder key export KEY --format did-jwk`) or a did:web whose document lists it.");
    }

    public async Task<AgentAnswer> AnswerAsync(AnswerApp request, CancellationToken cancellationToken)
    {
        if (!DidSignInLink.TryParse(request.Link, out var link))
            throw DidSignInCommand.NoLink();
        var key = request.Key is null ? null : (await FindAsync(request.Key, cancellationToken)).Id as KeyId?;
        var answer = link.Purpose == DidSignInPurpose.Link
            ? await account.Dids.LinkAsync(link, key, request.IsAnother, cancellationToken)
            : await account.Dids.SignInAsync(link, key, cancellationToken);
        return new AgentAnswer(App: new AppAnswer(answer.Key.ToString(), answer.Did.ToString(), answer.Challenge, answer.Response, answer.Address.AbsoluteUri));
    }

    /// <summary>Writes the key bytes as they are: the person has asked for it twice.</summary>
    public async Task<AgentAnswer> ExportAsync(ExportPrivateKey request, Stream output, CancellationToken cancellationToken)
    {
        var key = await FindAsync(request.Key, cancellationToken);
        using var bytes = Export(key, request.Format);
        var copy = GC.AllocateArray<byte>(bytes.Length, pinned: true);
        try
        {
            bytes.DangerousSpan.CopyTo(copy);
            await output.WriteAsync(copy, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }

        return Answer([key]);
    }

    private SecretBytes Export(AccountKey key, string? format)
    {
        switch (key.Purpose)
        {
            case KeyPurpose.Signing:
                using (var keypair = account.Keys.UnwrapSigning(key))
                    return keypair.DangerousExport(format switch { "raw" => PrivateKeyFormat.Raw, "jwk" => PrivateKeyFormat.Jwk, _ => PrivateKeyFormat.Pkcs8 });
            case KeyPurpose.PersonalDek or KeyPurpose.SharingDek when format is null or "raw":
                using (DataEncryptionKey dek = key.Purpose == KeyPurpose.SharingDek ? account.Keys.UnwrapSharing(key) : account.Keys.UnwrapPersonal(key))
                    return dek.DangerousExport();
            case KeyPurpose.PersonalDek or KeyPurpose.SharingDek:
                throw Failure.Usage("A data encryption key has no format but raw.", "Leave --format out, or say --format raw.");
            default:
                throw new Failure(ExitCode.Refused, "That key has one duty, in this program alone, and stays where it is.", "`keyladder account export` takes a whole account elsewhere, sealed.");
        }
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
        key.Type?.Name,
        key.State.ToText(),
        key.Label,
        key.Created.ToString("O", CultureInfo.InvariantCulture),
        key.Did?.ToString()))]);
}
