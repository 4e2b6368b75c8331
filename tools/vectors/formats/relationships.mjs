// docs/spec/relationships.md.
import { bytes, expand, fields, readB64u, sha256, sha512, u32, writeId } from './bytes.mjs'
import { hasPrimeOrder } from './curve.mjs'
import { identifierOf, resolve } from './did.mjs'
import { publicKeyOf } from './ed25519.mjs'
import { open, pad, seal, unpad } from './envelopes.mjs'
import { checkPublicKey, openFrom, publicKeySize, sealTo, xwingPublicKeyOf } from './hpke.mjs'
import { arrayOf, byteString, day, id, integer, objectOf, oneOf, optional, origin, parseJson, plainText, publicKey, text } from './json.mjs'
import { hashOfJws, openJws, payloadOfJws } from './jws.mjs'
import { Refusal, refuse, refuseUnless } from './refusal.mjs'
import { wordList } from './secrets.mjs'
import { readAttribute } from './vault.mjs'

export const kindOf = {
  bundle: 'key-bundle+jwt', acceptance: 'relationship-acceptance+jwt', confirmation: 'relationship-confirmation+jwt', change: 'key-change+jwt', share: 'share+jwt', event: 'share-event+jwt',
}

export const keyName = sealingKey => sha256(fields('relationship/v1/sealing-key-name', sealingKey)).subarray(0, 16)

/** Section 1: what a party has, from the one seed. */
export function partyOf(seed) {
  const derived = name => expand(seed, fields(`relationship/v1/${name}-keypair`), 32)
  const [didSeed, sealingSeed, channelSeed] = ['did', 'sealing', 'channel'].map(derived)
  const sealingKey = xwingPublicKeyOf(sealingSeed)
  return { didSeed, sealingSeed, channelSeed, did: identifierOf(publicKeyOf(didSeed)), sealingKey, sealingKeyName: keyName(sealingKey), channelKey: publicKeyOf(channelSeed) }
}

const as = (reason, read) => value => {
  try {
    return read(value)
  } catch (error) {
    if (error instanceof Refusal) refuse(reason)
    throw error
  }
}
const did = as('value', value => {
  resolve(text(value))
  return value
})
export const isSecure = value => new URL(value).protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(new URL(value).hostname)
const secureOrigin = value => {
  refuseUnless(isSecure(origin(value)), 'value')
  return value
}
const sealingKeyMember = value => as('value', checkPublicKey)(byteString(publicKeySize)(value))
const signerKey = signer => {
  const { type, key } = resolve(signer)
  refuseUnless(type === 'ed25519', 'value')
  return key
}
const statement = (kind, jws, signer, members) => members(parseJson(openJws(kind, jws, signerKey(signer))))
const expect = (condition) => refuseUnless(condition, 'party')

const bundleMembers = objectOf({ sub: did, relationship: id, purpose: oneOf('relationship'), epoch: integer(1), sealingKey: sealingKeyMember, channelKey: publicKey })
export function readBundle(jws, subject) {
  const bundle = statement(kindOf.bundle, jws, subject, bundleMembers)
  expect(bundle.sub === subject)
  return bundle
}

const acceptanceMembers = objectOf({ iss: did, aud: did, relationship: id, origin: secureOrigin, channel: id, bundle: text })
export function readAcceptance(jws, inviter, relationship) {
  const { iss } = acceptanceMembers(parseJson(payloadOfJws(kindOf.acceptance, jws)))
  const acceptance = statement(kindOf.acceptance, jws, iss, acceptanceMembers)
  expect(iss !== inviter && acceptance.aud === inviter && acceptance.relationship === relationship)
  const bundle = readBundle(acceptance.bundle, iss)
  expect(bundle.relationship === relationship)
  return acceptance
}

const confirmationMembers = objectOf({ iss: did, aud: did, relationship: id, acceptance: byteString(32) })
export function readConfirmation(jws, from, to, relationship, acceptance) {
  const confirmation = statement(kindOf.confirmation, jws, from, confirmationMembers)
  expect(confirmation.iss === from && confirmation.aud === to && confirmation.relationship === relationship)
  expect(confirmation.acceptance.equals(hashOfJws(acceptance)))
  return confirmation
}

const changeMembers = objectOf({ iss: did, aud: did, relationship: id, next: did, bundle: text })
export function readChange(jws, from, to, relationship, epoch) {
  const change = statement(kindOf.change, jws, from, changeMembers)
  expect(change.iss === from && change.aud === to && change.relationship === relationship && change.next !== to)
  const bundle = readBundle(change.bundle, change.next)
  expect(bundle.relationship === relationship)
  refuseUnless(bundle.epoch === epoch + 1, 'order')
  return change
}

/** The fields of a content, as many as there are. */
function readFields(content, reason = 'content') {
  const found = []
  for (let at = 0; at < content.length;) {
    refuseUnless(at + 4 <= content.length, reason)
    const size = content.readUInt32BE(at)
    refuseUnless(at + 4 + size <= content.length, reason)
    at += 4 + size
    found.push(content.subarray(at - size, at))
  }
  return found
}
const asId = as('content', data => {
  refuseUnless(data.length === 16, 'content')
  return id(writeId(data))
})

// Section 3.
export const writeInvitation = ({ origin, channel, secret, key, expires }) => fields('invitation/v1/link', origin, { id: channel }, secret, key, expires)
export function readLink(link) {
  refuseUnless(link.includes('#'), 'encoding')
  const parts = readFields(readB64u(link.slice(link.indexOf('#') + 1)))
  refuseUnless(parts.length === 6 && parts[0].toString('latin1') === 'invitation/v1/link' && parts[3].length === 32 && parts[5].length === 8, 'content')
  const [, address, channel, secret, key, expires] = parts
  secureOrigin(address.toString())
  refuseUnless(key.length === 32 && hasPrimeOrder(key), 'key')
  refuseUnless(expires.readBigUInt64BE() <= 253402300799n, 'value')
  return { origin: address.toString(), channel: asId(channel), secret, inviter: identifierOf(key), expires: Number(expires.readBigUInt64BE()) }
}
export const invitationSealingKey = ({ secret, channel, inviter }) => expand(secret, fields('invitation/v1/sealing-key', { id: channel }, inviter), 32)
export const invitationGuestSeed = ({ secret, channel, inviter }) => expand(secret, fields('invitation/v1/channel-keypair', { id: channel }, inviter), 32)
export const invitationContext = (what, { channel, inviter }) => fields(`invitation/v1/${what}`, { id: channel }, inviter)
export const sealInvited = (what, invitation, salt, content) => seal(invitationSealingKey(invitation), salt, invitationContext(what, invitation), pad(content, 'shortest'))
export const openInvited = (what, invitation, envelope) => unpad(open(invitationSealingKey(invitation), invitationContext(what, invitation), envelope), 'shortest')

export function safetyWords(relationship, one, other) {
  const dids = [one, other].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const bits = [...sha512(fields('relationship/v1/safety-words', { id: relationship }, ...dids)).subarray(0, 11)].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return bits.match(/.{11}/g).map(index => wordList[parseInt(index, 2)]).join(' ')
}

// Section 5.
const infoOf = (relationship, letter, from, to, sealingKey) => fields('relationship/v1/letter', { id: relationship }, { id: letter }, from, to, sha256(sealingKey))
export const letterContent = (dek, statements) => fields(statements[0], dek, ...statements.slice(1))
export const assemble = (name, box, copy, length = box.length) => bytes(Buffer.of(1), name, u32(length), box, copy)
export function sealBox(to, { relationship, id, from }, padded, randomness) {
  return sealTo(to.sealingKey, infoOf(relationship, id, from, to.did, to.sealingKey), padded, randomness)
}
export function openLetter(seed, { relationship, id, from }, letter) {
  const own = partyOf(seed)
  refuseUnless(letter.length >= 21, 'length')
  refuseUnless(letter[0] === 1, 'version')
  refuseUnless(letter.subarray(1, 17).equals(own.sealingKeyName), 'key-name')
  const size = letter.readUInt32BE(17)
  refuseUnless(21 + size <= letter.length, 'length')
  const copy = letter.subarray(21 + size)
  const content = unpad(openFrom(own.sealingSeed, infoOf(relationship, id, from, own.did, own.sealingKey), letter.subarray(21, 21 + size)), 'shortest')
  const [first, dek, ...rest] = readFields(content)
  refuseUnless(dek !== undefined && [0, 32].includes(dek.length) && (dek.length === 0) === (copy.length === 0) && rest.length <= 256, 'content')
  const statements = [first, ...rest]
  refuseUnless(statements.every(each => each.every(byte => byte < 0x80)), 'content')
  return { statements: statements.map(each => each.toString('latin1')), dek, copy }
}

// Section 7.
export const shareDekName = (dek, relationship, share) => expand(dek, fields('share/v1/dek-name', { id: relationship }, { id: share }), 32)
export const copyContext = (dek, { relationship, share, number }) => fields('share/v1/copy', { id: relationship }, { id: share }, number, shareDekName(dek, relationship, share))
export function openCopy(dek, place, envelope) {
  const parts = readFields(unpad(open(dek, copyContext(dek, place), envelope), 'shortest'))
  refuseUnless(parts.length >= 4 && parts.length % 2 === 0 && parts.length <= 2 + 512, 'content')
  refuseUnless(parts.slice(0, 2).every(part => Buffer.from(part.toString('utf8')).equals(part)), 'content')
  const [name, kind] = parts.slice(0, 2).map(part => part.toString('utf8'))
  const attributes = []
  for (let at = 2; at < parts.length; at += 2) {
    attributes.push({ id: asId(parts[at]), ...as('content', readAttribute)(parts[at + 1]) })
  }
  refuseUnless(new Set(attributes.map(each => each.id)).size === attributes.length, 'content')
  if (name === '' && kind === '') refuseUnless(attributes.length === 1, 'content')
  else [plainText(256)(name), plainText(64)(kind)]
  return { name, kind, attributes }
}

const shareMembers = objectOf({
  iss: did, aud: did, relationship: id, share: id, number: integer(1), state: oneOf('given', 'revoked', 'expired'), attributes: arrayOf(id), day,
  previous: optional(byteString(32)), key: optional(byteString(16)), dek: optional(byteString(32)), copy: optional(byteString(32)),
  terms: optional(text), expires: optional(day), receipts: optional(oneOf(true)),
})
const ofGiven = ['key', 'dek', 'copy']

/** `letter` is what the statement came in: { id, key, dek, copy }, the key by name, the last two null where there are none. */
export function readShare(jws, from, to, relationship, letter) {
  const share = statement(kindOf.share, jws, from, shareMembers)
  expect(share.iss === from && share.aud === to && share.relationship === relationship)
  refuseUnless(share.number > 1 || share.previous === undefined, 'member')
  refuseUnless(share.attributes.length >= 1 && share.attributes.length <= 256 && new Set(share.attributes).size === share.attributes.length, 'value')
  const isGiven = share.state === 'given'
  refuseUnless(ofGiven.every(name => (share[name] !== undefined) === isGiven), 'member')
  refuseUnless(isGiven || ['terms', 'expires', 'receipts'].every(name => share[name] === undefined), 'member')
  refuseUnless(share.terms === undefined || share.terms.length >= 1 && share.terms.length <= 4096, 'value')
  refuseUnless(share.share === letter.id, 'letter')
  if (isGiven) refuseUnless(letter.dek !== null && letter.copy !== null && share.key.equals(letter.key) && share.copy.equals(sha256(letter.copy)), 'letter')
  else refuseUnless(letter.dek === null && letter.copy === null, 'letter')
  return share
}

/** Whether a statement that was read may come after the last one of its share. */
export function follow(known, jws) {
  const [last, next] = [known, jws].map(each => shareMembers(parseJson(payloadOfJws(kindOf.share, each))))
  refuseUnless(next.share === last.share && last.state === 'given' && next.number > last.number, 'order')
  refuseUnless(next.previous !== undefined, 'order')
  refuseUnless(next.number > last.number + 1 || next.previous.equals(hashOfJws(known)), 'order')
}

const eventMembers = objectOf({ iss: did, attribute: id, event: oneOf('shared', 'changed', 'revoked', 'expired', 'accepted', 'read'), number: integer(1) })
export function readEvent(jws, issuer) {
  const event = statement(kindOf.event, jws, issuer, eventMembers)
  expect(event.iss === issuer)
  return event
}
