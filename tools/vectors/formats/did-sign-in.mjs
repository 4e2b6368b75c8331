// docs/spec/did-sign-in.md.
import { b64u, sha256, utf8 } from './bytes.mjs'
import { resolve } from './did.mjs'
import { byteString, objectOf, oneOf, origin, parseJson, text } from './json.mjs'
import { openJws, payloadOfJws } from './jws.mjs'
import { refuseUnless } from './refusal.mjs'

const kind = 'did-sign-in+jwt'

/** `link` is the whole text that the app shows. */
export const statementFor = (did, aud, purpose, link) => ({ iss: did, aud, purpose, challenge: b64u(sha256(utf8(link))) })

const members = objectOf({ iss: text, aud: origin, purpose: oneOf('sign-in', 'link'), challenge: byteString(32) })

/** The payload of a statement by the DID that it names; `link` is what it has to answer. */
export function readStatement(jws, link) {
  const { iss } = members(parseJson(payloadOfJws(kind, jws)))
  const { type, key, signs } = resolve(iss)
  refuseUnless(signs, 'key')
  const read = members(parseJson(openJws(kind, jws, key, type)))
  refuseUnless(read.challenge.equals(sha256(utf8(link))), 'content')
  return { ...read, challenge: b64u(read.challenge) }
}

/** What stands behind `&check=`: 8 characters. */
export const checkOf = text => b64u(sha256(utf8(text)).subarray(0, 6))

/** { page, origin, purpose, challenge } of a link. */
export function readLink(link) {
  refuseUnless(link.length <= 4096, 'length')
  const match = /^((https?:\/\/[^/?#@\\]+)\/[^?#]*)#purpose=([^&]*)&challenge=([A-Za-z0-9_-]*)&check=([A-Za-z0-9_-]{8})$/.exec(link)
  refuseUnless(match !== null, 'encoding')
  const [, page, authority, purpose, challenge, check] = match
  const url = new URL(page)
  refuseUnless(url.href === page && url.origin === authority, 'encoding')
  refuseUnless(url.protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname), 'value')
  refuseUnless(purpose === 'sign-in' || purpose === 'link', 'value')
  refuseUnless(check === checkOf(link.slice(0, link.lastIndexOf('&check='))), 'content')
  refuseUnless(challenge.length >= 1 && challenge.length <= 2048, 'length')
  return { page, origin: authority, purpose, challenge }
}

export const answerAddress = (page, challenge, response) => `${page}#challenge=${challenge}&response=${response}`
