// docs/spec/key-file.md.
import { b64u, fields, readB64u, sha256, utf8 } from './bytes.mjs'
import { id, origin as readOrigin } from './json.mjs'
import { isSecure } from './relationships.mjs'
import { refuseUnless } from './refusal.mjs'

const start = 'keyladder-key-file/'
const checkOf = ({ origin, account, secret }) => sha256(fields('key-file/v1/check', origin, { id: account }, secret)).subarray(0, 8)

/** `check` and `version` are parameters so that wrong ones can be written. */
export const writeKeyFile = (parts, { check = checkOf(parts), version = 'v1' } = {}) =>
  utf8(`${start}${version}\n${parts.origin}\n${parts.account}\n${b64u(parts.secret)}\n${b64u(check)}\n`)

export function readKeyFile(file) {
  const text = file.toString('latin1')
  refuseUnless(text.startsWith(start) && text.includes('\n'), 'file-start')
  const lines = text.split('\n')
  refuseUnless(lines[0] === `${start}v1`, 'file-start')
  refuseUnless(file.length <= 1024 && lines.length === 6 && lines[5] === '', 'length')
  const [, origin, account, encoded, check] = lines
  refuseUnless(isSecure(readOrigin(origin)), 'value')
  id(account)
  const secret = readB64u(encoded)
  refuseUnless(secret.length === 32, 'length')
  const read = { origin, account, secret }
  refuseUnless(readB64u(check).equals(checkOf(read)), 'checksum')
  return read
}
