using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Keyladder.Testing;

/// <summary>
/// A story told as a text file, run with real <c>keyladder</c> processes. A line is one of
/// <code>
/// # a comment
/// laptop$ keyladder key list        runs it with the profile folder "laptop"; exit code 0 unless the next line says `exit N`
/// in TEXT                           a line of standard input for the next command; the next `in` is the next line
/// exit N                            the exit code of the command above
/// out REGEX, err REGEX              the command's output, standard error: somewhere in it
/// silent REGEX                      nowhere in either
/// set NAME out REGEX                keeps the first group of a match in the output as $NAME; `set NAME file PATH REGEX` of a file
/// write PATH TEXT                   makes a file
/// same PATH PATH                    two files are equal, byte for byte
/// missing PATH                      there is no such file
/// </code>
/// </summary>
public sealed partial class Script(string folder, Dictionary<string, string> variables)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private string? _input;
    private Outcome? _last;
    private bool _exitChecked = true;

    /// <summary>What commands find in their environment besides, or instead of, what this process has.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Of the last command.</summary>
    public string Output => _last!.Output;

    /// <summary>Of the last command, on standard error.</summary>
    public string Errors => _last!.Errors;

    /// <summary>Runs a story that stands in a file.</summary>
    public async Task RunAsync(string path) => await TellAsync(await File.ReadAllTextAsync(path), Path.GetFileName(path));

    /// <summary>Runs these lines; what the ones before them kept as variables is there.</summary>
    public async Task TellAsync(string story, string name = "story")
    {
        var number = 0;
        foreach (var raw in story.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            try
            {
                await DoAsync(Variable().Replace(line, found => variables.TryGetValue(found.Groups[1].Value, out var value) ? value : found.Value));
            }
            catch (ScriptFailedException e)
            {
                throw new ScriptFailedException($"{name}:{number}: {line}\n{e.Message}\n{_last}");
            }
        }

        RequireSuccess();
    }

    /// <summary>Ends what the story left open.</summary>
    public async Task CloseAsync()
    {
        foreach (var profile in Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, "agent"))))
            await ProcessAsync(Path.GetFileName(profile), ["lock"]);
    }

    private async Task DoAsync(string line)
    {
        if (Command().Match(line) is { Success: true } command)
        {
            RequireSuccess();
            _last = await ProcessAsync(command.Groups[1].Value, [.. Word().Matches(command.Groups[2].Value).Select(word => word.Value.Trim('\''))]);
            (_input, _exitChecked) = (null, false);
            return;
        }

        var (verb, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second) : (line, "");
        switch (verb)
        {
            case "in":
                _input += rest + "\n";
                break;
            case "exit":
                _exitChecked = true;
                Require(_last!.ExitCode == int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture), "another exit code");
                break;
            case "out":
                Require(Regex.IsMatch(_last!.Output, rest, RegexOptions.Multiline), "not in the output");
                break;
            case "err":
                Require(Regex.IsMatch(_last!.Errors, rest, RegexOptions.Multiline), "not on standard error");
                break;
            case "silent":
                Require(!Regex.IsMatch(_last!.Output + _last.Errors, rest, RegexOptions.Multiline), "it was printed");
                break;
            case "set":
                Set(rest);
                break;
            case "write":
                var file = rest.Split(' ', 2);
                await File.WriteAllTextAsync(At(file[0]), file.Length > 1 ? file[1] : "");
                break;
            case "same":
                var pair = rest.Split(' ');
                Require(File.ReadAllBytes(At(pair[0])).SequenceEqual(File.ReadAllBytes(At(pair[1]))), "the files differ");
                break;
            case "missing":
                Require(!File.Exists(At(rest)), "the file is there");
                break;
            default:
                throw new ScriptFailedException("no such line");
        }
    }

    private void Set(string rest)
    {
        var parts = rest.Split(' ', 3);
        var (text, pattern) = parts[1] == "file" ? (File.ReadAllText(At(parts[2].Split(' ', 2)[0])), parts[2].Split(' ', 2)[1]) : (_last!.Output, parts[2]);
        var match = Regex.Match(text, pattern, RegexOptions.Multiline);
        Require(match.Success, "no match");
        variables[parts[0]] = match.Groups[1].Value;
    }

    private async Task<Outcome> ProcessAsync(string profile, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "keyladder.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        start.Environment["KEYLADDER_PROFILE"] = At(profile);
        using var process = Process.Start(start)!;
        if (_input is not null)
            await process.StandardInput.WriteAsync(_input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, await output.WaitAsync(limit.Token), await errors.WaitAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new ScriptFailedException("the command did not end");
        }
    }

    private string At(string name) => Path.Combine(folder, name);

    private void RequireSuccess()
    {
        if (!_exitChecked)
            Require(_last!.ExitCode == 0, "the command above failed");
        _exitChecked = true;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new ScriptFailedException(otherwise);
    }

    private sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        public override string ToString() => $"exit {ExitCode}\n--- output\n{Output}\n--- standard error\n{Errors}";
    }

    [GeneratedRegex(@"^(\w+)\$ keyladder ?(.*)$")]
    private static partial Regex Command();

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\$([A-Z]+)")]
    private static partial Regex Variable();
}

public sealed class ScriptFailedException(string message) : Exception(message);
