// Ed25519 (RFC 8032) and X25519 (RFC 7748) over Node's crypto, with the refusals of docs/spec/signed-objects.md.
import { createPrivateKey, createPublicKey, diffieHellman, sign as nodeSign, verify as nodeVerify } from 'node:crypto'
import { bytes, hex, sha512 } from './bytes.mjs'
import { add, decodePoint, encodePoint, fromLittleEndian, groupOrder, hasPrimeOrder, toLittleEndian } from './curve.mjs'
import { refuse, refuseUnless } from './refusal.mjs'

const privateKey = (algorithm, seed) =>
  createPrivateKey({ key: bytes(hex(`302e020100300506032b65${algorithm}04220420`), seed), format: 'der', type: 'pkcs8' })
const publicKey = (algorithm, raw) =>
  createPublicKey({ key: bytes(hex(`302a300506032b65${algorithm}032100`), raw), format: 'der', type: 'spki' })
const rawPublic = key => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
const ed25519 = '70'
const x25519 = '6e'

export const publicKeyOf = seed => rawPublic(privateKey(ed25519, seed))
export const sign = (seed, data) => nodeSign(null, data, privateKey(ed25519, seed))

export function verify(raw, data, signature) {
  refuseUnless(hasPrimeOrder(raw), 'key')
  refuseUnless(signature.length === 64, 'signature')
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
  refuseUnless(fromLittleEndian(s) < groupOrder, 'signature')
  refuseUnless(hasPrimeOrder(r), 'signature')
  refuseUnless(nodeVerify(null, data, publicKey(ed25519, raw), signature), 'signature')
}

// What a forger would write: signatures that one lax verifier or another takes.

/** The same signature with S + L in place of S. */
export const withLargeS = signature =>
  bytes(signature.subarray(0, 32), toLittleEndian(fromLittleEndian(signature.subarray(32)) + groupOrder))

const scalarOf = seed => {
  const digest = sha512(seed).subarray(0, 32)
  digest[0] &= 248
  digest[31] = (digest[31] & 127) | 64
  return fromLittleEndian(digest)
}
const challenge = (r, a, data) => fromLittleEndian(sha512(bytes(r, a, data))) % groupOrder

/** S = r + ka for any encodings of R and A; r is 0 where there is no nonce. */
const response = (r, a, data, seed, nonceSeed) =>
  toLittleEndian(((nonceSeed ? scalarOf(nonceSeed) : 0n) + challenge(r, a, data) * (seed ? scalarOf(seed) : 0n)) % groupOrder)

/** Under a public key that is the neutral element: R = rB, S = r, whatever the data. */
export const underNeutralKey = (key, data, nonceSeed) => bytes(publicKeyOf(nonceSeed), response(publicKeyOf(nonceSeed), key, data, null, nonceSeed))

/** By an honest key, with an encoding of the neutral element for R: S = ka. */
export const withNeutralR = (seed, r, data) => bytes(r, response(r, publicKeyOf(seed), data, seed))

/** The encoding of a point plus one of small order. */
export const mixed = (point, small) => encodePoint(add(decodePoint(point), decodePoint(small)))

/** By an honest key, with R plus a point of small order: only the equation with the cofactor holds. */
export function withMixedR(seed, small, data, nonceSeed) {
  const r = mixed(publicKeyOf(nonceSeed), small)
  return bytes(r, response(r, publicKeyOf(seed), data, seed, nonceSeed))
}

/** Under a key plus a point of small order: the equation without the cofactor holds too if the challenge is a multiple of 8. */
export function underMixedKey(key, seed, data, nonceSeed) {
  const r = publicKeyOf(nonceSeed)
  return { signature: bytes(r, response(r, key, data, seed, nonceSeed)), passes: challenge(r, key, data) % 8n === 0n }
}

export const x25519PublicKeyOf = secret => rawPublic(privateKey(x25519, secret))

export function x25519Agree(secret, otherPublic) {
  try {
    return diffieHellman({ privateKey: privateKey(x25519, secret), publicKey: publicKey(x25519, otherPublic) })
  } catch {
    refuse('shared-secret') // OpenSSL refuses the all-zero result
  }
}
