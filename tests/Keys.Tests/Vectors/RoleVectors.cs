using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>Every envelope through the role that opens it: a label is reached by a type, as in an app.</summary>
internal static class RoleVectors
{
    public static bool Envelopes(VectorCase vector)
    {
        var role = new Role(vector);
        var envelope = vector.Bytes("envelope");
        try
        {
            var (context, content) = role.Open(envelope);
            vector.Gives("contextBytes", context);
            vector.Gives("content", content);
            vector.Gives("salt", envelope.AsSpan(1, 24));
            Assert.Equal(Convert.ToHexStringLower([.. content, 0x80]), vector.Text("paddedContent").TrimEnd('0').PadRight(2 * content.Length + 2, '0'));
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    public static bool KeyOverviews(VectorCase vector)
    {
        var json = vector.Has("json") ? Encoding.UTF8.GetBytes(vector.Text("json")) : vector.Bytes("jsonBytes");
        if (!KeyOverview.TryDecode(json, out var overview))
            return false;

        var members = new JsonObject
        {
            ["purpose"] = overview.Purpose.ToText(),
            ["type"] = KeyPurposes.TypeText(overview.PublicKey?.Type),
            ["state"] = overview.State.ToText(),
            ["created"] = overview.Created.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        if (overview.Label is not null)
            members["label"] = overview.Label;
        if (overview.PublicKey is not null)
            members["public"] = Convert.ToHexStringLower(overview.PublicKey.Bytes);
        if (overview.Service is { } service)
            members["service"] = new JsonObject { ["origin"] = service.Origin.ToString(), ["account"] = service.Account.ToString() };
        vector.GivesJson("overview", JsonSerializer.SerializeToElement(members));

        // What is written again fits its envelope and reads the same.
        Assert.InRange(overview.Encode().Length, 1, 511);
        Assert.True(KeyOverview.TryDecode(overview.Encode(), out var again));
        Assert.Equal((overview.Label, overview.Service), (again.Label, again.Service));
        return true;
    }

    public static async Task<bool> FilesAsync(VectorCase vector)
    {
        var role = new Role(vector);
        using var dek = role.DataEncryptionKey();
        using var source = new MemoryStream(vector.Bytes("file"));
        if (await SealedFile.TryReadAsync(source, TestContext.Current.CancellationToken) is not { } file)
            return vector.RefusedFor("file-start");
        try
        {
            await using var content = dek.OpenFile(file);
            Assert.True(dek.HasSealed(file)); // whoever opens it, even if reading fails later, is found for it
            using var plaintext = new MemoryStream();
            await content.CopyToAsync(plaintext, TestContext.Current.CancellationToken);
            vector.Gives("contextBytes", role.FileContext());
            vector.Gives("plaintextLength", plaintext.Length);
            vector.GivesSha256("plaintextSha256", plaintext.ToArray());
            foreach (var range in vector.Json("ranges").EnumerateArray())
            {
                content.Position = range.GetProperty("offset").GetInt64();
                var bytes = new byte[range.GetProperty("bytes").GetString()!.Length / 2];
                await content.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
                Assert.Equal(range.GetProperty("bytes").GetString(), Convert.ToHexStringLower(bytes));
            }

            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    /// <summary>The context of a case, as ids and the key that opens.</summary>
    private sealed class Role(VectorCase vector)
    {
        private readonly JsonElement context = vector.Json("context");
        private readonly byte[] key = vector.Bytes("key");

        private AccountId Account => Id<AccountId>("account");

        private long Revision => context.GetProperty("revision").GetInt64();

        /// <returns>The context as the library encodes it, and the content.</returns>
        public (byte[] Context, byte[] Content) Open(byte[] envelope)
        {
            switch (Text("label"))
            {
                case Labels.WrappedKek:
                    using (var mek = new MasterEncryptionKey(SecretBytes.CopyOf(key)))
                    {
                        var (slot, kekId) = (Id<SlotId>("slot"), Id<KeyEncryptionKeyId>("kek"));
                        using var kek = mek.Unwrap(new Wrapped<KeyEncryptionKey>(envelope), Account, slot, kekId);
                        return (Contexts.WrappedKek(Account, slot, kekId), Copy(kek.CopyKeyBytes()));
                    }

                case Labels.WrappedPersonalDek or Labels.WrappedSharingDek or Labels.WrappedKeypair:
                    return Unwrap(envelope);
                case Labels.KeyOverview:
                    using (var kek = KeyEncryptionKey())
                    {
                        var overview = kek.OpenOverview(Id<KeyId>("key"), envelope, Revision);
                        return (Contexts.KeyOverview(Account, kek.Id, Id<KeyId>("key"), Revision), overview.Encode());
                    }

                case Labels.Witness:
                    return WitnessVectors.Open(Account, Id<KeyEncryptionKeyId>("kek"), Id<AccountId>("keeper"), key, envelope);
                case Labels.VaultItem or Labels.VaultAttribute:
                    return VaultVectors.OpenObject(context, key, envelope);
                case Labels.PersonalData or Labels.SharingData:
                    using (var dek = DataEncryptionKey())
                        return (DataContext(), dek.Open(Id<DataId>("object"), envelope, Revision));
                default:
                    throw new InvalidDataException(Text("label"));
            }
        }

        public DataEncryptionKey DataEncryptionKey() => Text("label") switch
        {
            Labels.PersonalData or Labels.PersonalFile =>
                new PersonalDataEncryptionKey(Account, Text("label") == Labels.PersonalData ? Id<KeyId>("key") : KeyId.Generate(), KeyState.Active, SecretBytes.CopyOf(key)),
            _ => new SharingDataEncryptionKey(AccountId.Generate(), KeyId.Generate(), KeyState.Active, SecretBytes.CopyOf(key)),
        };

        public byte[] FileContext() => Text("label") == Labels.PersonalFile ? Contexts.PersonalFile(Account) : Contexts.SharingFile();

        private byte[] DataContext() => Text("label") == Labels.PersonalData
            ? Contexts.PersonalData(Account, Id<KeyId>("key"), Id<DataId>("object"), Revision)
            : Contexts.SharingData(Id<DataId>("object"), Revision);

        private (byte[] Context, byte[] Content) Unwrap(byte[] envelope)
        {
            using var kek = KeyEncryptionKey();
            var id = Id<KeyId>("key");
            Assert.True(KeyPurposes.TryParse(Text("purpose"), out var purpose));
            using KeystoreKey unwrapped = purpose switch
            {
                KeyPurpose.PersonalDek => kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(envelope), id, Overview(purpose)),
                KeyPurpose.SharingDek => kek.Unwrap(new Wrapped<SharingDataEncryptionKey>(envelope), id, Overview(purpose)),
                KeyPurpose.Signing => kek.Unwrap(new Wrapped<Keypair>(envelope), id, Overview(purpose)),
                KeyPurpose.VaultSignIn => kek.Unwrap(new Wrapped<VaultSignInKeypair>(envelope), id, Overview(purpose)),
                KeyPurpose.VaultHead => kek.Unwrap(new Wrapped<VaultHeadKeypair>(envelope), id, Overview(purpose)),
                _ => kek.Unwrap(new Wrapped<IdentityKeypair>(envelope), id, Overview(purpose)),
            };
            return (Contexts.WrappedKey(Account, kek.Id, id, purpose, unwrapped.PublicKey?.Type), Copy(unwrapped.CopyKeyBytes()));
        }

        private KeyOverview Overview(KeyPurpose purpose)
        {
            var members = new JsonObject { ["purpose"] = purpose.ToText(), ["type"] = Text("type"), ["state"] = "active", ["created"] = "2026-01-02" };
            if (vector.Has("publicKey"))
                members["public"] = Base64UrlText.Encode(vector.Bytes("publicKey"));
            if (purpose.IsForVault())
                members["service"] = new JsonObject { ["origin"] = "https://vault.example.org", ["account"] = AccountId.Generate().ToString() };
            Assert.True(KeyOverview.TryDecode(Encoding.UTF8.GetBytes(members.ToJsonString()), out var overview));
            return overview;
        }

        private KeyEncryptionKey KeyEncryptionKey() => new(Account, Id<KeyEncryptionKeyId>("kek"), SecretBytes.CopyOf(key));

        private string Text(string member) => context.GetProperty(member).GetString()!;

        private TId Id<TId>(string member)
            where TId : struct, IUuid<TId> => TId.From(Guid.ParseExact(Text(member), "D"));

        private static byte[] Copy(SecretBytes secret)
        {
            using (secret)
                return secret.DangerousSpan.ToArray();
        }
    }
}
