import { chainStart, eventHash } from '../formats/audit.mjs'
import { h, ok, seededId, vectorFile } from './case.mjs'

const account = seededId('audit/account')
const event = (number, changes) => ({
  number, hour: 1_769_997_600_000 + 3_600_000 * number, kind: 'signed-in', session: seededId(`audit/session/${number}`), subject: seededId('audit/slot'), head: null, ...changes,
})
const first = event(1, { kind: 'account-created', head: 1 })
const chain = (...events) => ({ account, events })

const about = 'events of an account, from the first on, have hashes, one each. subject and head are null where they are absent.'
const hashesAt = service => ({ account, events }) => {
  const hashes = []
  for (const event of events) hashes.push(eventHash(service, hashes.at(-1) ?? chainStart, account, event))
  return { hashes: hashes.map(h) }
}

const auditFile = vectorFile('audit-chains.json', {
  about,
  spec: 'audit.md',
  run: hashesAt('keystore'),
  cases: [
    ok('no event', 'a chain without events has no hash', chain()),
    ok('first', 'the first event continues 32 zero bytes', chain(first)),
    ok('three', 'each continues the one before it', chain(first, event(2), event(3, { kind: 'key-added', subject: seededId('audit/key'), head: 2 }))),
    ok('other account', 'the account is part of the hash', { account: seededId('audit/other account'), events: [first] }),
    ok('other number', 'the number is part of the hash', chain({ ...first, number: 2 })),
    ok('other hour', 'the hour is part of the hash', chain({ ...first, hour: 0 })),
    ok('other kind', 'the kind is part of the hash', chain({ ...first, kind: 'signed-in' })),
    ok('other session', 'the session is part of the hash', chain({ ...first, session: seededId('audit/session/2') })),
    ok('other subject', 'the subject is part of the hash', chain({ ...first, subject: seededId('audit/key') })),
    ok('no subject', 'an absent subject is the empty byte string', chain({ ...first, subject: null })),
    ok('other head', 'the head is part of the hash', chain({ ...first, head: 2 ** 53 - 1 })),
    ok('no head', 'an absent head is 0', chain({ ...first, head: null })),
    ok('an unknown kind', 'a kind is text like any other', chain({ ...first, kind: 'später' })),
    ok('other order', 'the order is part of the hash: compare "three"', chain(event(1), event(2, { kind: 'account-created', head: 1 }))),
  ],
})

const vaultFile = vectorFile('vault-audit-chains.json', {
  about: `at a Vault, ${about}`,
  spec: 'vault.md',
  run: hashesAt('vault'),
  cases: [
    ok('no event', 'a chain without events has no hash', chain()),
    ok('first', 'the label is part of the hash: compare the file of the Keystore', chain(first)),
    ok('three', 'each continues the one before it', chain(first, event(2), event(3, { kind: 'items-changed', subject: null, head: 2 }))),
    ok('no subject', 'an absent subject is the empty byte string', chain({ ...first, subject: null })),
    ok('no head', 'an absent head is 0', chain({ ...first, head: null })),
  ],
})

export default [auditFile, vaultFile]
