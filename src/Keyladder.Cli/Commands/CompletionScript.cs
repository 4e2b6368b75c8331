using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;

namespace Keyladder.Cli.Commands;

/// <summary>
/// Completion for a shell, made from the tree of commands: two tables, the same for both shells, and the few lines that walk them. It starts a
/// process only where the name of a key is asked for.
/// </summary>
internal static class CompletionScript
{
    private const string Bash = """

        _keyladder() {
            local cur=${COMP_WORDS[COMP_CWORD]} at= kind= subcommands flags operands word i position=0 profile=()
            _keyladder_at ''
            for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if _keyladder_value "$at $word"; then
                    i=$((i + 1))
                    [[ $word == --profile ]] && profile=(--profile "${COMP_WORDS[i]}")
                elif [[ " $subcommands " == *" $word "* ]]; then
                    at="$at $word" position=0
                    _keyladder_at "$at"
                elif [[ $word != -* ]]; then
                    position=$((position + 1))
                fi
            done
            if ((i == COMP_CWORD)); then
                kind=${subcommands:-${operands[position]}}
                [[ $cur == -* ]] && kind=$flags
            fi
            COMPREPLY=()
            case $kind in
                FILE)
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                    ;;
                KEY)
                    while IFS= read -r word; do
                        [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
                    done < <("$1" complete-keys "${profile[@]}" 2>/dev/null)
                    ;;
                *) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$cur") ;;
            esac
        }

        complete -F _keyladder keyladder

        """;

    private const string Zsh = """

        _keyladder() {
            local cur=${words[CURRENT]} at= kind= subcommands flags word i position=1
            local -a operands profile names
            _keyladder_at ''
            for ((i = 2; i < CURRENT; i++)); do
                word=${words[i]}
                if _keyladder_value "$at $word"; then
                    i=$((i + 1))
                    [[ $word == --profile ]] && profile=(--profile "${(Q)words[i]}")
                elif [[ " $subcommands " == *" $word "* ]]; then
                    at="$at $word" position=1
                    _keyladder_at "$at"
                elif [[ $word != -* ]]; then
                    position=$((position + 1))
                fi
            done
            if ((i == CURRENT)); then
                kind=${subcommands:-${operands[position]}}
                [[ $cur == -* ]] && kind=$flags
            fi
            case $kind in
                FILE) _files ;;
                KEY)
                    names=("${(@f)$("${(Q)words[1]}" complete-keys "${profile[@]}" 2>/dev/null)}")
                    compadd -- ${names}
                    ;;
                *) compadd -- ${=kind} ;;
            esac
        }

        if [[ ${funcstack[1]} == _keyladder ]]; then
            _keyladder "$@"
        else
            compdef _keyladder keyladder
        fi

        """;

    public static string Of(Command root, string shell)
    {
        var places = new StringBuilder();
        var values = new StringBuilder();
        Describe(root, "", [], places, values);
        return $$"""
            {{(shell == "zsh" ? "#compdef keyladder\n" : "")}}# Completion of keyladder in {{shell}}, made by `keyladder completion {{shell}}`.
            _keyladder_at() {
                case $1 in
            {{places}}    esac
            }

            # Whether an option takes a value, and of which kind: FILE, KEY or one of some words.
            _keyladder_value() {
                case $1 in
            {{values}}        *) kind=; return 1 ;;
                esac
            }

            """ + (shell == "zsh" ? Zsh : Bash);
    }

    /// <summary>The names by which people call an option.</summary>
    public static IEnumerable<string> Names(Option option) =>
        option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-') && name != "-?").Order(StringComparer.Ordinal);

    /// <summary>What is to be shown of a command, inherited options last.</summary>
    public static IReadOnlyList<Option> Options(Command command, IEnumerable<Option> inherited) =>
        [.. command.Options.Concat(inherited).Where(option => !option.Hidden).DistinctBy(option => option.Name)];

    private static void Describe(Command command, string at, IReadOnlyList<Option> inherited, StringBuilder places, StringBuilder values)
    {
        var options = Options(command, inherited);
        var subcommands = command.Subcommands.Where(child => !child.Hidden).ToList();
        var flags = options.SelectMany(Names);
        var operands = command.Arguments.Select(argument => $"'{Kind(argument.Name, argument.GetCompletions(CompletionContext.Empty))}'");
        places.Append(CultureInfo.InvariantCulture, $"        '{at}') subcommands='{Join(subcommands.Select(child => child.Name))}' flags='{Join(flags)}' operands=({Join(operands)}) ;;\n");
        foreach (var option in options.Where(option => option.ValueType != typeof(bool) && option.ValueType != typeof(void)))
        {
            var pattern = string.Join('|', Names(option).Select(name => $"'{at} {name}'"));
            values.Append(CultureInfo.InvariantCulture, $"        {pattern}) kind='{Kind(option.HelpName, option.GetCompletions(CompletionContext.Empty))}' ;;\n");
        }

        foreach (var child in subcommands)
            Describe(child, $"{at} {child.Name}", [.. options.Where(option => option.Recursive)], places, values);
    }

    private static string Kind(string? name, IEnumerable<CompletionItem> values) => name switch
    {
        "FILE" or "OUT" or "FOLDER" or "SIG" => "FILE",
        "KEY" => "KEY",
        _ => Join(values.Select(value => value.InsertText ?? value.Label)),
    };

    private static string Join(IEnumerable<string> words) => string.Join(' ', words);
}
