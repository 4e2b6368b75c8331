namespace Keyladder.Cli.Terminal;

/// <summary>Questions that are not secrets.</summary>
internal static class Prompt
{
    public static bool Confirm(string question)
    {
        if (Console.IsInputRedirected)
            throw Failure.Usage("This asks for confirmation, and there is no terminal to ask on.", "Add --yes if you mean it.");
        Console.Error.Write(question + " Type yes to go on: ");
        return Console.ReadLine() == "yes";
    }
}
