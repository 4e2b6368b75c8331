// docs/spec/signed-objects.md.
import { b64u, readB64u, sha256, utf8 } from './bytes.mjs'
import { sign, verify } from './ed25519.mjs'
import { refuseUnless } from './refusal.mjs'

export const kinds = ['keystore-login+jwt', 'keystore-proof+jwt', 'keystore-head+jwt', 'signed-content+jwt', 'keystore-admission+jwt', 'keystore-deletion+jwt', 'vault-head+jwt', 'vault-deletion+jwt']

const header = kind => `{"alg":"Ed25519","typ":"${kind}"}`

export const signingInput = (kind, payload, headerText = header(kind)) => `${b64u(utf8(headerText))}.${b64u(payload)}`

/** `headerText` is a parameter so that a wrong one can be signed. */
export function signJws(kind, payload, seed, headerText) {
  const input = signingInput(kind, payload, headerText)
  return `${input}.${b64u(sign(seed, utf8(input)))}`
}

/** The payload's bytes. */
export function openJws(kind, jws, publicKey) {
  const parts = jws.split('.')
  refuseUnless(parts.length === 3, 'encoding')
  const [head, payload, signature] = parts
  refuseUnless(head === b64u(utf8(header(kind))), 'header')
  const data = readB64u(payload)
  verify(publicKey, utf8(`${head}.${payload}`), readB64u(signature))
  return data
}

/** The payload's bytes of an object that says in there whose it is; to be opened with that key afterwards. */
export function payloadOfJws(kind, jws) {
  const parts = jws.split('.')
  refuseUnless(parts.length === 3, 'encoding')
  refuseUnless(parts[0] === b64u(utf8(header(kind))), 'header')
  return readB64u(parts[1])
}

export const hashOfJws = jws => sha256(utf8(jws.slice(0, jws.lastIndexOf('.'))))
