// docs/spec/key-hierarchy.md sections 1 and 2.
import { readFileSync } from 'node:fs'
import { pbkdf2Sync } from 'node:crypto'
import { bytes, expand, extract, fields, hkdf, sha256, utf8 } from './bytes.mjs'
import { refuse, refuseUnless } from './refusal.mjs'
import { publicKeyOf } from './ed25519.mjs'

const listHash = '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda'
const places = ['../../../src/Keyladder.Keys/Passphrases/english.txt', '../../../../shared/vectors/bip39/english.txt']

export const wordList = (() => {
  for (const place of places) {
    let data
    try {
      data = readFileSync(new URL(place, import.meta.url))
    } catch {
      continue
    }
    if (sha256(data).toString('hex') !== listHash) throw new Error(`${place} is not the BIP-39 English list`)
    return data.toString('ascii').trimEnd().split('\n')
  }
  throw new Error('the BIP-39 English list is missing')
})()

const bits = data => [...data].map(byte => byte.toString(2).padStart(8, '0')).join('')
const wordsChecksum = entropy => bits(sha256(entropy)).slice(0, 4)

export function writeWords(entropy) {
  return (bits(entropy) + wordsChecksum(entropy)).match(/.{11}/g).map(index => wordList[parseInt(index, 2)]).join(' ')
}

/** Canonical words of a typed text that is meant as words. A refusal for an unknown word names its position, from 1. */
export function readWords(typed) {
  const words = typed.normalize('NFKC').split(/[\x20\t-\r]+/).filter(word => word !== '').map(word => word.replace(/[A-Z]/g, letter => letter.toLowerCase()))
  refuseUnless(words.length === 12, 'count')
  const indexes = words.map((word, index) => {
    const found = wordList.indexOf(word)
    refuseUnless(found >= 0, 'word', { position: index + 1 })
    return found.toString(2).padStart(11, '0')
  })
  const all = indexes.join('')
  const entropy = Buffer.from(all.slice(0, 128).match(/.{8}/g).map(byte => parseInt(byte, 2)))
  refuseUnless(wordsChecksum(entropy) === all.slice(128), 'checksum')
  return words.join(' ')
}

export const hasShapeOfWords = typed => /^[\x20\t-\r]*([A-Za-z]+[\x20\t-\r]+){11}[A-Za-z]+[\x20\t-\r]*$/.test(typed.normalize('NFKC'))

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeCheck = (label, secret) => sha256(fields(label, secret)).subarray(0, 3)

/** `check` is a parameter so that a wrong one can be written. */
export function writeCode(version, label, secret, check = codeCheck(label, secret)) {
  const symbols = bits(bytes(secret, check)).match(/.{5}/g).map(index => crockford[parseInt(index, 2)]).join('')
  return [version, ...symbols.match(/.{7}/g)].join('-')
}

export function readCode(version, label, typed) {
  const all = typed.replace(/[\x20\t-\r-]/g, '').replace(/[a-z]/g, letter => letter.toUpperCase())
  refuseUnless(all.startsWith(version), 'prefix')
  const symbols = all.slice(3).replaceAll('O', '0').replace(/[IL]/g, '1')
  for (const symbol of symbols) refuseUnless(crockford.includes(symbol), 'symbol')
  refuseUnless(symbols.length === 56, 'length')
  const data = Buffer.from([...symbols].map(symbol => crockford.indexOf(symbol).toString(2).padStart(5, '0')).join('').match(/.{8}/g).map(byte => parseInt(byte, 2)))
  const secret = data.subarray(0, 32)
  refuseUnless(codeCheck(label, secret).equals(data.subarray(32)), 'checksum')
  return secret
}

export const writeSecretKey = (secret, check) => writeCode('KL1', 'keystore/v1/secret-key', secret, check)
export const readSecretKey = typed => readCode('KL1', 'keystore/v1/secret-key', typed)

/** The canonical passphrase, as text. */
export function readPassphrase(typed) {
  refuseUnless(typed.isWellFormed(), 'surrogate')
  refuseUnless(!/\p{Cn}/u.test(typed), 'unassigned')
  if (hasShapeOfWords(typed)) refuse('shape-of-words')
  refuseUnless(!/\p{Cc}/u.test(typed), 'control-character')
  const canonical = typed.normalize('NFKC').replace(/^ +| +$/g, '')
  const length = [...canonical].length
  refuseUnless(length >= 8 && length <= 1024, 'length')
  return canonical
}

export const derivationOfWords = words => derive(utf8(words), utf8('keystore/v1/words'), Buffer.alloc(0))

export const derivationOfPassphrase = (canonical, secret) =>
  derive(utf8(canonical), hkdf(secret, '', 'keystore/v1/passphrase-salt', 32), secret)

export function derivationOfDevice(secret) {
  refuseUnless(secret.length === 32, 'length')
  return deriveFrom(extract(utf8('keystore/v1/device-secret'), secret))
}

function derive(password, salt, secret) {
  const pdk = pbkdf2Sync(password, salt, 600_000, 64, 'sha512')
  return { password, salt, pdk, ...deriveFrom(extract(secret, pdk)) }
}

function deriveFrom(prk) {
  const loginSeed = expand(prk, 'keystore/v1/login-keypair', 32)
  return {
    prk, loginSeed,
    locator: expand(prk, 'keystore/v1/slot-locator', 32),
    loginPublic: publicKeyOf(loginSeed),
    mek: expand(prk, 'keystore/v1/master-encryption-key', 32),
  }
}
