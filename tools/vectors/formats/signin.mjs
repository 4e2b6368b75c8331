// docs/spec/sign-in.md.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { b64u, bytes, fields, hkdf, readB64u, readId, sha256, utf8 } from './bytes.mjs'
import { sign, verify, x25519Agree, x25519PublicKeyOf } from './ed25519.mjs'
import { byteString, integer, objectOf, parseJson, text } from './json.mjs'
import { openJws } from './jws.mjs'
import { refuse, refuseUnless } from './refusal.mjs'

export const keyIdOf = (generation, account, session) => b64u(bytes(Buffer.of(generation), readId(account), readId(session)))

export const servicePrivate = (serviceSecret, keyId, clientPublic) =>
  hkdf(serviceSecret, '', fields('keystore/v1/session-x25519', keyId, clientPublic), 32)

export function sessionKey(ownPrivate, otherPublic, origin, keyId, clientPublic, serverPublic) {
  const shared = x25519Agree(ownPrivate, otherPublic)
  return { shared, key: hkdf(shared, '', fields('keystore/v1/session-key', origin, keyId, clientPublic, serverPublic), 32) }
}

export { x25519PublicKeyOf }

const components = ['@method', '@authority', '@path', '@query', 'content-digest']

export const contentDigest = body => `sha-256=:${sha256(body).toString('base64')}:`

const parametersOf = ({ created, nonce, keyId }) =>
  `(${components.map(name => `"${name}"`).join(' ')});created=${created};nonce="${nonce}";keyid="${keyId}";alg="hmac-sha256"`

export function signatureBase(request, parameters) {
  const values = [request.method, request.authority, request.path, request.query === '' ? '?' : request.query, contentDigest(request.body)]
  return [...components.map((name, index) => `"${name}": ${values[index]}`), `"@signature-params": ${parameters}`].join('\n')
}

const mac = (key, base) => createHmac('sha256', key).update(base).digest()

export const signatureOf = (request, key, parameters) => `sig=:${mac(key, signatureBase(request, parameters)).toString('base64')}:`

export function signRequest(request, key, from) {
  const parameters = parametersOf(from)
  return {
    base: signatureBase(request, parameters),
    contentDigest: contentDigest(request.body),
    signatureInput: `sig=${parameters}`,
    signature: signatureOf(request, key, parameters),
  }
}

const inputForm = /^sig=(\(.*\);created=(0|[1-9][0-9]*);nonce="([A-Za-z0-9_-]{22})";keyid="([A-Za-z0-9_-]{44})";alg="hmac-sha256")$/

/** What a service does with the three headers; the clock and the session are its own affair. */
export function verifyRequest(request, headers, key) {
  const match = inputForm.exec(headers.signatureInput)
  refuseUnless(match !== null, 'signature-input')
  const from = { created: Number(match[2]), nonce: match[3], keyId: match[4] }
  for (const value of [from.nonce, from.keyId])
    try { readB64u(value) } catch { refuse('signature-input') }
  refuseUnless(match[1] === parametersOf(from), 'signature-input')
  refuseUnless(headers.contentDigest === contentDigest(request.body), 'digest')
  const form = /^sig=:([A-Za-z0-9+/]{43}=):$/.exec(headers.signature)
  refuseUnless(form !== null, 'signature')
  const sent = Buffer.from(form[1], 'base64')
  refuseUnless(sent.toString('base64') === form[1], 'signature')
  refuseUnless(timingSafeEqual(sent, mac(key, signatureBase(request, match[1]))), 'signature')
  return from
}

const guestParametersOf = ({ created, nonce, channel }) =>
  `(${components.map(name => `"${name}"`).join(' ')});created=${created};nonce="${nonce}";keyid="${channel}";alg="ed25519"`

export const guestSignatureOf = (request, seed, parameters) => `sig=:${sign(seed, utf8(signatureBase(request, parameters))).toString('base64')}:`

export function signGuestRequest(request, seed, from) {
  const parameters = guestParametersOf(from)
  return { contentDigest: contentDigest(request.body), signatureInput: `sig=${parameters}`, signature: guestSignatureOf(request, seed, parameters) }
}

const guestInputForm = /^sig=(\(.*\);created=(0|[1-9][0-9]{0,14});nonce="([A-Za-z0-9_-]{22})";keyid="([0-9a-f-]{36})";alg="ed25519")$/

/** What a Vault does with the headers of a guest whose channel has this public key. */
export function verifyGuestRequest(request, headers, guestKey) {
  const match = guestInputForm.exec(headers.signatureInput)
  refuseUnless(match !== null, 'signature-input')
  const from = { channel: match[4], created: Number(match[2]), nonce: match[3] }
  try {
    readB64u(from.nonce)
    readId(from.channel)
  } catch { refuse('signature-input') }
  refuseUnless(match[1] === guestParametersOf(from), 'signature-input')
  refuseUnless(headers.contentDigest === contentDigest(request.body), 'digest')
  const form = /^sig=:([A-Za-z0-9+/]{86}==):$/.exec(headers.signature)
  refuseUnless(form !== null, 'signature')
  const sent = Buffer.from(form[1], 'base64')
  refuseUnless(sent.toString('base64') === form[1], 'signature')
  verify(guestKey, utf8(signatureBase(request, match[1])), sent)
  return from
}

const common = {
  aud: text,
  nonce: value => {
    refuseUnless(text(value) !== '' && [...value].length <= 128, 'value')
    return value
  },
  sub: byteString(32),
  iat: integer(),
}
const payloads = {
  'keystore-login+jwt': objectOf({ ...common, key: byteString(32) }),
  'keystore-proof+jwt': objectOf({ ...common, head: byteString(32) }),
}

export const readSignIn = (kind, jws, loginPublic) => payloads[kind](parseJson(openJws(kind, jws, loginPublic)))
