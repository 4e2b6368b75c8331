import { utf8 } from '../formats/bytes.mjs'
import {
  identityOf, idsOf, joined, jointWords, openKit, openPasswordSlot, openResetSlot, readRecoveryCode, readUsername, saltOf, sealKit, sealPasswordSlot, sealResetSlot, signersOf,
  writeKit, writeRecoveryCode,
} from '../formats/recovery.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { writeSecretKey, writeWords } from '../formats/secrets.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const store = 'https://passphrases.example.org'
const guardian = 'https://keys.example.org'
const place = { store, record: seededId('recovery record') }
const places = { ...place, guardian, handle: seededId('guardian handle') }
const otherPlaces = [
  ['another record', { ...place, record: seededId('other recovery record') }],
  ['another store', { ...place, store: 'https://passphrases.example.net' }],
]
const r = seeded('recovery/r')
const w = seeded('recovery/w')
const [y1, y2] = [seeded('recovery/y1', 64), seeded('recovery/y2', 64)]
const [a, b, code] = [seeded('recovery/a'), seeded('recovery/b'), seeded('recovery/h')]
const salt = name => seeded(`salt/recovery/${name}`, 24)

const usernames = vectorFile('usernames.json', {
  about: 'typed gives the canonical username, and with the origin of the store the salt of Argon2id.',
  spec: 'passphrase-store.md',
  run: ({ typed, store }) => {
    const username = readUsername(typed)
    return { username, salt: h(saltOf(store, username)) }
  },
  cases: [
    ok('plain', 'an address stays as it is', { typed: 'person@example.org', store }),
    ok('another store', 'the salt is of one store', { typed: 'person@example.org', store: 'https://passphrases.example.net' }),
    ok('a port', 'the port is part of the origin', { typed: 'person@example.org', store: 'http://127.0.0.1:5430' }),
    ok('capitals', 'capitals are small letters', { typed: 'Person@EXAMPLE.org', store }),
    ok('white space', 'white space at the ends is removed', { typed: ' \tperson@example.org\r\n', store }),
    ok('full width', 'full-width letters are the plain ones', { typed: '\uff30erson\uff20example.org', store }),
    ok('umlaut', 'decomposed and capital is composed and small', { typed: 'A\u0308rger@example.org', store }),
    ok('254 bytes', 'the longest', { typed: `${'p'.repeat(242)}@example.org`, store }),
    refused('255 bytes', 'one more is too long', 'length', { typed: `${'p'.repeat(243)}@example.org`, store }),
    refused('no at sign', 'there is one @', 'value', { typed: 'person.example.org', store }),
    refused('two at signs', 'there is one @', 'value', { typed: 'person@home@example.org', store }),
    refused('nothing before', 'something stands before the @', 'value', { typed: '@example.org', store }),
    refused('nothing after', 'something stands after the @', 'value', { typed: 'person@', store }),
    refused('a blank inside', 'there is no white space inside', 'value', { typed: 'per son@example.org', store }),
    refused('a control character', 'there is no control character', 'control-character', { typed: 'per\u0001son@example.org', store }),
    refused('unassigned', 'what no version of Unicode knows has no certain form', 'unassigned', { typed: 'person\u0378@example.org', store }),
    refused('nothing', 'nothing is no username', 'value', { typed: '', store }),
  ],
})

const ids = vectorFile('recovery-ids.json', {
  about: 'seed gives the id of a record at the store, and the handle of one at the guardian.',
  spec: 'passphrase-store.md',
  run: ({ seed }) => idsOf(readBytes(seed)),
  cases: [
    ok('random', 'one seed gives two ids that have nothing in common', { seed: h(seeded('recovery/seed')) }),
    ok('a bit more', 'another seed gives others', { seed: h(flip(seeded('recovery/seed'), 31)) }),
    ok('zeros', 'whatever the seed is', { seed: h(Buffer.alloc(32)) }),
  ],
})

const written = writeRecoveryCode(code)
const codes = vectorFile('recovery-codes.json', {
  about: 'typed, read as a recovery code, gives secret, which is written as code.',
  spec: 'passphrase-store.md',
  run: ({ typed }) => {
    const read = readRecoveryCode(typed)
    return { secret: h(read), code: writeRecoveryCode(read) }
  },
  cases: [
    ok('as written', 'the form that is written is read', { typed: written }),
    ok('zeros', 'thirty-two zero bytes', { typed: writeRecoveryCode(Buffer.alloc(32)) }),
    ok('small letters without hyphens', 'case and hyphens do not matter', { typed: written.toLowerCase().replaceAll('-', ' ') }),
    refused('a Secret Key', 'the start says what it is', 'prefix', { typed: writeSecretKey(code) }),
    refused('a Secret Key under this start', 'the check is of this kind', 'checksum', { typed: writeSecretKey(code).replace('KL1', 'KR1') }),
    refused('version 2', 'another version is another format', 'prefix', { typed: written.replace('KR1', 'KR2') }),
    refused('symbol missing', 'there are 56 symbols', 'length', { typed: written.slice(0, -1) }),
    refused('letter U', 'U is no symbol', 'symbol', { typed: `${written.slice(0, -1)}U` }),
    refused('two symbols swapped', 'the order of symbols counts', 'checksum', { typed: `KR1-${written[5]}${written[4]}${written.slice(6)}` }),
  ],
})

const keys = vectorFile('recovery-keys.json', {
  about: 'r, h and the two places give the public halves of the store key, the guardian key and the release key.',
  spec: 'passphrase-store.md',
  run: ({ r, h: share, ...places }) => Object.fromEntries(Object.entries(signersOf(readBytes(r), readBytes(share), places)).map(([name, key]) => [name, h(key)])),
  cases: [
    ok('as they follow', 'three keys of two secrets', { r: h(r), h: h(code), ...places }),
    ok('another record', 'the store key is of one record', { r: h(r), h: h(code), ...places, record: seededId('other recovery record') }),
    ok('another handle', 'the other two are of one handle', { r: h(r), h: h(code), ...places, handle: seededId('other handle') }),
    ok('another guardian', 'and of one guardian', { r: h(r), h: h(code), ...places, guardian: 'https://keys.example.net' }),
    ok('one operator', 'the same origin twice', { r: h(r), h: h(code), ...places, guardian: store }),
  ],
})

const words = vectorFile('recovery-words.json', {
  about: 'What the service and the client draw gives the words.',
  spec: 'passphrase-store.md',
  run: ({ service, client, ...place }) => ({ words: jointWords(readBytes(service), readBytes(client), place) }),
  cases: [
    ok('both', 'both draw', { service: h(seeded('recovery/service')), client: h(seeded('recovery/client')), ...place }),
    ok('the service draws zeros', 'the other half is enough', { service: h(Buffer.alloc(32)), client: h(seeded('recovery/client')), ...place }),
    ok('the client draws zeros', 'the other half is enough', { service: h(seeded('recovery/service')), client: h(Buffer.alloc(32)), ...place }),
    ok('another record', 'words are made for one record', { service: h(seeded('recovery/service')), client: h(seeded('recovery/client')), ...otherPlaces[0][1] }),
  ],
})

const passwordSlot = (content, from = {}) => ({
  y1: h(y1), y2: h(y2), w: h(w), ...place, slot: h(sealPasswordSlot(y1, y2, w, { ...place, ...from }, content, salt('password'))),
})
const passwordSlots = vectorFile('password-slots.json', {
  about: 'y1, y2 and w open slot in its place to r.',
  spec: 'passphrase-store.md',
  run: ({ y1, y2, w, slot, ...place }) => ({ r: h(openPasswordSlot(readBytes(y1), readBytes(y2), readBytes(w), place, readBytes(slot))) }),
  cases: [
    ok('genuine', 'all three open it', passwordSlot(r)),
    refused('another value of the store', 'the store has a say', 'commitment', { ...passwordSlot(r), y1: h(flip(y1, 0)) }),
    refused('another value of the guardian', 'the guardian has a say', 'commitment', { ...passwordSlot(r), y2: h(flip(y2, 63)) }),
    refused('another password', 'the password has a say', 'commitment', { ...passwordSlot(r), w: h(flip(w, 31)) }),
    refused('the values changed over', 'each value has its place', 'commitment', { ...passwordSlot(r), y1: h(y2), y2: h(y1) }),
    ...otherPlaces.map(([name, from]) => refused(name, 'a slot is of one record', 'commitment', passwordSlot(r, from))),
    refused('a byte missing', 'r has 32 bytes', 'content', passwordSlot(r.subarray(1))),
  ],
})

const resetSlot = (content, from = {}) => ({ a: h(a), b: h(b), h: h(code), ...place, slot: h(sealResetSlot([a, b, code], { ...place, ...from }, content, salt('reset'))) })
const resetSlots = vectorFile('reset-slots.json', {
  about: 'a, b and h open slot in its place to r.',
  spec: 'passphrase-store.md',
  run: ({ a, b, h: share, slot, ...place }) => ({ r: h(openResetSlot([a, b, share].map(readBytes), place, readBytes(slot))) }),
  cases: [
    ok('genuine', 'all three open it', resetSlot(r)),
    ok('the shares in another order', 'the sum is the same', { ...resetSlot(r), a: h(b), b: h(a) }),
    refused('another share of the store', 'the store has a say', 'commitment', { ...resetSlot(r), a: h(flip(a, 0)) }),
    refused('another share of the guardian', 'the guardian has a say', 'commitment', { ...resetSlot(r), b: h(flip(b, 0)) }),
    refused('another code', 'the person has a say', 'commitment', { ...resetSlot(r), h: h(flip(code, 0)) }),
    ...otherPlaces.map(([name, from]) => refused(name, 'a slot is of one record', 'commitment', resetSlot(r, from))),
    refused('a password slot', 'the two slots are two', 'commitment', { ...resetSlot(r), slot: h(sealPasswordSlot(joined(a, b, code), '', '', place, r, salt('mixed'))) }),
    refused('a byte more', 'r has 32 bytes', 'content', resetSlot(Buffer.concat([r, Buffer.of(0)]))),
  ],
})

const account = seededId('account')
const identityKey = publicKeyOf(seeded('recovery/identity'))
const members = { keystore: guardian, account, identity: identityOf(account, identityKey), words: writeWords(seeded('words', 16)) }
const text = writeKit(members).toString()
const kit = (content, from = {}) => ({ r: h(r), ...place, identityKey: h(identityKey), kit: h(sealKit(r, { ...place, ...from }, utf8(content), salt('kit'))) })
const kits = vectorFile('recovery-kits.json', {
  about: 'r opens kit in its place. isOf: whether its identity is that of its account with identityKey.',
  spec: 'passphrase-store.md',
  run: ({ r, identityKey, kit, ...place }) => {
    const { keystore, account, identity, words } = openKit(readBytes(r), place, readBytes(kit))
    return { keystore, account, identity: h(identity), words, isOf: identity.equals(identityOf(account, readBytes(identityKey))) ? 1 : 0 }
  },
  cases: [
    ok('genuine', 'what a client writes', kit(text)),
    ok('another identity', 'a kit may name what the account is not', kit(writeKit({ ...members, identity: seeded('recovery/other identity') }).toString())),
    ok('a service on this machine', 'http is for this machine', kit(writeKit({ ...members, keystore: 'http://127.0.0.1:5410' }).toString())),
    ok('the longest origin', 'an origin has at most 72 characters', kit(writeKit({ ...members, keystore: `https://${'k'.repeat(60)}.org` }).toString())),
    ok('another order', 'the order of members is free', kit(`{"words":"${members.words}",${text.slice(1, text.indexOf(',"words"'))}}`)),
    refused('an origin too long', 'an origin has at most 72 characters', 'value', kit(writeKit({ ...members, keystore: `https://${'k'.repeat(61)}.org` }).toString())),
    refused('an open connection', 'http is for this machine', 'value', kit(writeKit({ ...members, keystore: 'http://keys.example.org' }).toString())),
    refused('more than an origin', 'an origin is no address', 'value', kit(writeKit({ ...members, keystore: `${guardian}/path` }).toString())),
    refused('version 2', 'another version is another format', 'value', kit(text.replace('"version":1', '"version":2'))),
    refused('capitals in the words', 'words are in their canonical form', 'value', kit(writeKit({ ...members, words: members.words.toUpperCase() }).toString())),
    refused('an escape in the words', 'words stand there without escapes', 'value', kit(text.replace(`"words":"${members.words[0]}`, `"words":"\\u00${members.words.charCodeAt(0).toString(16)}`))),
    refused('other words', 'words have a checksum', 'value', kit(writeKit({ ...members, words: members.words.split(' ').reverse().join(' ') }).toString())),
    refused('a short identity', 'it has 32 bytes', 'value', kit(writeKit({ ...members, identity: members.identity.subarray(1) }).toString())),
    refused('an account in capitals', 'an id has one form', 'value', kit(writeKit({ ...members, account: account.toUpperCase() }).toString())),
    refused('no words', 'all members are there', 'member', kit(`${text.slice(0, text.indexOf(',"words"'))}}`)),
    refused('one member more', 'there are no others', 'member', kit(`${text.slice(0, -1)},"more":1}`)),
    refused('no JSON', 'it is JSON', 'json', kit('kit')),
    ...otherPlaces.map(([name, from]) => refused(name, 'a kit is of one record', 'commitment', kit(text, from))),
    refused('another r', 'r opens it', 'commitment', { ...kit(text), r: h(flip(r, 0)) }),
  ],
})

export default [usernames, ids, codes, keys, words, passwordSlots, resetSlots, kits]
