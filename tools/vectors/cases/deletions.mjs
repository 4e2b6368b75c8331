import { b64u, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { readDeletion } from '../formats/heads.mjs'
import { signJws } from '../formats/jws.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const kind = 'keystore-deletion+jwt'
const seed = seeded('seed/identity')
const payload = {
  aud: 'https://keys.example.org', account: seededId('account'), number: 14, day: '2026-01-03',
  head: b64u(seeded('hash/head 13')), identity: b64u(publicKeyOf(seed)),
}
const signed = (changes = {}, by = seed, as = kind) => ({ jws: signJws(as, utf8(JSON.stringify({ ...payload, ...changes })), by) })
const raw = (pattern, by) => ({ jws: signJws(kind, utf8(JSON.stringify(payload).replace(pattern, by)), seed) })
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)

const deletionsFile = vectorFile('deletions.json', {
  about: 'jws is the deletion of an account, and says payload, bytes in hex; hash stands in the place of the hash of head number. Whose identity key it names, and whether head is the newest, is for the reader to know.',
  spec: 'heads.md',
  run: ({ jws }) => {
    const { hash, ...payload } = readDeletion(jws)
    return { payload: JSON.parse(JSON.stringify(payload, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each))), hash: h(hash) }
  },
  cases: [
    ok('deletion', 'the last that an account signs', signed()),
    ok('after the first head', 'the lowest number', signed({ number: 2 })),
    ok('highest number', 'below 2^53', signed({ number: 2 ** 53 - 1 })),
    ok('other order', 'the order of members is free', { jws: signJws(kind, utf8(JSON.stringify(Object.fromEntries(Object.entries(payload).reverse()))), seed) }),
    refused('another kind', 'a signature of one kind is none of another', 'header', signed({}, seed, 'keystore-head+jwt')),
    refused('signed by another', 'the key that it names signs it', 'signature', signed({}, seeded('seed/other identity'))),
    value('number 1', 'there was a head', signed({ number: 1 })),
    value('number 0', 'there was a head', signed({ number: 0 })),
    value('number with a fraction', 'an integer', raw('14', '14.5')),
    value('day as a time', 'a day', signed({ day: '2026-01-03T00:00:00Z' })),
    value('day that is none', 'a day of the calendar', signed({ day: '2026-02-30' })),
    value('head too short', '32 bytes', signed({ head: b64u(Buffer.alloc(31)) })),
    value('identity of small order', 'a public key as signed-objects.md has it', signed({ identity: b64u(Buffer.alloc(32)) })),
    value('account in capitals', 'lower case', signed({ account: payload.account.toUpperCase() })),
    ...Object.keys(payload).map(name => member(`no ${name}`, 'every member must be there', signed({ [name]: undefined }))),
    member('account null', 'null is absent', signed({ account: null })),
    member('reason', 'members that the table has not are refused', signed({ reason: 'none of your business' })),
    member('duplicate number', 'a second member of one name', raw('{', '{"number":14,')),
    refused('trailing data', 'nothing follows', 'json', raw(/$/, ' null')),
  ],
})

export default [deletionsFile]
