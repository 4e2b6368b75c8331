using Keyladder.Fuzz.Engine;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Every parser of bytes and text that come from outside. A test of the end-to-end tests holds it against src.</summary>
internal static class Registry
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        .. NotationParsers.All,
        .. RequestParsers.All,
        .. SignedParsers.All,
        .. DidParsers.All,
        .. AppParsers.All,
        .. HeadParsers.All,
        .. EnvelopeParsers.All,
        .. OprfParsers.All,
        .. SecretParsers.All,
        .. KeyFileParsers.All,
        .. RecoveryParsers.All,
        .. VaultParsers.All,
        .. RelationshipParsers.All,
        .. MessageParsers.All,
        .. AnswerParsers.All,
        .. ServiceParsers.All,
        .. PassphraseStoreParsers.All,
        .. DeviceParsers.All,
        .. ExportParsers.All,
        .. VaultExportParsers.All,
    ];
}
