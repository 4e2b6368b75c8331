// docs/spec/export.md.
import { sha256 } from './bytes.mjs'
import { publicKeyOf } from './ed25519.mjs'
import { contextOf, labels, open, openObject, unpad } from './envelopes.mjs'
import { readHead } from './heads.mjs'
import { byteString, id, integer, objectOf, oneOf, parseJson, publicKey, text } from './json.mjs'
import { readOverview } from './overview.mjs'
import { refuseUnless } from './refusal.mjs'
import { leafValueOf, pathOf, rootOf } from './tree.mjs'

const format = 'keyladder-account/v1'
const longestStart = 65_536
const longestKey = 4_096

const key = objectOf({ id, kek: id, revision: integer(1), overview: byteString(), wrapped: byteString() })
const slot = objectOf({ id, kind: oneOf('words', 'passphrase', 'device'), login: publicKey, wrapped: byteString() })
const start = objectOf({ format: oneOf(format), account: id, slot, identity: key, head: text })

const wrappedLabel = { 'personal-dek': 'keystore/v1/wrapped-personal-dek', 'sharing-dek': 'keystore/v1/wrapped-sharing-dek' }

/** What stands on a line of an export. */
export const writeLine = value => JSON.stringify(value) + '\n'

/** { account, number, keys } of an export that opens with the secret: { kind, mek, loginPublic }. The identity keypair is the first of the keys. */
export function readExport(data, secret) {
  const lines = linesOf(data)
  refuseUnless(lines.length >= 1, 'json')
  lines.forEach((line, index) => refuseUnless(line.length <= (index === 0 ? longestStart : longestKey), 'length'))
  const first = start(parseJson(lines[0]))
  refuseUnless(first.slot.login.equals(secret.loginPublic), 'secret')

  const kekContext = { account: first.account, slot: first.slot.id, kek: first.identity.kek }
  const kekKey = openObject('keystore/v1/wrapped-kek', secret.mek, kekContext, first.slot.wrapped)
  const identity = openKey(kekKey, first.account, first.identity)
  refuseUnless(identity.overview.purpose === 'identity', 'content')

  const identityPublic = publicKeyOf(identity.content.subarray(0, 32))
  const head = readHead(first.head, identityPublic)
  refuseUnless(head.account === first.account, 'account')
  refuseUnless(head.kek === first.identity.kek && head.identity.id === first.identity.id && head.identity.public.equals(identityPublic), 'content')
  const own = head.slots.find(each => each.id === first.slot.id)
  refuseUnless(first.slot.kind === secret.kind && own !== undefined && own.kind === secret.kind, 'slots')
  refuseUnless(own.login.equals(secret.loginPublic) && own.wrapped.equals(sha256(first.slot.wrapped)), 'slots')

  const stored = lines.slice(1).map(line => key(parseJson(line)))
  refuseUnless(stored.length + 1 === head.count, 'keys')
  refuseUnless(stored.every((each, index) => index === 0 || stored[index - 1].id < each.id), 'keys')
  refuseUnless(stored.every(each => each.id !== first.identity.id && each.kek === head.kek), 'keys')
  const keys = [identity, ...stored.map(each => openKey(kekKey, first.account, each))]
  const leaves = [first.identity, ...stored].map(each => ({ path: pathOf(each.id), value: leafValueOf(each) }))
  refuseUnless(rootOf(leaves).equals(head.root), 'root')
  return { account: first.account, number: head.number, keys }
}

function openKey(kekKey, account, stored) {
  const overviewContext = { account, kek: stored.kek, key: stored.id, revision: stored.revision }
  const overview = readOverview(unpad(
    open(kekKey, contextOf('keystore/v1/key-overview', overviewContext), stored.overview), labels['keystore/v1/key-overview'].padding))
  const { purpose, type } = overview
  const context = { account, kek: stored.kek, key: stored.id, purpose, type }
  const content = openObject(wrappedLabel[purpose] ?? 'keystore/v1/wrapped-keypair', kekKey, context, stored.wrapped, overview.public)
  return { id: stored.id, revision: stored.revision, overview, content }
}

/** Each ends with a line feed, the last one too. */
export function linesOf(data) {
  refuseUnless(data.length > 0 && data.at(-1) === 0x0a, 'json')
  const lines = []
  for (let from = 0; from < data.length;) {
    const end = data.indexOf(0x0a, from)
    lines.push(data.subarray(from, end))
    from = end + 1
  }
  return lines
}
