namespace Keyladder.Protocol.PassphraseStore;

/// <summary>The paths of a Passphrase Store (docs/spec/passphrase-store.md section 3).</summary>
public static class PassphraseStoreRoutes
{
    public const string Codes = "/v1/recovery/codes";
    public const string Evaluations = "/v1/recovery/evaluations";
    public const string Records = "/v1/recovery/records";
    public const string Attempts = "/v1/recovery/attempts";
    public const string Releases = "/v1/recovery/releases";

    /// <summary>A known device's: which it is, its signature says.</summary>
    public const string DeviceAttempts = "/v1/recovery/device-attempts";

    /// <inheritdoc cref="DeviceAttempts"/>
    public const string Events = "/v1/recovery/events";

    /// <summary>Which record it is, the signature says.</summary>
    public const string Record = "/v1/recovery/record";

    /// <inheritdoc cref="Record"/>
    public const string Successes = "/v1/recovery/successes";

    /// <inheritdoc cref="Record"/>
    public const string Device = "/v1/recovery/devices/{id}";

    /// <summary>Events that one answer holds at most.</summary>
    public const int MaxEvents = 100;

    /// <summary>Bytes of a signed call.</summary>
    public const long MaxGuestBodyBytes = 16 * 1024;
}

/// <summary>The paths of a Guardian, which every Keystore is (docs/spec/passphrase-store.md section 4).</summary>
public static class GuardianRoutes
{
    public const string Records = "/v1/guardian/records";
    public const string Attempts = "/v1/guardian/attempts";

    /// <summary>A known device's: which it is, its signature says.</summary>
    public const string DeviceAttempts = "/v1/guardian/device-attempts";

    /// <summary>Which record it is, the signature says.</summary>
    public const string Record = "/v1/guardian/record";

    /// <inheritdoc cref="Record"/>
    public const string Successes = "/v1/guardian/successes";

    /// <inheritdoc cref="Record"/>
    public const string Device = "/v1/guardian/devices/{id}";

    /// <summary>The same, under the key that the person's own share makes.</summary>
    public const string Releases = "/v1/guardian/releases";
}

/// <summary>What both services hold to (docs/spec/passphrase-store.md sections 1 and 2).</summary>
public static class RecoveryLimits
{
    /// <summary>Bytes of an OPRF key, an element, a share and a public key.</summary>
    public const int ElementBytes = 32;

    /// <summary>Bytes of what an id or a handle follows from.</summary>
    public const int SeedBytes = 32;

    /// <summary>Bytes of a username.</summary>
    public const int MaxUsernameBytes = 254;

    /// <summary>Guesses before the first wait.</summary>
    public const int FreeGuesses = 10;

    /// <summary>Known devices that a record has at most.</summary>
    public const int MaxDevices = 10;

    /// <summary>Digits of a code that comes by mail.</summary>
    public const int CodeDigits = 8;

    /// <summary>Bytes of a kit before it is sealed.</summary>
    public const int KitBytes = 512;

    /// <summary>Bytes of a slot: an envelope of 32 bytes, padded as a wrapped key.</summary>
    public const int SlotBytes = 201;

    /// <summary>Bytes of a kit that is sealed.</summary>
    public const int SealedKitBytes = 585;
}
