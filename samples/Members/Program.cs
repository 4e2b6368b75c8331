using Members;

try
{
    await using var app = await MembersApp.BuildAsync(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
