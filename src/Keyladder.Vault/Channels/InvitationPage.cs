using System.Text;
using Keyladder.Hosting.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Channels;

/// <summary>
/// Where the link of an invitation leads a browser. The invitation stands in the link's fragment, which no browser sends: the page is the same for everybody, and runs
/// nothing that could read it.
/// </summary>
internal static class InvitationPage
{
    private static readonly byte[] Html = Encoding.UTF8.GetBytes(
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>An invitation</title>
        <h1>Somebody invites you to connect</h1>
        <p>The whole address of this page is the invitation. Whoever has it first is who is invited: pass it on to nobody, and send it to no one who offers to help.
        <p>This page cannot take it, and no page should: it is for a program of your own.
        <ol>
        <li>Copy the whole address, with all that stands behind the #.
        <li>If you have no account with a Vault yet, make one: <kbd>keyladder sign-up</kbd>, then <kbd>keyladder vault create</kbd>, at a service that you trust to stay.
        <li>Enter <kbd>keyladder connect accept NAME</kbd>, with what you call the one who invites you, and paste the address when it asks. An app of yours that uses Keyladder may take it too.
        <li>Then compare the safety words with each other, by a voice that you both know.
        </ol>
        <p>Afterwards, remove the address from this browser's history.
        </html>

        """);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/invitation", Show).ExcludeFromDescription().Unsigned();

    private static FileContentHttpResult Show(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Bytes(Html, "text/html; charset=utf-8");
    }
}
