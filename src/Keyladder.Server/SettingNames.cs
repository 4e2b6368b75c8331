using System.ComponentModel;
using System.Reflection;

namespace Keyladder.Server;

/// <summary>
/// Says which setting is not known or has not the form that it needs. Its name alone: a value may be a connection string, and what stands in the place of a name among the
/// arguments may be a value too; there its place is said.
/// </summary>
internal static class SettingNames
{
    private static readonly Dictionary<string, Type> Known = Of(typeof(Settings), "").ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <param name="configuration">All of it.</param>
    /// <param name="arguments">As they were given.</param>
    /// <returns>One sentence; null where each is well formed by itself.</returns>
    public static string? WhatIsWrong(IConfiguration configuration, string[] arguments)
    {
        foreach (var (name, value) in configuration.AsEnumerable().Where(setting => setting.Value is not null && IsOurs(setting.Key)))
        {
            if (Known.TryGetValue(name, out var type))
            {
                if (!Converts(type, value!))
                    return $"The setting {name.ToLowerInvariant()} is not {FormOf(type)}.";
            }
            else
            {
                return Array.FindIndex(arguments, argument => IsNamedBy(name, argument)) is var at and >= 0
                    ? $"{ArgumentAt(at)} names a setting that is not known."
                    : $"There is no setting {name.ToLowerInvariant()}, which the environment or appsettings.json names.";
            }
        }

        return null;
    }

    /// <param name="at">From 0.</param>
    public static string ArgumentAt(int at) => $"Argument {at + 1} of those that are settings and their values";

    public static bool IsOurs(string name) => name.Split(':')[0].ToLowerInvariant() is "keystore" or "vault" or "passphrase-store" or "logging" or "telemetry";

    private static bool IsNamedBy(string name, string argument) =>
        argument.StartsWith($"--{name}", StringComparison.OrdinalIgnoreCase) && (argument.Length == name.Length + 2 || argument[name.Length + 2] == '=');

    private static IEnumerable<KeyValuePair<string, Type>> Of(Type options, string prefix)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetSetMethod() is not null))
        {
            var (name, type) = (prefix + (property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name), Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            if (type == typeof(string) || type == typeof(Uri) || type.IsPrimitive || type.IsEnum)
            {
                yield return new(name, type);
                continue;
            }

            foreach (var inner in Of(type, $"{name}:"))
                yield return inner;
        }
    }

    private static bool Converts(Type type, string value)
    {
        try
        {
            return type == typeof(string) || TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static string FormOf(Type type) =>
        type.IsEnum ? $"one of: {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(Uri) ? "an address"
        : "a whole number";
}
