// docs/spec/signed-objects.md.
import { b64u, readB64u, sha256, utf8 } from './bytes.mjs'
import { curves, sign as signEcdsa, verify as verifyEcdsa } from './ecdsa.mjs'
import { sign, verify } from './ed25519.mjs'
import { refuseUnless } from './refusal.mjs'

export const kinds = ['keystore-login+jwt', 'keystore-proof+jwt', 'keystore-head+jwt', 'signed-content+jwt', 'keystore-admission+jwt', 'keystore-deletion+jwt', 'vault-head+jwt', 'vault-deletion+jwt', 'did-sign-in+jwt']

/** What a person signs: open to keys on other curves too. */
const onEveryCurve = ['signed-content+jwt', 'did-sign-in+jwt']

const header = (kind, type = 'ed25519') => `{"alg":"${type === 'ed25519' ? 'Ed25519' : curves[type].alg}","typ":"${kind}"}`

export const signingInput = (kind, payload, headerText = header(kind)) => `${b64u(utf8(headerText))}.${b64u(payload)}`

/** `headerText` is a parameter so that a wrong one can be signed. */
export function signJws(kind, payload, seed, headerText) {
  const input = signingInput(kind, payload, headerText)
  return `${input}.${b64u(sign(seed, utf8(input)))}`
}

/** The same with a key on another curve. */
export function signJwsOn(type, kind, payload, secret, headerText = header(kind, type)) {
  const input = signingInput(kind, payload, headerText)
  return `${input}.${b64u(signEcdsa(type, secret, utf8(input)))}`
}

/** The payload's bytes. The key decides the algorithm; only what a person signs is open to all of them. */
export function openJws(kind, jws, publicKey, type = 'ed25519') {
  const parts = jws.split('.')
  refuseUnless(parts.length === 3, 'encoding')
  const [head, payload, signature] = parts
  refuseUnless(type === 'ed25519' || onEveryCurve.includes(kind), 'header')
  refuseUnless(head === b64u(utf8(header(kind, type))), 'header')
  const data = readB64u(payload)
  const input = utf8(`${head}.${payload}`)
  if (type === 'ed25519') verify(publicKey, input, readB64u(signature))
  else verifyEcdsa(type, publicKey, input, readB64u(signature))
  return data
}

/** The payload's bytes of an object that says in there whose it is; to be opened with that key afterwards. */
export function payloadOfJws(kind, jws) {
  const parts = jws.split('.')
  refuseUnless(parts.length === 3, 'encoding')
  const types = onEveryCurve.includes(kind) ? ['ed25519', ...Object.keys(curves)] : ['ed25519']
  refuseUnless(types.some(type => parts[0] === b64u(utf8(header(kind, type)))), 'header')
  return readB64u(parts[1])
}

export const hashOfJws = jws => sha256(utf8(jws.slice(0, jws.lastIndexOf('.'))))
