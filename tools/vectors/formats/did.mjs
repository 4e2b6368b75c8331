// docs/spec/dids.md, and "Signed content" of docs/spec/signed-objects.md.
import { b64u, bytes, hex, readB64u, sha512 } from './bytes.mjs'
import { hasPrimeOrder, montgomery } from './curve.mjs'
import { curves, decodePoint as decodeWeierstrass, jwkOf } from './ecdsa.mjs'
import { byteString, integer, objectOf, parseJson, text } from './json.mjs'
import { openJws, signJws, signJwsOn } from './jws.mjs'
import { refuseUnless } from './refusal.mjs'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export function base58(data) {
  let text = ''
  for (let value = BigInt(`0x${data.toString('hex') || '0'}`); value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text
  return '1'.repeat(data.findIndex(byte => byte !== 0)) + text
}

export function readBase58(text) {
  let value = 0n
  for (const symbol of text) {
    refuseUnless(alphabet.includes(symbol), 'encoding')
    value = value * 58n + BigInt(alphabet.indexOf(symbol))
  }
  const digits = value === 0n ? '' : value.toString(16)
  return bytes(Buffer.alloc(/^1*/.exec(text)[0].length), hex(digits.length % 2 ? `0${digits}` : digits))
}

const ed25519Code = hex('ed01')
const x25519Code = hex('ec01')
const keyPrefix = 'did:key:'
const jwkPrefix = 'did:jwk:'
const core = 'https://www.w3.org/ns/did/v1'
const jwkSuite = 'https://w3id.org/security/suites/jws-2020/v1'

/** The multicodec prefix and the key are parameters so that wrong identifiers can be written. */
export const identifierOf = (key, code = ed25519Code) => `${keyPrefix}z${base58(bytes(code, key))}`

/** The did:key of a key of any type. */
export const identifierOn = (type, key) => identifierOf(key, type === 'ed25519' ? ed25519Code : type === 'x25519' ? x25519Code : hex(curves[type].code))

const jwk = (type, key) => type === 'ed25519' ? { kty: 'OKP', crv: 'Ed25519', x: b64u(key) } : jwkOf(type, key)

/** The did:jwk that is written here; any text is a parameter so that others can be. */
export const jwkIdentifierOf = (type, key, text = JSON.stringify({ ...jwk(type, key), use: 'sig' })) => `${jwkPrefix}${b64u(Buffer.from(text))}`

const onCurve = { 'P-256': 'p-256', secp256k1: 'secp256k1' }

/** { type, key, members }; the type is x25519 where the key agrees and signs nothing. */
function resolveJwk(did) {
  const members = Object.fromEntries(parseJson(readB64u(did.slice(jwkPrefix.length))))
  for (const name of Object.keys(members)) refuseUnless(['kty', 'crv', 'x', 'y', 'use', 'alg', 'kid', 'key_ops'].includes(name), 'member')
  const { kty, crv, x, y, use } = members
  refuseUnless(use === undefined || use === 'sig' || use === 'enc', 'value')
  const point = byteString(32)(x)
  if (onCurve[crv]) {
    refuseUnless(kty === 'EC', 'value')
    const key = bytes(Buffer.of(2 + (byteString(32)(y)[31] & 1)), point)
    refuseUnless(decodeWeierstrass(onCurve[crv], key) !== null && jwkOf(onCurve[crv], key).y === y, 'key')
    return { type: onCurve[crv], key, members, signs: use !== 'enc' }
  }
  refuseUnless(kty === 'OKP' && y === undefined && (crv === 'Ed25519' || crv === 'X25519'), 'value')
  if (crv === 'X25519') {
    refuseUnless(use !== 'sig', 'value')
    return { type: 'x25519', key: point, members, signs: false }
  }
  refuseUnless(use !== 'enc', 'value')
  refuseUnless(hasPrimeOrder(point), 'key')
  return { type: 'ed25519', key: point, members, signs: true }
}

/** { type, key, signs } of a DID whose key is its identifier. */
export function resolve(did) {
  if (did.startsWith(jwkPrefix)) return resolveJwk(did)
  refuseUnless(did.startsWith(keyPrefix), 'prefix')
  refuseUnless(did.startsWith(`${keyPrefix}z`), 'encoding')
  const data = readBase58(did.slice(`${keyPrefix}z`.length))
  refuseUnless(data.length === 34 || data.length === 35, 'length')
  const [code, key] = [data.subarray(0, 2), data.subarray(2)]
  for (const type of Object.keys(curves)) {
    if (!code.equals(hex(curves[type].code))) continue
    refuseUnless(key.length === 33, 'length')
    refuseUnless(decodeWeierstrass(type, key) !== null, 'key')
    return { type, key, signs: true }
  }
  refuseUnless(data.length === 34, 'length')
  if (code.equals(x25519Code)) return { type: 'x25519', key, signs: false }
  refuseUnless(code.equals(ed25519Code), 'prefix')
  refuseUnless(hasPrimeOrder(key), 'key')
  return { type: 'ed25519', key, signs: true }
}

const relations = ['assertionMethod', 'authentication', 'capabilityInvocation', 'capabilityDelegation']
const listed = (id, names) => Object.fromEntries(names.map(name => [name, [id]]))

export function documentOf(did) {
  const { type, key, members } = resolve(did)
  if (members) {
    const id = `${did}#0`
    const names = members.use === 'enc' ? ['keyAgreement'] : members.use === 'sig' ? relations : [...relations, 'keyAgreement']
    return { '@context': [core, jwkSuite], id: did, verificationMethod: [{ id, type: 'JsonWebKey2020', controller: did, publicKeyJwk: members }], ...listed(id, names) }
  }
  const method = `${did}#${did.slice(keyPrefix.length)}`
  const agreementOf = agreement => ({ id: `${did}#z${base58(bytes(x25519Code, agreement))}`, type: 'X25519KeyAgreementKey2019', controller: did, publicKeyBase58: base58(agreement) })
  if (type === 'x25519')
    return { '@context': [core, 'https://w3id.org/security/suites/x25519-2019/v1'], id: did, verificationMethod: [agreementOf(key)], ...listed(method, ['keyAgreement']) }
  if (type !== 'ed25519')
    return { '@context': [core, jwkSuite], id: did, verificationMethod: [{ id: method, type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwkOf(type, key) }], ...listed(method, relations) }
  const agreement = agreementOf(montgomery(key))
  return {
    '@context': [core, 'https://w3id.org/security/suites/ed25519-2018/v1', 'https://w3id.org/security/suites/x25519-2019/v1'],
    id: did,
    verificationMethod: [{ id: method, type: 'Ed25519VerificationKey2018', controller: did, publicKeyBase58: base58(key) }, agreement],
    ...listed(method, relations),
    keyAgreement: [agreement.id],
  }
}

export const contentStatement = (did, iat, content) => ({ iss: did, iat, sha512: b64u(sha512(content)), size: content.length })

export const signStatement = (statement, seed) => signJws('signed-content+jwt', Buffer.from(JSON.stringify(statement)), seed)

export const signStatementOn = (type, statement, secret) => signJwsOn(type, 'signed-content+jwt', Buffer.from(JSON.stringify(statement)), secret)

const statementOf = objectOf({ iss: text, iat: integer(), sha512: byteString(64), size: integer() })

export function verifyContent(did, jws, content) {
  const { type, key } = resolve(did)
  const statement = statementOf(parseJson(openJws('signed-content+jwt', jws, key, type)))
  refuseUnless(statement.iss === did, 'issuer')
  refuseUnless(statement.size === content.length, 'size')
  refuseUnless(statement.sha512.equals(sha512(content)), 'content')
  return statement
}
