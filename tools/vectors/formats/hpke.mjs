// docs/spec/hpke.md: HPKE (RFC 9180) in base mode with X-Wing.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import { bytes, utf8 } from './bytes.mjs'
import { x25519Agree, x25519PublicKeyOf } from './ed25519.mjs'
import { ciphertextSize, decapsulate, encapsulate, encapsulationKeySize, isEncapsulationKey, keyPair } from './mlkem.mjs'
import { refuse, refuseUnless } from './refusal.mjs'

export const publicKeySize = encapsulationKeySize + 32
export const encapsulationSize = ciphertextSize + 32
const tagSize = 16

const u16 = value => Buffer.of(value >> 8, value & 0xff)
const combine = (...parts) => createHash('sha3-256').update(bytes(...parts, utf8('\\.//^\\'))).digest()

function expandKey(seed) {
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest()
  const kem = keyPair(expanded.subarray(0, 32), expanded.subarray(32, 64))
  const curve = expanded.subarray(64)
  return { kem, curve, publicKey: bytes(kem.encapsulationKey, x25519PublicKeyOf(curve)) }
}

export const xwingPublicKeyOf = seed => expandKey(seed).publicKey

/** Any scalar makes zeros of a point of small order. */
const isSmallOrder = point => {
  try {
    x25519Agree(Buffer.alloc(32, 0x55), point)
    return false
  } catch {
    return true
  }
}

export const checkPublicKey = key => {
  refuseUnless(key.length === publicKeySize, 'length')
  refuseUnless(isEncapsulationKey(key.subarray(0, encapsulationKeySize)) && !isSmallOrder(key.subarray(-32)), 'key')
  return key
}

/** `randomness` is 64 bytes: ML-KEM's message, then the secret of the X25519 half. */
export function xwingEncapsulate(publicKey, randomness) {
  checkPublicKey(publicKey)
  const { shared, ciphertext } = encapsulate(publicKey.subarray(0, encapsulationKeySize), randomness.subarray(0, 32))
  const point = x25519PublicKeyOf(randomness.subarray(32))
  const agreed = x25519Agree(randomness.subarray(32), publicKey.subarray(-32))
  return { shared: combine(shared, agreed, point, publicKey.subarray(-32)), encapsulation: bytes(ciphertext, point) }
}

export function xwingDecapsulate(seed, encapsulation) {
  const { kem, curve, publicKey } = expandKey(seed)
  const point = encapsulation.subarray(ciphertextSize)
  return combine(decapsulate(kem, encapsulation.subarray(0, ciphertextSize)), x25519Agree(curve, point), point, publicKey.subarray(-32))
}

const hmac = (key, data) => createHmac('sha256', key).update(data).digest()

/** The id of the AEAD is a parameter for the published vectors, which have another one. */
export function keySchedule(shared, info, aead = 2) {
  const suite = bytes(utf8('HPKE'), u16(0x647a), u16(1), u16(aead))
  const extract = (salt, label, input) => hmac(salt, bytes(utf8('HPKE-v1'), suite, utf8(label), input))
  const expand = (key, label, context, length) => // one block is enough
    hmac(key, bytes(u16(length), utf8('HPKE-v1'), suite, utf8(label), context, Buffer.of(1))).subarray(0, length)
  const none = Buffer.alloc(0)
  const context = bytes(Buffer.of(0), extract(none, 'psk_id_hash', none), extract(none, 'info_hash', info))
  const secret = extract(shared, 'secret', none)
  return { key: expand(secret, 'key', context, 32), nonce: expand(secret, 'base_nonce', context, 12) }
}

export function sealTo(publicKey, info, plaintext, randomness) {
  const { shared, encapsulation } = xwingEncapsulate(publicKey, randomness)
  const { key, nonce } = keySchedule(shared, info)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return bytes(encapsulation, cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

export function openFrom(seed, info, sealed) {
  refuseUnless(sealed.length >= encapsulationSize + tagSize, 'length')
  const { key, nonce } = keySchedule(xwingDecapsulate(seed, sealed.subarray(0, encapsulationSize)), info)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagSize })
  decipher.setAuthTag(sealed.subarray(-tagSize))
  const plaintext = decipher.update(sealed.subarray(encapsulationSize, -tagSize))
  try {
    decipher.final()
  } catch {
    refuse('tag')
  }
  return plaintext
}
