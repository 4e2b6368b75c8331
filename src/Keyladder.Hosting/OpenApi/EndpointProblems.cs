using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Hosting.OpenApi;

/// <summary>The problems that an endpoint answers with besides those that every endpoint has, for the document at <c>/openapi/v1.json</c>.</summary>
/// <param name="Types">Of <see cref="ProblemTypes"/>.</param>
internal sealed record EndpointProblems(IReadOnlyList<string> Types)
{
    public static IReadOnlyList<string> OfAll { get; } = [ProblemTypes.MalformedRequest, ProblemTypes.TooLarge, ProblemTypes.Unavailable, ProblemTypes.Internal];

    public static IReadOnlyList<string> OfSigned { get; } = [ProblemTypes.SignInRequired, ProblemTypes.ClockSkew];

    public static IReadOnlyList<string> OfLimited { get; } = [ProblemTypes.TooManyRequests];

    public static IReadOnlyList<string> OfThoseWithBody { get; } = [ProblemTypes.UnsupportedMediaType];
}

public static class EndpointProblemsExtensions
{
    /// <param name="types">Of <see cref="ProblemTypes"/>.</param>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params string[] types)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointProblems(types));
}
