// docs/spec/vault-export.md.
import { bytes, u64 } from './bytes.mjs'
import { publicKeyOf } from './ed25519.mjs'
import { linesOf, readExport } from './exports.mjs'
import { readVaultHead } from './heads.mjs'
import { byteString, id, integer, objectOf, oneOf, optional, parseJson, text } from './json.mjs'
import { refuse, refuseUnless } from './refusal.mjs'
import { rootOf } from './tree.mjs'
import { dekName, objectPathOf, objectValueOf, openAttachment, openVaultObject, readAttachment, readAttribute, readItem } from './vault.mjs'

const block = 512
const longestStart = 65_536
const longestObject = 98_304

const start = objectOf({ format: oneOf('keyladder-vault/v1'), account: id, head: text })
const object = objectOf({ id, kind: oneOf('item', 'attribute'), dek: byteString(32), revision: integer(1), attachment: optional(id), sealed: byteString() })

/** What stands before a member. */
export function tarHeader(name, length) {
  const header = Buffer.alloc(block)
  const put = (at, text) => header.write(text, at, 'latin1')
  put(0, name)
  put(100, '0000600\0' + '0000000\0' + '0000000\0')
  if (length < 2 ** 33) put(124, length.toString(8).padStart(11, '0') + '\0')
  else bytes(Buffer.of(0x80, 0, 0, 0), u64(length)).copy(header, 124)
  put(136, '00000000000\0')
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\0' + '00')
  put(329, '0000000\0' + '0000000\0')
  put(148, header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ')
  return header
}

export const gapBehind = length => (block - (length % block)) % block

/** [{ name, content }], in their order. */
function membersOf(file) {
  const members = []
  for (let at = 0; ;) {
    const header = file.subarray(at, at + block)
    refuseUnless(header.length === block, 'archive')
    if (header.every(byte => byte === 0)) {
      refuseUnless(file.length === at + 2 * block && file.subarray(at).every(byte => byte === 0), 'archive')
      return members
    }
    const name = header.subarray(0, header.indexOf(0)).toString('latin1')
    const length = parseInt(header.subarray(124, 135).toString('latin1'), 8)
    refuseUnless(Number.isSafeInteger(length) && header.equals(tarHeader(name, length)), 'archive')
    const content = file.subarray(at + block, at + block + length)
    const gap = file.subarray(at + block + length, at + block + length + gapBehind(length))
    refuseUnless(content.length === length && gap.length === gapBehind(length) && gap.every(byte => byte === 0), 'archive')
    members.push({ name, content })
    at += block + length + gap.length
  }
}

/** { account, number, items, attachments } of a Vault's export that opens with the secret. */
export function readVaultExport(file, secret) {
  const [ofAccount, ofVault, ...ofAttachments] = membersOf(file)
  refuseUnless(ofAccount?.name === 'account.jsonl' && ofVault?.name === 'vault.jsonl', 'archive')
  const { keys } = readExport(ofAccount.content, secret)

  const lines = linesOf(ofVault.content)
  lines.forEach((line, index) => refuseUnless(line.length <= (index === 0 ? longestStart : longestObject), 'length'))
  const first = start(parseJson(lines[0]))
  const own = keys.filter(key => key.overview.service?.account === first.account)
  const [headKey, signInKey] = ['vault-head', 'vault-sign-in'].map(purpose => own.find(key => key.overview.purpose === purpose))
  refuseUnless(headKey !== undefined && signInKey !== undefined, 'account')
  const publicOf = key => publicKeyOf(key.content.subarray(0, 32))
  const head = readVaultHead(first.head, publicOf(headKey))
  refuseUnless(head.account === first.account, 'account')
  refuseUnless(head.signIn.equals(publicOf(signInKey)), 'content')
  const deks = new Map(own.filter(key => key.overview.purpose === 'personal-dek').map(key => [dekName(key.content, first.account).toString('hex'), key.content]))

  const objects = lines.slice(1).map(line => object(parseJson(line))).map(each => ({ attachment: null, ...each }))
  refuseUnless(objects.length === head.count, 'keys')
  refuseUnless(objects.every((each, index) => index === 0 || objects[index - 1].id < each.id), 'keys')
  const leaves = objects.map(each => ({ path: objectPathOf(each), value: objectValueOf(each) }))
  refuseUnless(rootOf(leaves).equals(head.root), 'root')

  const openAs = (stored, label, parts) => {
    const name = stored.dek.toString('hex')
    const dek = deks.get(name) ?? refuse('content')
    return openVaultObject(dek, { label, account: first.account, ...parts, revision: stored.revision, dekName: name }, stored.sealed)
  }
  const items = objects.filter(each => each.kind === 'item').map(stored => {
    const item = readItem(openAs(stored, 'vault/v1/item', { item: stored.id }), stored.revision)
    const listed = item.attributes.map(entry => {
      const attribute = objects.find(each => each.kind === 'attribute' && each.id === entry.id)
      refuseUnless(attribute !== undefined && objectValueOf(attribute).equals(entry.leaf) && attribute.revision === entry.revision, 'content')
      return { entry, stored: attribute }
    })
    return { id: stored.id, item, listed: listed.filter(({ entry }) => entry.removed === undefined) }
  })
  const expected = [...new Set(items.flatMap(({ listed }) => listed.map(each => each.stored.attachment).filter(each => each !== null)))].toSorted()
  refuseUnless(ofAttachments.map(each => each.name).join() === expected.map(each => `attachments/${each}`).join(), 'archive')

  const attachments = new Map()
  const opened = items.map(({ id, item, listed }) => ({
    id,
    item,
    attributes: listed.map(({ stored }) => {
      const attribute = readAttribute(openAs(stored, 'vault/v1/attribute', { item: id, attribute: stored.id }))
      const named = attribute.type === 'attachment' ? readAttachment(attribute.value) : undefined
      refuseUnless((named?.id ?? null) === stored.attachment, 'content')
      if (named !== undefined) {
        const { content } = ofAttachments.find(each => each.name === `attachments/${named.id}`)
        attachments.set(named.id, openAttachment(first.account, named, content))
        refuseUnless(content.subarray(0, 57).equals(named.header), 'commitment')
      }
      return { id: stored.id, ...attribute }
    }),
  }))
  return { account: first.account, number: head.number, items: opened, attachments: [...attachments].map(([id, content]) => ({ id, content })).toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
}
