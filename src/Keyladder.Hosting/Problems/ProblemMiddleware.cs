using System.Data.Common;
using System.Globalization;
using Keyladder.Hosting.Observability;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Problems;

/// <summary>The outermost step: whatever goes wrong inside, the framework's own refusals included, leaves as a problem document of a stable type; and each request leaves one line in the log.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, TimeProvider time, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await WriteAsync(context, ForStatus(context.Response.StatusCode));
        }
        catch (Exception exception) when (IsHangUp(context, exception))
        {
            // Who hangs up in the middle of an answer has its status already.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, Translate(context, exception));
        }

        RequestSpan.Describe(context);
        Log.Answered(logger, Endpoint(context), context.Response.StatusCode, (long)time.GetElapsedTime(started).TotalMilliseconds);
    }

    private ProblemException Translate(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ProblemException { InnerException: DbException cause } unavailable:
                Log.DatabaseUnavailable(logger, cause.GetType().Name, unavailable.Diagnosis);
                return unavailable;
            case ProblemException { InnerException: (IOException or UnauthorizedAccessException) and { } cause } unavailable:
                Log.FileUnavailable(logger, cause.GetType().Name, unavailable.Diagnosis);
                return unavailable;
            case ProblemException problem:
                return problem;
            case BadHttpRequestException refused:
                return ForStatus(refused.StatusCode);
            default:
                Log.Failed(logger, Endpoint(context), NameOf(exception), exception.StackTrace);
                return Problem.Internal();
        }
    }

    // A connection that is reset while a body is read says so before the request is told that it was aborted.
    private static bool IsHangUp(HttpContext context, Exception exception) =>
        exception is ConnectionResetException || (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    // The text of a database's error may quote a row; its code cannot.
    private static string NameOf(Exception exception) =>
        exception is DbException { SqlState: { } code } ? $"{exception.GetType().FullName} {code}" : exception.GetType().FullName!;

    private static ProblemException ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.NotFound(),
        StatusCodes.Status405MethodNotAllowed => Problem.MethodNotAllowed(),
        StatusCodes.Status413PayloadTooLarge => Problem.TooLarge(),
        StatusCodes.Status415UnsupportedMediaType => Problem.UnsupportedMediaType(),
        < 500 => Problem.MalformedRequest(),
        _ => Problem.Internal(),
    };

    private static async Task WriteAsync(HttpContext context, ProblemException exception)
    {
        var problem = exception.Problem;
        context.Response.StatusCode = (int?)problem.Status ?? StatusCodes.Status500InternalServerError;
        if (problem.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        try
        {
            await context.Response.WriteAsJsonAsync(problem, ProtocolJson.Default.ProblemMessage, "application/problem+json", context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read it.
        }
    }

    // Names of endpoints are fixed in the program; a path would hold ids.
    private static string Endpoint(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "-";
}
