import { b64u, sha256, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { contextOf, labels, pad, seal } from '../formats/envelopes.mjs'
import { readExport, writeLine } from '../formats/exports.mjs'
import { history, signHead } from '../formats/heads.mjs'
import { derivationOfWords, writeWords } from '../formats/secrets.mjs'
import { leafValueOf, pathOf, rootOf } from '../formats/tree.mjs'
import { flip, h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const account = seededId('account')
const kek = seededId('kek')
const kekKey = seeded('key/kek')
const identitySeed = seeded('seed/identity')
export const keypair = seed => Buffer.concat([seed, publicKeyOf(seed)])

export const words = writeWords(seeded('export/words', 16))
const derivations = new Map()
export function secretOf(words) {
  if (!derivations.has(words)) {
    const { mek, loginPublic } = derivationOfWords(words)
    derivations.set(words, { kind: 'words', mek, loginPublic })
  }
  return derivations.get(words)
}

const sealAs = (name, label, key, context, content) => seal(key, seeded(`export/salt/${name}`, 24), contextOf(label, context), pad(content, labels[label].padding))

const wrapKek = (slot, { mek } = secretOf(words), changes = {}) =>
  sealAs(`kek/${slot}`, 'keystore/v1/wrapped-kek', mek, { account, slot: seededId(slot), kek, ...changes }, kekKey)

/** A key as the service keeps it. */
export function stored(name, { purpose, content, label, service, state = 'active', revision = 1, ofAccount = account, key = kekKey, inKek = kek }) {
  const id = seededId(name)
  const type = content.length === 64 ? 'ed25519' : 'cobblestone-256'
  const overview = { purpose, type, state, ...(label && { label }), created: '2026-01-02', ...(content.length === 64 && { public: b64u(content.subarray(32)) }), ...(service && { service }) }
  const wrapLabel = content.length === 64 ? 'keystore/v1/wrapped-keypair' : `keystore/v1/wrapped-${purpose}`
  return {
    id, kek: inKek, revision,
    overview: b64u(sealAs(`overview/${name}/${revision}`, 'keystore/v1/key-overview', key, { account: ofAccount, kek: inKek, key: id, revision }, utf8(JSON.stringify(overview)))),
    wrapped: b64u(sealAs(`wrapped/${name}`, wrapLabel, key, { account: ofAccount, kek: inKek, key: id, purpose, type }, content)),
  }
}

const identity = stored('identity-key', { purpose: 'identity', content: keypair(identitySeed) })
const personal = { purpose: 'personal-dek', content: seeded('key/personal-dek'), label: 'photos' }
const sharing = stored('sharing-key', { purpose: 'sharing-dek', content: seeded('key/sharing-dek') })
const signing = stored('signing-key', { purpose: 'signing', content: keypair(seeded('seed/signing')), label: 'letters \u00e9' })
const older = stored('key', { ...personal, revision: 2 })
const newest = stored('key', { ...personal, revision: 3, state: 'deactivated' })
const deleted = stored('export/deleted', { purpose: 'personal-dek', content: seeded('key/deleted') })
export const sorted = keys => keys.toSorted((a, b) => (a.id < b.id ? -1 : 1))
const keys = sorted([newest, sharing, signing])

const leaf = key => ({ path: pathOf(key.id), value: leafValueOf({ ...key, overview: Buffer.from(key.overview, 'base64url'), wrapped: Buffer.from(key.wrapped, 'base64url') }) })
const slotOf = (name = 'slot', secret = secretOf(words), wrapped = wrapKek(name, secret)) =>
  ({ id: seededId(name), kind: secret.kind, login: b64u(secret.loginPublic), wrapped: b64u(wrapped) })
const headSlot = ({ id, kind, login, wrapped }) => ({ id, kind, login, wrapped: b64u(sha256(Buffer.from(wrapped, 'base64url'))) })

/** The newest head over these keys; the ones before it are of no account here. */
export function headOf(keys, changes = {}, seed = identitySeed, number = 6) {
  const payload = {
    account, day: '2026-01-03', format: 1, kek, epoch: 1, identity: { id: identity.id, public: b64u(publicKeyOf(identitySeed)) },
    slots: [headSlot(slotOf())], count: keys.length + 1, root: b64u(rootOf([identity, ...keys].map(leaf))), audit: b64u(Buffer.alloc(32)),
  }
  const before = history(number - 1, identitySeed, each => ({ ...payload, count: each === 1 ? 1 : payload.count }))
  const links = number === 1 ? [] : number === 6 ? [5, 4].map(each => b64u(before.hashes[each - 1])) : undefined
  return signHead({ ...payload, number, links, ...changes }, seed)
}

export const start = (changes = {}) => ({ format: 'keyladder-account/v1', account, slot: slotOf(), identity, head: headOf(keys), ...changes })
export const file = (first, keys) => [first, ...keys].map(writeLine).join('')
const inputs = (first = start(), listed = keys, by = words) => ({ words: by, export: file(first, listed) })
const asText = text => ({ words, export: text })
const whole = file(start(), keys)

const otherWords = writeWords(seeded('export/other words', 16))
const changed = (listed, name, change) => listed.map(key => (key.id === seededId(name) ? { ...key, ...change(key) } : key))
const flipped = (listed, name, member) => changed(listed, name, key => ({ [member]: b64u(flip(Buffer.from(key[member], 'base64url'), -1)) }))
const otherAccount = seededId('other account')
const opened = ({ id, revision, overview, content }) =>
  ({ id, revision, overview: { ...overview, ...(overview.public && { public: h(overview.public) }) }, content: h(content) })

export default [vectorFile('exports.json', {
  about: 'export is a file of lines, which words open: it is that account at head number, and holds these keys, the identity keypair first. content is the key bytes, public an Ed25519 public key, in hex.',
  spec: 'export.md',
  run: ({ words, export: text }) => {
    const { account, number, keys } = readExport(utf8(text), secretOf(words))
    return { account, number, keys: keys.map(opened) }
  },
  cases: [
    ok('an account', 'every kind of key, one in its third revision', inputs()),
    ok('no key', 'an account that was just made', inputs(start({ head: headOf([], {}, identitySeed, 1) }), [])),
    ok('two slots', 'the other slot stays behind', inputs(start({ head: headOf(keys, { slots: sorted([headSlot(slotOf()), headSlot(slotOf('second slot', secretOf(otherWords)))]) }) }))),
    ok('white space', 'white space inside a line is free', asText(whole.replaceAll(',"', ' ,\t"'))),
    ok('other order of members', 'the order of members is free', inputs(Object.fromEntries(Object.entries(start()).reverse()))),
    ok('identity in revision 2', 'a revision is as it is', (() => {
      const again = stored('identity-key', { purpose: 'identity', content: keypair(identitySeed), revision: 2 })
      return inputs(start({ identity: again, head: headOf(keys, { root: b64u(rootOf([again, ...keys].map(leaf))) }) }))
    })()),
    refused('empty', 'the first line is there', 'json', asText('')),
    refused('no line feed at the end', 'the last line ends too', 'json', asText(whole.slice(0, -1))),
    refused('an empty line', 'each line is an object', 'json', asText(whole + '\n')),
    refused('something follows', 'nothing follows the last line', 'json', asText(whole + '{}')),
    refused('a byte order mark', 'none', 'json', asText('\ufeff' + whole)),
    refused('first line too long', '65,536 bytes', 'length', asText(' '.repeat(65_536) + whole)),
    refused('key too long', '4,096 bytes', 'length', asText(whole.slice(0, -1) + ' '.repeat(4_096) + '\n')),
    refused('version 2', 'a format that this version is not', 'value', inputs(start({ format: 'keyladder-account/v2' }))),
    refused('no head', 'every member must be there', 'member', inputs(start({ head: undefined }))),
    refused('unknown member', 'members that the table has not are refused', 'member', inputs(start({ note: 'x' }))),
    refused('locator', 'a slot without it', 'member', inputs(start({ slot: { ...slotOf(), locator: b64u(seeded('locator')) } }))),
    refused('unknown member of a key', 'members that the table has not are refused', 'member', inputs(start(), changed(keys, 'key', () => ({ label: 'photos' })))),
    refused('revision 0', 'revisions start at 1', 'value', inputs(start(), changed(keys, 'key', () => ({ revision: 0 })))),
    refused('other words', 'the login key follows from the secret', 'secret', inputs(start(), keys, otherWords)),
    refused('wrapped KEK changed', 'it does not open', 'tag', inputs(start({ slot: slotOf('slot', secretOf(words), flip(wrapKek('slot'), -1)) }))),
    refused('wrapped KEK of another account', 'the account is part of the context', 'commitment', inputs(start({ slot: slotOf('slot', secretOf(words), wrapKek('slot', secretOf(words), { account: otherAccount })) }))),
    refused('wrapped KEK of another slot', 'the slot is part of the context', 'commitment', inputs(start({ slot: { ...slotOf(), id: seededId('second slot') } }))),
    refused('another kind of slot', 'the kind is that of the secret', 'slots', inputs(start({ slot: { ...slotOf(), kind: 'passphrase' } }))),
    refused('slot not in the head', 'the own slot is among those of the head', 'slots', inputs(start({ head: headOf(keys, { slots: [headSlot(slotOf('second slot'))] }) }))),
    refused('slot otherwise in the head', 'the hash of the wrapped KEK', 'slots', inputs(start({ head: headOf(keys, { slots: [{ ...headSlot(slotOf()), wrapped: b64u(seeded('wrapped')) }] }) }))),
    refused('identity is a signing key', 'the identity keypair in its role', 'content', inputs(start({ identity: signing }))),
    refused('identity at another revision', 'the revision is part of the context', 'commitment', inputs(start({ identity: { ...identity, revision: 2 } }))),
    refused('head by another', 'the identity keypair signs', 'signature', inputs(start({ head: headOf(keys, {}, seeded('seed/signing')) }))),
    refused('head of another account', 'the head names the account', 'account', inputs(start({ head: headOf(keys, { account: otherAccount }) }))),
    refused('head of another KEK', 'the head names the KEK', 'content', inputs(start({ head: headOf(keys, { kek: seededId('other kek') }) }))),
    refused('head of another identity', 'the head names the identity keypair', 'content', inputs(start({ head: headOf(keys, { identity: { id: signing.id, public: b64u(publicKeyOf(identitySeed)) } }) }))),
    refused('key dropped', 'as many as were signed for', 'keys', inputs(start(), keys.slice(1))),
    refused('key added', 'as many as were signed for', 'keys', inputs(start(), sorted([...keys, deleted]))),
    refused('key twice', 'no id twice', 'keys', inputs(start(), [keys[0], keys[0], keys[2]])),
    refused('other order of keys', 'ascending by id', 'keys', inputs(start(), keys.toReversed())),
    refused('the identity among the keys', 'it stands on the first line alone', 'keys', inputs(start(), sorted([...keys.slice(1), identity]))),
    refused('key of another KEK', 'the KEK is that of the head', 'keys', inputs(start(), changed(keys, 'key', () => ({ kek: seededId('other kek') })))),
    refused('older key', 'a key as it was before', 'root', inputs(start(), sorted([older, sharing, signing]))),
    refused('deleted key for another', 'a key that is no more', 'root', inputs(start(), sorted([deleted, sharing, signing]))),
    refused('wrapped key changed', 'it does not open', 'tag', inputs(start(), flipped(keys, 'key', 'wrapped'))),
    refused('overview changed', 'it does not open', 'tag', inputs(start(), flipped(keys, 'sharing-key', 'overview'))),
    refused('wrapped keys exchanged', 'the key is part of the context', 'commitment', inputs(start(), changed(keys, 'key', () => ({ wrapped: sharing.wrapped })))),
    refused('key at another revision', 'the revision is part of the context', 'commitment', inputs(start(), changed(keys, 'key', () => ({ revision: 4 })))),
  ],
})]
