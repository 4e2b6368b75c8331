// docs/spec/README.md, "Notation".
import { createHash, createHmac } from 'node:crypto'
import { refuse, refuseUnless } from './refusal.mjs'

export const bytes = (...parts) => Buffer.concat(parts.map(part => Buffer.from(part)))
export const hex = text => Buffer.from(text, 'hex')
export const utf8 = text => Buffer.from(text, 'utf8')
export const sha256 = data => createHash('sha256').update(data).digest()
export const sha512 = data => createHash('sha512').update(data).digest()
export const hmac512 = (key, data) => createHmac('sha512', key).update(data).digest()

export function u32(value) {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

export function u64(value) {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}

/** A field is a Buffer, { id: uuid text }, a text or an integer. */
const fieldBytes = field =>
  Buffer.isBuffer(field) ? field
    : typeof field === 'object' ? readId(field.id)
      : typeof field === 'string' ? utf8(field)
        : u64(field)

export const fields = (...values) =>
  bytes(...values.map(fieldBytes).flatMap(field => [u32(field.length), field]))

export const b64u = data => Buffer.from(data).toString('base64url')

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Strict: the one text that encodes the bytes, or a refusal. */
export function readB64u(text) {
  for (const symbol of text) refuseUnless(alphabet.includes(symbol), 'encoding')
  refuseUnless(text.length % 4 !== 1, 'encoding')
  const data = Buffer.from(text, 'base64url')
  refuseUnless(b64u(data) === text, 'encoding')
  return data
}

const idForm = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The 16 bytes of a version-4 UUID in its one text form. */
export function readId(text) {
  if (!idForm.test(text) || text.length !== 36) refuse('encoding')
  return hex(text.replaceAll('-', ''))
}

export function writeId(data) {
  const digits = data.toString('hex')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}

export const expand = (key, info, length) => {
  let block = Buffer.alloc(0)
  let output = Buffer.alloc(0)
  for (let counter = 1; output.length < length; counter++) {
    block = hmac512(key, bytes(block, utf8(info), Buffer.of(counter)))
    output = bytes(output, block)
  }
  return output.subarray(0, length)
}

export const extract = (salt, inputKey) => hmac512(salt.length === 0 ? Buffer.alloc(64) : salt, inputKey)

export const hkdf = (inputKey, salt, info, length) => expand(extract(salt, inputKey), info, length)
