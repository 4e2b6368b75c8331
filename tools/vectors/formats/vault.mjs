// docs/spec/vault.md sections 1 and 2.
import { bytes, expand, fields, sha256 } from './bytes.mjs'
import { chunkSize, contextOf, open, shortestLength, unpad } from './envelopes.mjs'
import { arrayOf, byteString, day, id, integer, objectOf, optional, parseJson, plainText, text } from './json.mjs'
import { Refusal, refuse, refuseUnless } from './refusal.mjs'

export const dekName = (dek, account) => expand(dek, fields('vault/v1/dek-name', { id: account }), 32)

export const objectPathOf = object => sha256(fields('vault/v1/tree-path', object.kind, { id: object.id }))
export const objectValueOf = object =>
  sha256(fields(
    'vault/v1/object-leaf', object.kind, { id: object.id }, object.dek, object.revision,
    object.attachment === null ? Buffer.alloc(0) : { id: object.attachment }, object.sealed))

const tag = plainText(64)
const attributeEntry = objectOf({ id, revision: integer(1), leaf: byteString(32), removed: optional(day) })

const members = objectOf({
  name: plainText(256),
  kind: tag,
  tags: arrayOf(tag),
  created: day,
  changed: day,
  attributes: arrayOf(attributeEntry),
  follows: optional(byteString(32)),
  removed: optional(day),
  conflictOf: optional(id),
})

const unique = list => new Set(list).size === list.length

/** What the content of an item's envelope says, at the revision of its context. */
export function readItem(content, revision) {
  const item = members(parseJson(content))
  refuseUnless(item.tags.length <= 64 && unique(item.tags), 'value')
  refuseUnless(item.attributes.length <= 256 && unique(item.attributes.map(each => each.id)), 'value')
  refuseUnless((item.follows !== undefined) === revision > 1, 'member')
  return item
}

const isUtf8 = data => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(data)
    return true
  } catch {
    return false
  }
}
const isAscii = data => data.every(byte => byte < 0x80)
const matches = form => data => isAscii(data) && form.test(data.toString('latin1'))
const passes = read => data => {
  try {
    read(data)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

const attachmentMembers = objectOf({
  id,
  key: byteString(32),
  header: byteString(57),
  size: integer(),
  file: optional(plainText(256)),
  mediaType: optional(text),
})

/** The value of an attribute of type attachment. */
export function readAttachment(value) {
  const attachment = attachmentMembers(parseJson(value))
  refuseUnless(attachment.size <= 2 ** 50, 'value')
  refuseUnless(attachment.file === undefined || !/[/\\]/.test(attachment.file) && !['.', '..'].includes(attachment.file), 'value')
  refuseUnless(attachment.mediaType === undefined || /^[\x20-\x7e]{1,128}$/.test(attachment.mediaType), 'value')
  return attachment
}

/** The content of an attachment: its length is what the attribute says, its header too. */
export const openAttachment = (account, attachment, envelope) => openAttachmentIn(id => fields('vault/v1/attachment', { id: account }, { id }), attachment, envelope)

/** The same, of one that was sealed for a relationship. */
export const openSharedAttachment = (relationship, attachment, envelope) => openAttachmentIn(id => fields('share/v1/attachment', { id: relationship }, { id }), attachment, envelope)

function openAttachmentIn(contextOf, { id, key, header, size }, envelope) {
  refuseUnless(envelope.length === 57 + shortestLength(size) + 16 * (Math.floor(shortestLength(size) / chunkSize) + 1), 'length')
  return open(key, contextOf(id), bytes(header, envelope.subarray(57))).subarray(0, size)
}

/** Per type: whether bytes have the form of its values. */
const forms = {
  text: isUtf8,
  number: matches(/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/),
  date: data => isAscii(data) && passes(day)(data.toString('latin1')),
  boolean: matches(/^(true|false)$/),
  json: passes(parseJson),
  binary: () => true,
  attachment: passes(readAttachment),
}
const ownType = /^(?=.*[./])[A-Za-z0-9./-]{1,64}$/

/** { name, type, value } of the content of an attribute's envelope; the value as bytes. */
export function readAttribute(content) {
  let at = 0
  const field = () => {
    refuseUnless(at + 4 <= content.length, 'content')
    const size = content.readUInt32BE(at)
    refuseUnless(at + 4 + size <= content.length, 'content')
    at += 4 + size
    return content.subarray(at - size, at)
  }
  const [name, type, value] = [field(), field(), field()]
  refuseUnless(at === content.length, 'content')
  refuseUnless(isUtf8(name), 'value')
  plainText(256)(name.toString())
  refuseUnless(isAscii(type), 'value')
  const form = Object.hasOwn(forms, type.toString()) ? forms[type.toString()] : ownType.test(type.toString()) ? forms.binary : refuse('value')
  refuseUnless(form(value), 'value')
  return { name: name.toString(), type: type.toString(), value }
}

export const writeAttribute = (name, type, value) => fields(name, type, value)

/** What a DEK opens of an object: its content, in the context of its label. */
export const openVaultObject = (key, context, envelope) => unpad(open(key, contextOf(context.label, context), envelope), 'shortest')
