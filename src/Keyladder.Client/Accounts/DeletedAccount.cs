using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>
/// What is left to the person of an account that was deleted. The statement is theirs: the key that signs the account's heads signed it, and
/// it shows what was asked of whom, when (docs/spec/heads.md section 7). What the service answered is its word.
/// </summary>
/// <param name="Id">The account.</param>
/// <param name="Statement">The JWS that deleted it.</param>
/// <param name="Day">The day, in UTC, by the service's clock; null where its answer was lost and only its refusal of the secret shows that
/// the account is gone.</param>
/// <param name="Rows">How many rows went from each of the service's tables; empty where its answer was lost.</param>
public sealed record DeletedAccount(AccountId Id, string Statement, DateOnly? Day, IReadOnlyDictionary<string, long> Rows);
