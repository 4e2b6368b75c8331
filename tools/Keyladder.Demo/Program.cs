using System.Diagnostics;
using Keyladder.Demo;

var watch = Stopwatch.StartNew();
var folder = Directory.CreateTempSubdirectory("keyladder-demo-");
try
{
    switch (args)
    {
        case []:
            await using (var stage = await Stage.StartAsync(folder.FullName))
                await Story.TellAsync(stage);
            break;
        case ["attack"]:
            await using (var liar = new LyingProxy())
            await using (var stage = await Stage.StartAsync(folder.FullName, liar.Origin))
                await Attack.RunAsync(stage, liar);
            break;
        case ["share"]:
            await using (var stage = await Stage.StartAsync(folder.FullName))
                await Share.RunAsync(stage);
            break;
        case ["recover"]:
            await using (var stage = await Stage.StartAsync(folder.FullName, withPassphraseStore: true))
                await Recover.RunAsync(stage);
            break;
        default:
            Console.Error.WriteLine("demo: there is ./demo, ./demo attack, ./demo share, and ./demo recover.");
            return 2;
    }

    Console.WriteLine($"""

        Done in {watch.Elapsed.TotalSeconds:0} s. Every line above was a process of its own; everything it made is gone again.
        Try next:
          ./demo attack                  a Vault that lies, and what becomes of it
          ./demo share                   three people share, and what two of them have in common
          ./demo recover                 an empty device, a password, and a thief with all of one service
          ./test                         every test, on SQLite and PostgreSQL
          docs/guide/cli.md              the same for yourself: keyladder sign-up, unlock, encrypt
          docs/guide/developers.md       the same in C#
        """);
    return 0;
}
catch (DemoFailedException failure)
{
    Console.Error.WriteLine($"\ndemo: {failure.Message}");
    return 1;
}
finally
{
    folder.Delete(recursive: true);
}
