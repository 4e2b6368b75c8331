using System.Text;

namespace Keyladder.Cli.Terminal;

/// <summary>Questions at the terminal. Ctrl-C and Ctrl-D end the command, Ctrl-U clears the line.</summary>
internal static class Prompt
{
    public const char ClearLine = '\u0015';

    private const char EndOfInput = '\u0004';

    public static bool Confirm(string question)
    {
        if (Console.IsInputRedirected)
            throw Failure.Usage("This asks for confirmation, and there is no terminal to ask on.", "Add --yes if you mean it.");
        return Answer(question + " Type yes to go on: ") == "yes";
    }

    /// <returns>What the person typed, which is shown.</returns>
    public static string Ask(string question) => Answer(question);

    /// <summary>Waits for Enter, if there is a person to press it.</summary>
    public static void Pause(string request)
    {
        if (!Console.IsInputRedirected)
            Answer(request);
    }

    /// <summary>Gives every key before Enter to <paramref name="take"/>; shows none.</summary>
    /// <exception cref="OperationCanceledException">The person ended it.</exception>
    public static void Type(string prompt, Action<ConsoleKeyInfo> take)
    {
        using var stopping = Stopping.AtOnce();
        // Read as keys: as a signal, Ctrl-C would wait for a call that only a key can end. The look for a key comes before the prompt, since it
        // takes the terminal out of its own way of editing lines, which would swallow a quick Ctrl-D.
        Console.TreatControlCAsInput = true;
        try
        {
            _ = Console.KeyAvailable;
            Console.Error.Write(prompt);
            while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
            {
                if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control } or { KeyChar: EndOfInput })
                    throw new OperationCanceledException();
                take(key);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
            Console.Error.WriteLine();
        }
    }

    private static string Answer(string question)
    {
        var typed = new StringBuilder();
        Type(question, key =>
        {
            var keep = key.KeyChar == ClearLine ? 0 : key.Key == ConsoleKey.Backspace ? Math.Max(0, typed.Length - 1) : typed.Length;
            for (; typed.Length > keep; typed.Length--)
                Console.Error.Write("\b \b");
            if (char.IsControl(key.KeyChar))
                return;
            typed.Append(key.KeyChar);
            Console.Error.Write(key.KeyChar);
        });
        return typed.ToString();
    }
}
