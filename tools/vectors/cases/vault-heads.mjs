import { b64u, hex, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { ancestorNumbers, history, linkedNumbers, readDeletion, readVaultHead, signHead } from '../formats/heads.mjs'
import { signJws } from '../formats/jws.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const kind = 'vault-head+jwt'
const seed = seeded('seed/vault-head')
const key = publicKeyOf(seed)
const signIn = publicKeyOf(seeded('seed/vault-sign-in'))
const account = seededId('vault account')
const payloadOf = number => ({
  account, number, day: '2026-01-03', format: 1, key: b64u(key), signIn: b64u(signIn),
  count: number - 1, root: b64u(number === 1 ? Buffer.alloc(32) : seeded(`vault/root/${number}`)), audit: b64u(Buffer.alloc(32)),
})
const main = history(8, seed, payloadOf, [], kind)
const linksOf = number => linkedNumbers(number).map(linked => b64u(main.hashes[linked - 1]))
const plain = number => ({ ...payloadOf(number), links: linksOf(number) })
const inputs = jws => ({ headPublic: h(key), jws })
const changed = (changes, number = 6, by = seed) => inputs(signHead({ ...plain(number), ...changes }, by, kind))
const replaced = (pattern, by, number = 6) => inputs(signJws(kind, utf8(JSON.stringify(plain(number)).replace(pattern, by)), seed))
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)
const lost = { number: 15, hash: b64u(seeded('lost/15')), ancestors: ancestorNumbers(15).map(each => b64u(seeded(`lost/${each}`))), follows: 5 }
const asWritten = payload => JSON.parse(JSON.stringify(payload, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each)))

const headsFile = vectorFile('vault-heads.json', {
  about: 'jws is a head of the account at a Vault whose vault-head keypair has headPublic; head is what it says, bytes in hex, and hash its hash.',
  spec: 'vault.md',
  run: ({ headPublic, jws }) => {
    const { hash, ...head } = readVaultHead(jws, hex(headPublic))
    return { hash: h(hash), head: asWritten(head) }
  },
  cases: [
    ok('head 1', 'no link and no leaf', inputs(main.jws[0])),
    ok('head 2', 'the first object', inputs(main.jws[1])),
    ok('head 6', 'links to 5 and 4', inputs(main.jws[5])),
    ok('head 8', 'links to four heads', inputs(main.jws[7])),
    ok('nothing left', 'an account without objects, once it had some', changed({ count: 0, root: b64u(Buffer.alloc(32)) })),
    ok('greatest count', '2^53 - 1', changed({ count: Number.MAX_SAFE_INTEGER })),
    ok('greatest number', '2^53 - 1, which is odd', changed({ number: Number.MAX_SAFE_INTEGER, links: [b64u(seeded('link'))] })),
    ok('other order', 'the order of members is free', inputs(signHead(Object.fromEntries(Object.entries(plain(6)).reverse()), seed, kind))),
    ok('audit chain', 'an audit hash that is not zero', changed({ audit: b64u(seeded('audit')) })),
    ok('one head lost', 'as for the Keystore', changed({ lost: [lost] })),
    ok('names a DEK', 'the one that seals from here on', changed({ dek: b64u(seeded('dek-name')) })),
    ok('head 1 names a DEK', 'as every later head', changed({ dek: b64u(seeded('dek-name')) }, 1)),
    ok('DEK null', 'null is absent', changed({ dek: null })),
    refused('other key', 'the vault-head keypair signs', 'signature', { ...inputs(main.jws[5]), headPublic: h(signIn) }),
    refused('signed by the sign-in keypair', 'each keypair has one duty', 'signature', changed({}, 6, seeded('seed/vault-sign-in'))),
    value('names another key', 'the key in the head is the one that signs it', changed({ key: b64u(publicKeyOf(seeded('seed/signing'))) })),
    value('one key for both', 'the keypairs are two', changed({ signIn: b64u(key) })),
    refused('head of the Keystore', 'a signature of one kind is none of another', 'header', inputs(signHead(plain(6), seed))),
    refused('deletion', 'a signature of one kind is none of another', 'header', inputs(signHead(plain(6), seed, 'vault-deletion+jwt'))),
    refused('unsigned', 'a head without a signature', 'signature', inputs(main.jws[5].slice(0, main.jws[5].lastIndexOf('.') + 1))),
    value('head 1 with a leaf', 'head 1 has none', changed({ count: 1 }, 1)),
    value('head 1 with a root', 'head 1 has the root of the empty tree', changed({ root: b64u(seeded('root')) }, 1)),
    value('count negative', 'no sign', changed({ count: -1 })),
    value('count 2^53', 'counts are below 2^53', replaced('"count":5', '"count":9007199254740992')),
    value('number 0', 'numbers start at 1', changed({ number: 0, links: [] })),
    value('format 2', 'a format that this version is not', changed({ format: 2 })),
    value('key of small order', 'a point of prime order', changed({ key: b64u(Buffer.alloc(32)) })),
    value('sign-in key of small order', 'a point of prime order', changed({ signIn: b64u(Buffer.alloc(32)) })),
    value('sign-in key off the curve', 'a point of the curve', changed({ signIn: b64u(Buffer.concat([Buffer.of(2), Buffer.alloc(31)])) })),
    value('sign-in key of 31 bytes', '32 bytes', changed({ signIn: b64u(seeded('31', 31)) })),
    value('sign-in key as an object', 'b64u', changed({ signIn: { public: b64u(signIn) } })),
    value('DEK name of 31 bytes', '32 bytes', changed({ dek: b64u(seeded('dek-name', 31)) })),
    value('DEK name with padding', 'b64u', changed({ dek: `${b64u(seeded('dek-name'))}=` })),
    value('root of 31 bytes', '32 bytes', changed({ root: b64u(seeded('root', 31)) })),
    value('day that does not exist', 'a day of the calendar', changed({ day: '2026-02-29' })),
    value('account in capitals', 'an id has one form', changed({ account: account.toUpperCase() })),
    refused('no links', 'only head 1 has none', 'links', changed({ links: [] })),
    refused('link too many', 'no links but those of heads.md section 3', 'links', changed({ links: [...linksOf(6), b64u(seeded('link'))] })),
    refused('head 1 with a link', 'head 1 has none', 'links', changed({ links: [b64u(seeded('link'))] }, 1)),
    refused('lost for the head itself', 'what was restored came before', 'lost', changed({ lost: [{ ...lost, follows: 6 }] })),
    refused('no head lost', 'absent where nothing was lost', 'lost', changed({ lost: [] })),
    ...Object.keys(plain(6)).map(name => member(`without ${name}`, 'every member must be there', changed({ [name]: undefined }))),
    member('signIn null', 'null is absent', changed({ signIn: null })),
    ...['kek', 'epoch', 'identity', 'slots'].map(name =>
      member(`with ${name}`, 'a member that only the Keystore\'s heads have', changed({ [name]: { kek: seededId('kek'), epoch: 1, identity: { id: seededId('identity-key'), public: b64u(key) }, slots: [] }[name] }))),
    member('unknown member', 'members that the table has not are refused', changed({ note: 'x' })),
    member('duplicate member', 'a second member of one name', replaced('"number":6', '"number":5,"number":6')),
    refused('trailing data', 'nothing follows', 'json', replaced(/$/, '{}')),
  ],
})

const deletion = {
  aud: 'https://vault.example.org', account, number: 9, day: '2026-01-03', head: b64u(main.hashes[7]), identity: b64u(key),
}
const deletionKind = 'vault-deletion+jwt'
const signed = (changes = {}, by = seed, as = deletionKind) => ({ jws: signJws(as, utf8(JSON.stringify({ ...deletion, ...changes })), by) })

const deletionsFile = vectorFile('vault-deletions.json', {
  about: 'jws is the deletion of an account of a Vault, and says payload, bytes in hex; hash stands in the place of the hash of head number. Whose vault-head key it names in identity, and whether head is the newest, is for the reader to know.',
  spec: 'vault.md',
  run: ({ jws }) => {
    const { hash, ...payload } = readDeletion(jws, deletionKind)
    return { payload: asWritten(payload), hash: h(hash) }
  },
  cases: [
    ok('deletion', 'the last that an account signs', signed()),
    ok('after the first head', 'the lowest number', signed({ number: 2, head: b64u(main.hashes[0]) })),
    refused('deletion at the Keystore', 'a signature of one kind is none of another', 'header', signed({}, seed, 'keystore-deletion+jwt')),
    refused('a head', 'a signature of one kind is none of another', 'header', signed({}, seed, kind)),
    refused('signed by the sign-in keypair', 'the key that it names signs it', 'signature', signed({}, seeded('seed/vault-sign-in'))),
    value('number 1', 'there was a head', signed({ number: 1 })),
    ...Object.keys(deletion).map(name => member(`without ${name}`, 'every member must be there', signed({ [name]: undefined }))),
    member('key', 'the member is called identity', signed({ identity: undefined, key: b64u(key) })),
    member('signIn', 'members that the table has not are refused', signed({ signIn: b64u(signIn) })),
  ],
})

export default [headsFile, deletionsFile]
