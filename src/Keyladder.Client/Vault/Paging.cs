namespace Keyladder.Client;

/// <summary>Splits what is too much for one request.</summary>
internal static class Paging
{
    /// <summary>As <see cref="Enumerable.Chunk"/>, by the sum of sizes: at most <paramref name="most"/>, unless one alone is larger.</summary>
    public static IEnumerable<IReadOnlyList<T>> ChunkBySize<T>(this IEnumerable<T> all, Func<T, int> sizeOf, int most)
    {
        var (page, size) = (new List<T>(), 0);
        foreach (var each in all)
        {
            var more = sizeOf(each);
            if (page.Count > 0 && size + more > most)
            {
                yield return page;
                (page, size) = ([], 0);
            }

            page.Add(each);
            size += more;
        }

        if (page.Count > 0)
            yield return page;
    }
}
