using System.Runtime.ExceptionServices;

namespace Keyladder.Client;

/// <summary>Work on many items that costs nothing but processor time.</summary>
internal static class AllCores
{
    /// <summary>What one of them throws is thrown as it is: one is enough to be told.</summary>
    public static void ForEach<T>(IEnumerable<T> items, Action<T> work)
    {
        try
        {
            Parallel.ForEach(items, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
