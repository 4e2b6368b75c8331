import { b64u, bytes, fields, hex, sha256, u32, utf8 } from '../formats/bytes.mjs'
import { identifierOf } from '../formats/did.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { hashOfJws, signJws } from '../formats/jws.mjs'
import {
  invitationGuestSeed, kindOf, openInvited, partyOf, readAcceptance, readBundle, readChange, readConfirmation, readLink, safetyWords, sealInvited, writeInvitation,
} from '../formats/relationships.mjs'
import { flip, h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

export const [aliceSeed, bobSeed, nextSeed, carolSeed] = ['alice', 'bob', 'bob, later', 'carol'].map(name => seeded(`relationship/${name}`))
export const [alice, bob, next, carol] = [aliceSeed, bobSeed, nextSeed, carolSeed].map(partyOf)
export const relationship = seededId('relationship')
export const otherRelationship = seededId('other relationship')

const spec = 'relationships.md'
/** Bytes of what was read, in hex. */
export const shown = value => JSON.parse(JSON.stringify(value, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each)))

/** Makers of statements: members changed, a JSON text changed, another signer, another kind. */
export function statements(kind, base, signer) {
  const text = changes => JSON.stringify({ ...base, ...changes })
  return {
    of: (changes = {}, by = signer, as = kind) => signJws(as, utf8(text(changes)), by.didSeed),
    raw: (pattern, by) => signJws(kind, utf8(text({}).replace(pattern, by)), signer.didSeed),
    reversed: () => signJws(kind, utf8(JSON.stringify(Object.fromEntries(Object.entries(base).reverse()))), signer.didSeed),
    without: name => signJws(kind, utf8(text({ [name]: undefined })), signer.didSeed),
  }
}

/** What each kind of statement refuses alike. `wrap` puts a JWS into the inputs of a case. */
export function common(kind, make, wrap, members, otherKind) {
  const signer = 'a signature by another'
  return [
    ...members.map(name => refused(`without ${name}`, `${name} must be there`, 'member', wrap(make.without(name)))),
    refused('unknown member', 'members that the table has not are refused', 'member', wrap(make.of({ note: 'x' }))),
    refused('duplicate member', 'a second member of one name', 'member', wrap(make.raw('{', `{"${members[0]}":"",`))),
    refused('trailing data', 'nothing follows', 'json', wrap(make.raw(/$/, ' null'))),
    refused('signed by another', signer, 'signature', wrap(make.of({}, carol))),
    refused('another kind', 'a signature of one kind is none of another', 'header', wrap(make.of({}, undefined, otherKind))),
    refused('cut', 'three parts', 'encoding', wrap(make.of().split('.').slice(0, 2).join('.'))),
  ]
}

const keysFile = vectorFile('relationship-keys.json', {
  about: 'from the seed of a relationship key follow the pairwise DID, the X-Wing key that is sealed to, its name, and the key that signs as a guest; each private key is derived by HKDF-Expand.',
  spec,
  run: ({ seed }) => shown(partyOf(hex(seed))),
  cases: [
    ok('alice', 'three keypairs from one seed', { seed: h(aliceSeed) }),
    ok('bob', 'other seed, other keypairs', { seed: h(bobSeed) }),
    ok('zeros', 'any 32 bytes', { seed: h(Buffer.alloc(32)) }),
    ok('one bit', 'every bit counts', { seed: h(flip(Buffer.alloc(32), 31)) }),
  ],
})

const bundle = { sub: bob.did, relationship, purpose: 'relationship', epoch: 1, sealingKey: b64u(bob.sealingKey), channelKey: b64u(bob.channelKey) }
const bundles = statements(kindOf.bundle, bundle, bob)
const bundleOf = (party, changes = {}) =>
  signJws(kindOf.bundle, utf8(JSON.stringify({ ...bundle, sub: party.did, sealingKey: b64u(party.sealingKey), channelKey: b64u(party.channelKey), ...changes })), party.didSeed)
const ofBob = jws => ({ subject: bob.did, jws })
const badBundle = (name, property, changes) => refused(name, property, 'value', ofBob(bundles.of(changes)))
const largeCoefficient = bytes(Buffer.of(0xff, 0xff, 0xff), bob.sealingKey.subarray(3))
const smallOrder = bytes(bob.sealingKey.subarray(0, -32), Buffer.alloc(32))

const bundlesFile = vectorFile('key-bundles.json', {
  about: 'jws is the key bundle of subject, and says bundle; bytes are hex there.',
  spec,
  run: ({ subject, jws }) => ({ bundle: shown(readBundle(jws, subject)) }),
  cases: [
    ok('bundle', 'all members', ofBob(bundles.of())),
    ok('other order', 'the order of members is free', ofBob(bundles.reversed())),
    ok('greatest epoch', '2^53 - 1', ofBob(bundles.of({ epoch: Number.MAX_SAFE_INTEGER }))),
    refused('of another', 'the DID that is expected, and no other', 'party', ofBob(bundles.of({ sub: alice.did }))),
    badBundle('other purpose', 'the one purpose', { purpose: 'channel' }),
    badBundle('epoch 0', 'from 1', { epoch: 0 }),
    badBundle('epoch as text', 'an integer', { epoch: '1' }),
    badBundle('relationship in capitals', 'lower case', { relationship: relationship.toUpperCase() }),
    badBundle('relationship of version 7', 'version 4', { relationship: relationship.replace(/^(.{14})4/, '$17') }),
    badBundle('sealing key too short', '1,216 bytes', { sealingKey: b64u(bob.sealingKey.subarray(1)) }),
    badBundle('sealing key with a large coefficient', 'checked as a sender checks it', { sealingKey: b64u(largeCoefficient) }),
    badBundle('sealing key of small order', 'checked as a sender checks it', { sealingKey: b64u(smallOrder) }),
    badBundle('channel key of small order', 'a point of prime order', { channelKey: b64u(bytes(Buffer.of(1), Buffer.alloc(31))) }),
    badBundle('channel key too long', '32 bytes', { channelKey: b64u(bytes(bob.channelKey, Buffer.of(0))) }),
    badBundle('subject that is no DID', 'a did:key', { sub: 'bob' }),
    ...common(kindOf.bundle, bundles, ofBob, Object.keys(bundle), kindOf.change),
  ],
})

const expires = 1_790_000_000
const parts = { origin: 'https://vault.example.org', channel: seededId('channel'), secret: seeded('invitation secret'), key: publicKeyOf(alice.didSeed), expires }
const linkOf = (changes = {}) => ({ link: `https://keyladder.example.org/invitation#${b64u(writeInvitation({ ...parts, ...changes }))}` })
const linkOfBytes = data => ({ link: `#${b64u(data)}` })
const whole = writeInvitation(parts)
const badLink = (name, property, reason, made) => refused(name, property, reason, made)

const linksFile = vectorFile('relationship-links.json', {
  about: 'link is an invitation by inviter, with secret; guestKey is the public key that signs at the channel until it is taken.',
  spec,
  run: ({ link }) => {
    const read = readLink(link)
    return { ...shown(read), guestKey: h(publicKeyOf(invitationGuestSeed(read))) }
  },
  cases: [
    ok('link', 'page and fragment', linkOf()),
    ok('fragment alone', 'only the fragment counts', linkOfBytes(whole)),
    ok('other page', 'only the fragment counts', { link: `http://other.example/?a=b#${b64u(whole)}` }),
    ok('port', 'an origin with a port', linkOf({ origin: 'https://vault.example.org:8443' })),
    ok('same machine', 'no https on the same machine', linkOf({ origin: 'http://127.0.0.1:5420' })),
    ok('other channel', 'the keys are bound to the channel', linkOf({ channel: seededId('other channel') })),
    ok('other inviter', 'the keys are bound to the inviter', linkOf({ key: publicKeyOf(bob.didSeed) })),
    ok('first second', 'zero seconds', linkOf({ expires: 0 })),
    ok('last second', 'the end of the year 9999', linkOf({ expires: 253402300799 })),
    badLink('http', 'https', 'value', linkOf({ origin: 'http://vault.example.org' })),
    badLink('origin with a path', 'an origin', 'value', linkOf({ origin: 'https://vault.example.org/' })),
    badLink('channel of version 7', 'version 4', 'content', linkOfBytes(bytes(fields('invitation/v1/link', parts.origin, hex(parts.channel.replaceAll('-', '').replace(/^(.{12})4/, '$17')), parts.secret, parts.key, expires)))),
    badLink('secret of 31 bytes', '32 bytes', 'content', linkOf({ secret: parts.secret.subarray(1) })),
    badLink('key of small order', 'a point of prime order', 'key', linkOf({ key: bytes(Buffer.of(1), Buffer.alloc(31)) })),
    badLink('key of 33 bytes', '32 bytes', 'key', linkOf({ key: bytes(parts.key, Buffer.of(0)) })),
    badLink('other label', 'the label is the version', 'content', linkOfBytes(bytes(fields('invitation/v2/link'), whole.subarray(22)))),
    badLink('seventh field', 'six fields', 'content', linkOfBytes(bytes(whole, fields('x')))),
    badLink('field missing', 'six fields', 'content', linkOfBytes(whole.subarray(0, -12))),
    badLink('last byte missing', 'a field is as long as it says', 'content', linkOfBytes(whole.subarray(0, -1))),
    badLink('length beyond the end', 'a field is as long as it says', 'content', linkOfBytes(bytes(u32(0xffffffff), whole.subarray(4)))),
    badLink('expires in four bytes', 'eight bytes', 'content', linkOfBytes(bytes(whole.subarray(0, -12), fields(u32(expires))))),
    badLink('nothing behind the sign', 'six fields', 'content', { link: 'https://keyladder.example.org/#' }),
    badLink('no fragment', 'only the fragment counts', 'encoding', { link: b64u(whole) }),
    badLink('padded', 'b64u has no padding', 'encoding', { link: `#${b64u(whole)}=` }),
    badLink('in base64', 'b64u', 'encoding', { link: `#+${b64u(whole).slice(1)}` }),
  ],
})

const invitation = readLink(linkOf().link)
const invited = (what, content, changes = {}) => ({
  link: linkOf().link, what, envelope: h(sealInvited(changes.as ?? what, { ...invitation, ...changes.invitation }, seeded('salt/invited', 24), Buffer.from(content))),
})
const offered = invited('offer', bundleOf(alice))

const invitedFile = vectorFile('invitation-letters.json', {
  about: 'under the invitation of link, envelope opens as what (offer or acceptance) to a JWS, statement, which is not looked into here.',
  spec,
  run: ({ link, what, envelope }) => {
    const statement = openInvited(what, readLink(link), hex(envelope))
    return { statement: statement.toString('latin1') }
  },
  cases: [
    ok('offer', 'the inviter\'s bundle', offered),
    ok('acceptance', 'sealed under the same key with another label', invited('acceptance', 'header.payload.signature')),
    refused('offer as acceptance', 'each has its label', 'commitment', { ...offered, what: 'acceptance' }),
    refused('acceptance as offer', 'each has its label', 'commitment', invited('offer', 'a.b.c', { as: 'acceptance' })),
    refused('other secret', 'sealed under what follows from the secret', 'commitment', invited('offer', 'a.b.c', { invitation: { secret: seeded('other invitation secret') } })),
    refused('other channel', 'the channel is part of key and context', 'commitment', invited('offer', 'a.b.c', { invitation: { channel: seededId('other channel') } })),
    refused('other inviter', 'the DID is part of key and context', 'commitment', invited('offer', 'a.b.c', { invitation: { inviter: bob.did } })),
    refused('altered', 'sealed', 'tag', { ...offered, envelope: h(flip(hex(offered.envelope), -1)) }),
    refused('cut', 'sealed', 'length', { ...offered, envelope: offered.envelope.slice(0, 80) }),
  ],
})

const words = (one, other, within = relationship) => ({ relationship: within, one: one.did, other: other.did })
const wordsFile = vectorFile('safety-words.json', {
  about: 'the parties one and other of relationship have the safety words words.',
  spec,
  run: ({ relationship, one, other }) => ({ words: safetyWords(relationship, one, other) }),
  cases: [
    ok('alice and bob', 'eight words', words(alice, bob)),
    ok('bob and alice', 'the same for both', words(bob, alice)),
    ok('other keys', 'with the keys change the words', words(alice, next)),
    ok('other relationship', 'the relationship counts', words(alice, bob, otherRelationship)),
    ok('alice and carol', 'the other party counts', words(alice, carol)),
  ],
})

const acceptance = { iss: bob.did, aud: alice.did, relationship, origin: 'https://vault.example.com', channel: seededId('channel of bob'), bundle: bundleOf(bob) }
const acceptances = statements(kindOf.acceptance, acceptance, bob)
const toAlice = jws => ({ inviter: alice.did, relationship, jws })
const accepting = (name, property, reason, changes) => refused(name, property, reason, toAlice(acceptances.of(changes)))

const acceptancesFile = vectorFile('acceptances.json', {
  about: 'jws accepts the invitation of inviter to relationship, and says acceptance, whose bundle verifies. (That the bundle\'s epoch is 1 is a rule of who takes it.)',
  spec,
  run: ({ inviter, relationship, jws }) => ({ acceptance: readAcceptance(jws, inviter, relationship) }),
  cases: [
    ok('acceptance', 'all members', toAlice(acceptances.of())),
    ok('other order', 'the order of members is free', toAlice(acceptances.reversed())),
    ok('same machine', 'no https on the same machine', toAlice(acceptances.of({ origin: 'http://localhost:5420' }))),
    accepting('for another', 'the inviter is the audience', 'party', { aud: carol.did }),
    accepting('of another relationship', 'as the inviter\'s bundle has it', 'party', { relationship: otherRelationship }),
    accepting('bundle of another relationship', 'bundle and acceptance are of one', 'party', { bundle: bundleOf(bob, { relationship: otherRelationship }) }),
    accepting('bundle of another party', 'the bundle is the issuer\'s', 'signature', { bundle: bundleOf(carol) }),
    accepting('bundle of another purpose', 'the bundle is verified', 'value', { bundle: bundleOf(bob, { purpose: 'x' }) }),
    refused('own invitation', 'nobody accepts an invitation of his own', 'party',
      toAlice(signJws(kindOf.acceptance, utf8(JSON.stringify({ ...acceptance, iss: alice.did, bundle: bundleOf(alice) })), alice.didSeed))),
    accepting('http', 'https', 'value', { origin: 'http://vault.example.com' }),
    accepting('origin with a path', 'an origin', 'value', { origin: 'https://vault.example.com/v1' }),
    accepting('channel that is no id', 'a UUID', 'value', { channel: 'mine' }),
    ...common(kindOf.acceptance, acceptances, toAlice, Object.keys(acceptance), kindOf.confirmation),
  ],
})

const accepted = acceptances.of()
const confirmation = { iss: alice.did, aud: bob.did, relationship, acceptance: b64u(hashOfJws(accepted)) }
const confirmations = statements(kindOf.confirmation, confirmation, alice)
const toBob = jws => ({ from: alice.did, to: bob.did, relationship, acceptance: accepted, jws })
const confirming = (name, property, reason, changes) => refused(name, property, reason, toBob(confirmations.of(changes)))

const confirmationsFile = vectorFile('confirmations.json', {
  about: 'jws, by from and for to, confirms acceptance in relationship.',
  spec,
  run: ({ from, to, relationship, acceptance, jws }) => {
    readConfirmation(jws, from, to, relationship, acceptance)
    return {}
  },
  cases: [
    ok('confirmation', 'all members', toBob(confirmations.of())),
    ok('other order', 'the order of members is free', toBob(confirmations.reversed())),
    confirming('of another issuer', 'the inviter is the issuer', 'party', { iss: bob.did }),
    confirming('for another', 'who accepted is the audience', 'party', { aud: carol.did }),
    confirming('of another relationship', 'theirs', 'party', { relationship: otherRelationship }),
    confirming('of another acceptance', 'it names what it confirms', 'party', { acceptance: b64u(hashOfJws(acceptances.of({ channel: seededId('other channel') }))) }),
    confirming('hash of the whole JWS', 'the hash is without the signature', 'party', { acceptance: b64u(sha256(utf8(accepted))) }),
    confirming('hash too short', '32 bytes', 'value', { acceptance: b64u(Buffer.alloc(31)) }),
    ...common(kindOf.confirmation, confirmations, toBob, Object.keys(confirmation), kindOf.acceptance),
  ],
})

const change = { iss: bob.did, aud: alice.did, relationship, next: next.did, bundle: bundleOf(next, { epoch: 2 }) }
const changes = statements(kindOf.change, change, bob)
const atAlice = jws => ({ from: bob.did, to: alice.did, relationship, epoch: 1, jws })
const changing = (name, property, reason, members) => refused(name, property, reason, atAlice(changes.of(members)))

const changesFile = vectorFile('key-changes.json', {
  about: 'from, whose pinned bundle has epoch in relationship, tells to by jws of the keys that come; it says change.',
  spec,
  run: ({ from, to, relationship, epoch, jws }) => ({ change: readChange(jws, from, to, relationship, epoch) }),
  cases: [
    ok('change', 'the next epoch', atAlice(changes.of())),
    ok('other order', 'the order of members is free', atAlice(changes.reversed())),
    ok('later change', 'the next epoch of any', { ...atAlice(changes.of({ bundle: bundleOf(next, { epoch: 8 }) })), epoch: 7 }),
    changing('same epoch', 'the next one', 'order', { bundle: bundleOf(next) }),
    changing('epoch after the next', 'the next one', 'order', { bundle: bundleOf(next, { epoch: 3 }) }),
    changing('of another issuer', 'the DID that goes', 'party', { iss: carol.did }),
    changing('for another', 'for one party', 'party', { aud: carol.did }),
    changing('of another relationship', 'theirs', 'party', { relationship: otherRelationship }),
    changing('bundle of another relationship', 'theirs', 'party', { bundle: bundleOf(next, { epoch: 2, relationship: otherRelationship }) }),
    changing('bundle by the DID that goes', 'the DID that comes signs its bundle', 'signature', { bundle: bundleOf(bob, { epoch: 2 }) }),
    changing('next that is no DID', 'a did:key', 'value', { next: 'did:key:z' }),
    refused('signed by the DID that comes', 'the DID that goes signs', 'signature', atAlice(changes.of({}, next))),
    ...common(kindOf.change, changes, atAlice, Object.keys(change), kindOf.bundle),
  ],
})

export default [keysFile, bundlesFile, linksFile, invitedFile, wordsFile, acceptancesFile, confirmationsFile, changesFile]
