// docs/spec/signed-objects.md, "did:key" and "Signed content".
import { b64u, bytes, hex, sha512 } from './bytes.mjs'
import { hasPrimeOrder, montgomery } from './curve.mjs'
import { byteString, integer, objectOf, parseJson, text } from './json.mjs'
import { openJws, signJws } from './jws.mjs'
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

/** The multicodec prefix and the key are parameters so that wrong identifiers can be written. */
export const identifierOf = (key, code = ed25519Code) => `did:key:z${base58(bytes(code, key))}`

export function resolve(did) {
  refuseUnless(did.startsWith('did:key:'), 'prefix')
  refuseUnless(did.startsWith('did:key:z'), 'encoding')
  const data = readBase58(did.slice('did:key:z'.length))
  refuseUnless(data.length === 34, 'length')
  refuseUnless(data.subarray(0, 2).equals(ed25519Code), 'prefix')
  const key = data.subarray(2)
  refuseUnless(hasPrimeOrder(key), 'key')
  return key
}

export function documentOf(did) {
  const key = resolve(did)
  const agreement = montgomery(key)
  const method = `${did}#${did.slice('did:key:'.length)}`
  const agreementMethod = `${did}#z${base58(bytes(x25519Code, agreement))}`
  return {
    '@context': [
      'https://www.w3.org/ns/did/v1',
      'https://w3id.org/security/suites/ed25519-2018/v1',
      'https://w3id.org/security/suites/x25519-2019/v1',
    ],
    id: did,
    verificationMethod: [
      { id: method, type: 'Ed25519VerificationKey2018', controller: did, publicKeyBase58: base58(key) },
      { id: agreementMethod, type: 'X25519KeyAgreementKey2019', controller: did, publicKeyBase58: base58(agreement) },
    ],
    assertionMethod: [method],
    authentication: [method],
    capabilityInvocation: [method],
    capabilityDelegation: [method],
    keyAgreement: [agreementMethod],
  }
}

export const contentStatement = (did, iat, content) => ({ iss: did, iat, sha512: b64u(sha512(content)), size: content.length })

export const signStatement = (statement, seed) => signJws('signed-content+jwt', Buffer.from(JSON.stringify(statement)), seed)

const statementOf = objectOf({ iss: text, iat: integer(), sha512: byteString(64), size: integer() })

export function verifyContent(did, jws, content) {
  const statement = statementOf(parseJson(openJws('signed-content+jwt', jws, resolve(did))))
  refuseUnless(statement.iss === did, 'issuer')
  refuseUnless(statement.size === content.length, 'size')
  refuseUnless(statement.sha512.equals(sha512(content)), 'content')
  return statement
}
