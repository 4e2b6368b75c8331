// docs/spec/passphrase-store.md section 1, and the words of section 6.
import { b64u, bytes, fields, hkdf, sha256, utf8 } from './bytes.mjs'
import { open, pad, seal, unpad } from './envelopes.mjs'
import { byteString, id, objectOf, oneOf, origin, parseJson, text } from './json.mjs'
import { publicKeyOf } from './ed25519.mjs'
import { refuse, refuseUnless } from './refusal.mjs'
import { readCode, readWords, writeCode, writeWords } from './secrets.mjs'

function idOf(label, seed) {
  const id = Buffer.from(sha256(fields(label, seed)).subarray(0, 16))
  id[6] = 0x40 | (id[6] & 0x0f)
  id[8] = 0x80 | (id[8] & 0x3f)
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export const idsOf = seed => ({ record: idOf('recovery/v1/record-id', seed), handle: idOf('recovery/v1/handle', seed) })

const canonicalUsername = typed => typed.trim().normalize('NFKC').toLowerCase().trim()

export function readUsername(typed) {
  refuseUnless(typed.isWellFormed(), 'surrogate')
  refuseUnless(!/\p{Cn}/u.test(typed), 'unassigned')
  const username = canonicalUsername(typed)
  refuseUnless(username === canonicalUsername(username), 'value')
  refuseUnless(/^[^@]+@[^@]+$/.test(username) && !/\s/u.test(username), 'value')
  refuseUnless(!/\p{Cc}/u.test(username), 'control-character')
  refuseUnless(Buffer.byteLength(username) <= 254, 'length')
  return username
}

export const saltOf = (store, username) => sha256(fields('recovery/v1/salt', store, username)).subarray(0, 16)

export const writeRecoveryCode = (secret, check) => writeCode('KR1', 'recovery/v1/code', secret, check)
export const readRecoveryCode = typed => readCode('KR1', 'recovery/v1/code', typed)

const contextOf = (label, { store, record }) => fields(`recovery/v1/${label}`, store, { id: record })
const derived = (secret, info) => hkdf(secret, '', info, 32)

const sealAt = (label, secret, place, content, salt, size) => seal(derived(secret, contextOf(label, place)), salt, contextOf(label, place), pad(content, size))
const openAt = (label, secret, place, envelope, size) => unpad(open(derived(secret, contextOf(label, place)), contextOf(label, place), envelope), size)

function openKey(label, secret, place, envelope) {
  const content = openAt(label, secret, place, envelope, 128)
  refuseUnless(content.length === 32, 'content')
  return content
}

export const sealPasswordSlot = (y1, y2, w, place, content, salt) => sealAt('password-slot', bytes(y1, y2, w), place, content, salt, 128)
export const openPasswordSlot = (y1, y2, w, place, envelope) => openKey('password-slot', bytes(y1, y2, w), place, envelope)

export const joined = (...shares) => shares.reduce((sum, share) => sum.map((byte, index) => byte ^ share[index]))
export const sealResetSlot = (shares, place, content, salt) => sealAt('reset-slot', joined(...shares), place, content, salt, 128)
export const openResetSlot = (shares, place, envelope) => openKey('reset-slot', joined(...shares), place, envelope)

export const signersOf = (r, h, { store, record, guardian, handle }) => ({
  storeKey: publicKeyOf(derived(r, contextOf('store-key', { store, record }))),
  guardianKey: publicKeyOf(derived(r, fields('recovery/v1/guardian-key', guardian, { id: handle }))),
  releaseKey: publicKeyOf(derived(h, fields('recovery/v1/release-key', guardian, { id: handle }))),
})

export const identityOf = (account, publicKey) => sha256(fields('recovery/v1/identity', { id: account }, publicKey))

export const writeKit = ({ keystore, account, identity, words }) =>
  utf8(`{"version":1,"keystore":"${keystore}","account":"${account}","identity":"${b64u(identity)}","words":"${words}"}`)
export const sealKit = (r, place, content, salt) => sealAt('kit', r, place, content, salt, 512)

const secureOrigin = value => {
  const read = origin(value)
  refuseUnless(read.length <= 72 && /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(read), 'value')
  return read
}
const canonicalWords = value => {
  try {
    refuseUnless(readWords(text(value)) === value, 'value')
  } catch {
    refuse('value')
  }
  return value
}
const readMembers = objectOf({ version: oneOf(1), keystore: secureOrigin, account: id, identity: byteString(32), words: canonicalWords })

export function openKit(r, place, envelope) {
  const content = openAt('kit', r, place, envelope, 512)
  const kit = readMembers(parseJson(content))
  refuseUnless(content.includes(utf8(`"${kit.words}"`)), 'value')
  return kit
}

export const jointWords = (service, client, place) => writeWords(hkdf(bytes(service, client), '', contextOf('words', place), 16))
