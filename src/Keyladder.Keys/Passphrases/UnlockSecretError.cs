namespace Keyladder.Keys.Passphrases;

/// <summary>Why a typed secret is refused.</summary>
public enum UnlockSecretFault
{
    /// <summary>A word is not on the list.</summary>
    UnknownWord,

    /// <summary>There are not twelve words.</summary>
    WordCount,

    /// <summary>
    /// Every word is on the list, but they are not a set that was generated: one is another word, or two have changed places.
    /// </summary>
    WordsChecksum,

    /// <summary>A Secret Key does not start with <c>KL1</c>, or a recovery code with <c>KR1</c>.</summary>
    SecretKeyVersion,

    /// <summary>A character of the code is no symbol of its alphabet.</summary>
    SecretKeySymbol,

    /// <summary>The code has too few or too many symbols.</summary>
    SecretKeyLength,

    /// <summary>The code has the right shape and a symbol of it is wrong.</summary>
    SecretKeyChecksum,

    /// <summary>A passphrase is nothing without its Secret Key, and none was given.</summary>
    SecretKeyAbsent,

    /// <summary>The passphrase looks like twelve words and would be read as such the next time.</summary>
    ShapeOfWords,

    /// <summary>The passphrase holds half of a surrogate pair.</summary>
    LoneSurrogate,

    /// <summary>The passphrase holds a control character, such as a tab or a line break.</summary>
    ControlCharacter,

    /// <summary>
    /// The passphrase holds a character that Unicode has not assigned, or so late that the systems in use do not all know its normal form.
    /// </summary>
    UnsettledCharacter,

    /// <summary>This system has no Unicode normalization, or too old a one; here a passphrase can hold ASCII characters only.</summary>
    NoNormalization,

    /// <summary>The passphrase has fewer than <see cref="Passphrase.MinLength"/> characters.</summary>
    TooShort,

    /// <summary>The passphrase has more than <see cref="Passphrase.MaxLength"/> characters.</summary>
    TooLong,

    /// <summary>The password has fewer than <see cref="Recovery.RecoveryPassword.MinLength"/> characters.</summary>
    PasswordTooShort,
}

/// <summary>
/// What is wrong with a typed secret, for the person who typed it. It says where to look and holds nothing of what was typed: neither the
/// words that are right nor the one that is wrong, which is mostly a right word with a slip in it. For the same reason <see
/// cref="Nearest"/> belongs on the person's screen and in no log; <see cref="ToString"/> leaves it out.
/// </summary>
public sealed class UnlockSecretError
{
    private readonly WrittenCode? code;

    /// <param name="code">Which kind of code the fault is about; null where it is about none.</param>
    internal UnlockSecretError(UnlockSecretFault fault, int position = 0, int count = 0, IReadOnlyList<string>? nearest = null, WrittenCode? code = null)
    {
        this.code = code;
        Fault = fault;
        Position = position;
        Count = count;
        Nearest = nearest ?? [];
    }

    public UnlockSecretFault Fault { get; }

    /// <summary>Counted from 1: the word, or the character, that the fault is about; 0 where it is about the whole.</summary>
    public int Position { get; }

    /// <summary>How many words were typed; 0 where the fault is not about words.</summary>
    public int Count { get; }

    /// <summary>For an unknown word: up to three words of the list that may have been meant, the likeliest first. Maybe none.</summary>
    public IReadOnlyList<string> Nearest { get; }

    /// <summary>One sentence without anything secret.</summary>
    public override string ToString() => Fault switch
    {
        UnlockSecretFault.UnknownWord => $"Word {Position} is not on the list.",
        UnlockSecretFault.WordCount => $"These are {Count} words; an account has twelve.",
        UnlockSecretFault.WordsChecksum => "The checksum is wrong: one of the words is another one, or two have changed places.",
        UnlockSecretFault.SecretKeyVersion => $"A {code?.Name} starts with {code?.Version}.",
        UnlockSecretFault.SecretKeySymbol => $"Character {Position} does not occur in a {code?.Name}.",
        UnlockSecretFault.SecretKeyLength => $"A {code?.Name} has eight groups of seven characters after {code?.Version}.",
        UnlockSecretFault.SecretKeyChecksum => $"The {code?.Name}'s checksum is wrong: a character of it is another one.",
        UnlockSecretFault.SecretKeyAbsent => "A passphrase needs its Secret Key.",
        UnlockSecretFault.ShapeOfWords => "A passphrase must not look like twelve words.",
        UnlockSecretFault.LoneSurrogate => $"Character {Position} is half of a character.",
        UnlockSecretFault.ControlCharacter => $"Character {Position} is a control character.",
        UnlockSecretFault.UnsettledCharacter => $"Character {Position} is not the same on all systems.",
        UnlockSecretFault.NoNormalization => "This system cannot normalize Unicode text; only ASCII characters can be used here.",
        UnlockSecretFault.TooShort => $"A passphrase has at least {Passphrase.MinLength} characters.",
        UnlockSecretFault.PasswordTooShort => $"A password has at least {Recovery.RecoveryPassword.MinLength} characters.",
        UnlockSecretFault.TooLong => $"A passphrase has at most {Passphrase.MaxLength} characters.",
        _ => Fault.ToString(),
    };
}
