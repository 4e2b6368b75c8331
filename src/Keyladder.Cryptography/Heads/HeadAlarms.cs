using System.Security.Cryptography;

namespace Keyladder.Cryptography.Heads;

/// <summary>The service shows an older head than the client has seen: writes have gone.</summary>
/// <param name="pinned">Number of the head that the client has seen.</param>
/// <param name="shown">Number of the head that the service shows.</param>
public sealed class HeadRolledBackException(long pinned, long shown)
    : CryptographicException($"The service shows head {shown}; this client has seen head {pinned}.")
{
    /// <summary>Number of the newest head that had been accepted.</summary>
    public long Pinned => pinned;

    /// <summary>Number of the head that was shown instead.</summary>
    public long Shown => shown;
}

/// <summary>The service shows a head that does not descend from the one that the client has seen: another history.</summary>
/// <param name="pinned">Number of the head that the client has seen; 0 if none.</param>
/// <param name="shown">Number of the head that the service shows.</param>
/// <param name="reason">What does not fit.</param>
public sealed class HeadForkedException(long pinned, long shown, string reason)
    : CryptographicException($"Head {shown} of the service does not follow head {pinned}. {reason}")
{
    /// <summary>Number of the newest head that had been accepted.</summary>
    public long Pinned => pinned;

    /// <summary>Number of the head that was shown instead.</summary>
    public long Shown => shown;
}
