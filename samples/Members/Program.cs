using Members;

await using var app = await MembersApp.BuildAsync(args);
await app.RunAsync();
