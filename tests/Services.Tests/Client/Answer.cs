using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Protocol;

namespace Services.Tests.Client;

/// <summary>What came back, as it came.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, byte[] Body, TimeSpan? RetryAfter = null)
{
    public T As<T>()
    {
        Assert.True(Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{(int)Status} {System.Text.Encoding.UTF8.GetString(Body)}");
        return JsonSerializer.Deserialize(Body, (JsonTypeInfo<T>)ProtocolJson.Default.GetTypeInfo(typeof(T))!)!;
    }

    public ProblemMessage Problem()
    {
        Assert.Equal("application/problem+json", ContentType);
        var problem = JsonSerializer.Deserialize(Body, ProtocolJson.Default.ProblemMessage)!;
        Assert.Equal((int)Status, problem.Status);
        return problem;
    }

    public Answer Is(HttpStatusCode status)
    {
        Assert.True(status == Status, $"Expected {(int)status}, got {(int)Status} {System.Text.Encoding.UTF8.GetString(Body)}");
        return this;
    }

    /// <summary>A problem of this type: its status follows from the type, as docs/spec/keystore-api.md has it.</summary>
    public ProblemMessage IsProblem(string type)
    {
        var problem = Problem();
        Assert.Equal(type, problem.Type);
        Assert.Equal(
            type switch
            {
                ProblemTypes.MalformedRequest => 400,
                ProblemTypes.SignInFailed or ProblemTypes.NonceExpired or ProblemTypes.SignInRequired or ProblemTypes.ClockSkew => 401,
                ProblemTypes.SignUpClosed or ProblemTypes.QuotaExceeded => 403,
                ProblemTypes.NotFound => 404,
                ProblemTypes.MethodNotAllowed => 405,
                ProblemTypes.HeadConflict or ProblemTypes.AccountExists or ProblemTypes.RevisionConflict => 409,
                ProblemTypes.TooLarge => 413,
                ProblemTypes.UnsupportedMediaType => 415,
                ProblemTypes.HeadRejected or ProblemTypes.AttachmentMissing => 422,
                ProblemTypes.TooManyRequests => 429,
                ProblemTypes.Unavailable => 503,
                _ => 500,
            },
            (int)Status);
        Assert.Equal(type is ProblemTypes.TooManyRequests or ProblemTypes.Unavailable, problem.RetryAfter is not null);
        Assert.Equal(problem.RetryAfter, (long?)RetryAfter?.TotalSeconds);
        return problem;
    }
}
