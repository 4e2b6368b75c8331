namespace Keyladder.Keys.Passphrases;

/// <summary>Why a file is no key file.</summary>
public enum KeyFileFault
{
    /// <summary>It begins otherwise.</summary>
    NotAKeyFile,

    /// <summary>It is one of a version that this program does not know.</summary>
    Version,

    /// <summary>It was cut, or is otherwise not as it was written.</summary>
    Damaged,
}
