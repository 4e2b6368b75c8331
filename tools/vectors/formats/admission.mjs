// docs/spec/admission.md.
import { bytes, fields, sha256 } from './bytes.mjs'
import { id, integer, objectOf, parseJson, text } from './json.mjs'
import { openJws } from './jws.mjs'
import { refuseUnless } from './refusal.mjs'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const bits = data => [...data].map(byte => byte.toString(2).padStart(8, '0')).join('')
const invitationCheck = secret => sha256(fields('keystore/v1/invitation-check', secret)).subarray(0, 4)

/** `check` is a parameter so that a wrong one can be written. */
export function writeInvitation(secret, check = invitationCheck(secret)) {
  const symbols = bits(bytes(secret, check)).match(/.{5}/g).map(index => crockford[parseInt(index, 2)]).join('')
  return ['KI1', ...symbols.match(/.{8}/g)].join('-')
}

export function readInvitation(typed) {
  const all = typed.replace(/[\x20\t-\r-]/g, '').replace(/[a-z]/g, letter => letter.toUpperCase())
  refuseUnless(all.startsWith('KI1'), 'prefix')
  const symbols = all.slice(3).replaceAll('O', '0').replace(/[IL]/g, '1')
  for (const symbol of symbols) refuseUnless(crockford.includes(symbol), 'symbol')
  refuseUnless(symbols.length === 32, 'length')
  const data = Buffer.from([...symbols].map(symbol => crockford.indexOf(symbol).toString(2).padStart(5, '0')).join('').match(/.{8}/g).map(byte => parseInt(byte, 2)))
  const secret = data.subarray(0, 16)
  refuseUnless(invitationCheck(secret).equals(data.subarray(16)), 'checksum')
  return secret
}

export const invitationHash = secret => sha256(fields('keystore/v1/invitation', secret))

const members = objectOf({ aud: text, jti: id, iat: integer(), exp: integer() })

export function readAdmission(jws, registeredKey) {
  const read = members(parseJson(openJws('keystore-admission+jwt', jws, registeredKey)))
  refuseUnless(read.exp > read.iat && read.exp - read.iat <= 600, 'value')
  return read
}
