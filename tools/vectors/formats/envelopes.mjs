// docs/spec/envelopes.md, and the contexts of docs/spec/key-hierarchy.md section 3.
import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import { bytes, expand, fields, hex, utf8 } from './bytes.mjs'
import { refuse, refuseUnless } from './refusal.mjs'
import { curves, publicKeyOf as publicKeyOn } from './ecdsa.mjs'
import { publicKeyOf } from './ed25519.mjs'

export const chunkSize = 16_384
const tagSize = 16
const headerSize = 56

function keysOf(key, salt, context) {
  const info = bytes(utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM'), Buffer.of(0), salt, context)
  const output = expand(key, info, 76)
  return { chunkKey: output.subarray(0, 32), nonce: output.subarray(32, 44), commitment: output.subarray(44) }
}

function nonceOf(base, number) {
  const nonce = Buffer.from(base)
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8)
  return nonce
}

function sealChunk(keys, number, part) {
  const cipher = createCipheriv('aes-256-gcm', keys.chunkKey, nonceOf(keys.nonce, number))
  return bytes(cipher.update(part), cipher.final(), cipher.getAuthTag())
}

function openChunk(keys, number, chunk) {
  const decipher = createDecipheriv('aes-256-gcm', keys.chunkKey, nonceOf(keys.nonce, number), { authTagLength: tagSize })
  decipher.setAuthTag(chunk.subarray(-tagSize))
  const part = decipher.update(chunk.subarray(0, -tagSize))
  try {
    decipher.final()
  } catch {
    refuse('tag')
  }
  return part
}

/** The sealed chunks one by one, for those who want to put them together wrongly: `header`, then `chunk(number, plaintext part)`. */
export function sealer(key, salt, context) {
  const keys = keysOf(key, salt, context)
  return {
    header: bytes(Buffer.of(1), salt, keys.commitment),
    chunk: (number, part) => sealChunk(keys, number, part),
    /** The plaintext part whose ciphertext is the given one. */
    partFor: (number, ciphertext) => createDecipheriv('aes-256-gcm', keys.chunkKey, nonceOf(keys.nonce, number)).update(ciphertext),
  }
}

export function seal(key, salt, context, plaintext) {
  const { header, chunk } = sealer(key, salt, context)
  const chunks = []
  for (let number = 0; number * chunkSize <= plaintext.length; number++)
    chunks.push(chunk(number, plaintext.subarray(number * chunkSize, (number + 1) * chunkSize)))
  return bytes(header, ...chunks)
}

export function open(key, context, envelope) {
  refuseUnless(envelope.length >= 1 + headerSize + tagSize, 'length')
  refuseUnless(envelope[0] === 1, 'version')
  const keys = keysOf(key, envelope.subarray(1, 25), context)
  refuseUnless(timingSafeEqual(keys.commitment, envelope.subarray(25, 57)), 'commitment')
  const parts = []
  for (let number = 0, at = 57; ; number++, at += chunkSize + tagSize) {
    const chunk = envelope.subarray(at, at + chunkSize + tagSize)
    refuseUnless(chunk.length >= tagSize, 'length')
    parts.push(openChunk(keys, number, chunk))
    if (chunk.length < chunkSize + tagSize) return bytes(...parts)
  }
}

/** Shortest allowed length for a content of the given length. */
export function shortestLength(length) {
  const n = length + 1
  const step = n <= 1024 ? 64 : 2 ** (Math.floor(Math.log2(n)) - (Math.floor(Math.log2(Math.floor(Math.log2(n)))) + 1))
  return Math.ceil(n / step) * step
}

const allowedLength = (padding, length) => padding === 'shortest' ? shortestLength(length) : padding

/** `padding` is 'shortest' or a fixed number of bytes. */
export const pad = (content, padding) => {
  const length = allowedLength(padding, content.length)
  if (content.length >= length) throw new Error('the content does not fit')
  return bytes(content, Buffer.of(0x80), Buffer.alloc(length - content.length - 1))
}

export function unpad(padded, padding) {
  const end = padded.findLastIndex(byte => byte !== 0)
  refuseUnless(end >= 0 && padded[end] === 0x80, 'padding')
  refuseUnless(padded.length === allowedLength(padding, end), 'padding')
  return padded.subarray(0, end)
}

const id = name => from => ({ id: from[name] })
const plain = name => from => from[name]
const inHex = name => from => hex(from[name])
const ofKey = [id('account'), id('kek'), id('key'), plain('purpose'), plain('type')]

/** Per label: the further fields of its context, its padding and how many bytes its content has, if that is fixed. */
export const labels = {
  'keystore/v1/wrapped-kek': { fields: [id('account'), id('slot'), id('kek')], padding: 128, size: 32 },
  'keystore/v1/wrapped-personal-dek': { fields: ofKey, padding: 128, size: 32 },
  'keystore/v1/wrapped-sharing-dek': { fields: ofKey, padding: 128, size: 32 },
  'keystore/v1/wrapped-keypair': { fields: ofKey, padding: 128, size: from => from.type === 'ed25519' ? 64 : 65 },
  'keystore/v1/key-overview': { fields: [id('account'), id('kek'), id('key'), plain('revision')], padding: 512 },
  'keystore/v1/witness': { fields: [id('account'), id('kek'), id('keeper')], padding: 512 },
  'data/v1/personal': { fields: [id('account'), id('key'), id('object'), plain('revision')], padding: 'shortest' },
  'data/v1/sharing': { fields: [id('object'), plain('revision')], padding: 'shortest' },
  'file/v1/personal': { fields: [id('account')], padding: 'none' },
  'file/v1/sharing': { fields: [], padding: 'none' },
  'vault/v1/item': { fields: [id('account'), id('item'), plain('revision'), inHex('dekName')], padding: 'shortest' },
  'vault/v1/attribute': { fields: [id('account'), id('item'), id('attribute'), plain('revision'), inHex('dekName')], padding: 'shortest' },
}

export const contextOf = (label, from) => fields(label, ...labels[label].fields.map(field => field(from)))

/** The content of an object's envelope, with every check that the label asks for; `publicKey` is what a keypair's overview says. */
export function openObject(label, key, from, envelope, publicKey) {
  const { padding, size } = labels[label]
  const content = unpad(open(key, contextOf(label, from), envelope), padding)
  refuseUnless(size === undefined || content.length === (typeof size === 'function' ? size(from) : size), 'content')
  if (label === 'keystore/v1/wrapped-keypair') {
    const secret = content.subarray(0, 32)
    const computed = curves[from.type] ? publicKeyOn(from.type, secret) : publicKeyOf(secret)
    refuseUnless(computed.equals(content.subarray(32)) && computed.equals(publicKey), 'content')
  }
  return content
}

export const fileStart = utf8('keyladder-file/v1\n')

export function openFile(label, key, from, file) {
  refuseUnless(file.subarray(0, fileStart.length).equals(fileStart), 'file-start')
  return open(key, contextOf(label, from), file.subarray(fileStart.length))
}
