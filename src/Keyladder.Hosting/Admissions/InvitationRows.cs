using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Admissions;

/// <summary>Invitations that wait for somebody. A row goes away when it is used: what is left says nothing about who came by which.</summary>
internal static class InvitationRows
{
    /// <param name="hash">Of the invitation; nothing else of it is kept.</param>
    public static Statement Insert(byte[] hash, DateTimeOffset expires) =>
        new("INSERT INTO invitations (hash, expires) VALUES (@hash, @expires);") { { "hash", hash }, { "expires", StoredTime.HourAfter(expires) } };

    public static Statement Spend(byte[] hash, DateTimeOffset now) =>
        new("DELETE FROM invitations WHERE hash = @hash AND expires > @now;") { { "hash", hash }, { "now", now.ToUnixTimeMilliseconds() } };
}
