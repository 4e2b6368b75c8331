import { b64u, bytes, fields, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { contextOf, pad, seal } from '../formats/envelopes.mjs'
import { writeLine } from '../formats/exports.mjs'
import { history, signHead } from '../formats/heads.mjs'
import { writeWords } from '../formats/secrets.mjs'
import { rootOf } from '../formats/tree.mjs'
import { dekName, objectPathOf, objectValueOf, writeAttribute } from '../formats/vault.mjs'
import { gapBehind, readVaultExport, tarHeader } from '../formats/vault-exports.mjs'
import { file, headOf, keypair, secretOf, sorted, start, stored, words } from './exports.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const vault = seededId('vault account')
const service = { origin: 'https://vault.example.org', account: vault }
const headSeed = seeded('seed/vault-head')
const signInSeed = seeded('seed/vault-sign-in')
const dek = seeded('key/vault-dek')
const nameOfDek = dekName(dek, vault)
const keysFor = (service, prefix = '') => [
  stored(`${prefix}vault-head-key`, { purpose: 'vault-head', content: keypair(headSeed), service }),
  stored(`${prefix}vault-sign-in-key`, { purpose: 'vault-sign-in', content: keypair(signInSeed), service }),
  stored(`${prefix}vault-dek`, { purpose: 'personal-dek', content: dek, service }),
]
const accountOf = (keys, by) => file(start({ head: headOf(sorted(keys)), ...by }), sorted(keys))
const account = accountOf(keysFor(service))

// Objects.
const object = (kind, name, revision, sealed, attachment, key = nameOfDek) => ({ id: seededId(name), kind, dek: key, revision, attachment: attachment ?? null, sealed })
const sealAs = (label, name, parts, revision, content, by = dek) =>
  seal(by, seeded(`vault-export/${name}/${revision}`, 24), contextOf(label, { account: vault, ...parts, revision, dekName: h(dekName(by, vault)) }), pad(content, 'shortest'))
const attributeOf = (name, { of = 'item', revision = 1, attachment, type = 'text', value = utf8(name) } = {}) => object('attribute', name, revision,
  sealAs('vault/v1/attribute', name, { item: seededId(of), attribute: seededId(name) }, revision, writeAttribute(name, type, value)), attachment)
const entryOf = (stored, changes = {}) => ({ id: stored.id, revision: stored.revision, leaf: b64u(objectValueOf(stored)), ...changes })
const itemOf = (name, attributes, { revision = 1, changes = {}, by = dek } = {}) => object('item', name, revision, sealAs('vault/v1/item', name, { item: seededId(name) }, revision, utf8(JSON.stringify({
  name, kind: 'login', tags: ['money'], created: '2026-01-02', changed: '2026-01-03', attributes, ...(revision > 1 && { follows: b64u(seeded('vault-export/follows')) }), ...changes,
})), by), undefined, dekName(by, vault))

// Attachments.
function attachmentOf(name, size) {
  const [id, key, content] = [seededId(name), seeded(`vault-export/key/${name}`), seeded(`vault-export/content/${name}`, size)]
  const envelope = seal(key, seeded(`vault-export/salt/${name}`, 24), fields('vault/v1/attachment', { id: vault }, { id }), pad(content, 'shortest'))
  return { id, envelope, value: utf8(JSON.stringify({ id, key: b64u(key), header: b64u(envelope.subarray(0, 57)), size, file: 'cat.jpg' })) }
}
const [cat, dog, gone] = [attachmentOf('vault-export/cat', 40), attachmentOf('vault-export/dog', 600), attachmentOf('vault-export/gone', 5)]
const picture = (name, { id, value }, changes = {}) => attributeOf(name, { type: 'attachment', value, attachment: id, ...changes })

const user = attributeOf('user', { revision: 2 })
const password = attributeOf('password')
const attributes = [user, password, picture('cat', cat), picture('dog', dog)]
const removed = picture('removed', gone)
const bank = itemOf('item', [...attributes.map(each => entryOf(each)), entryOf(removed, { removed: '2026-01-03' })], { revision: 3 })
const olderBank = itemOf('item', attributes.map(each => entryOf(each)), { revision: 2 })
const trash = itemOf('other item', [], { changes: { removed: '2026-01-03', conflictOf: seededId('item') } })
const whole = sorted([bank, trash, removed, ...attributes])

const payload = (objects, changes) => ({
  account: vault, day: '2026-01-03', format: 1, key: b64u(publicKeyOf(headSeed)), signIn: b64u(publicKeyOf(signInSeed)),
  count: objects.length, root: b64u(objects.length === 0 ? Buffer.alloc(32) : rootOf(objects.map(each => ({ path: objectPathOf(each), value: objectValueOf(each) })))), audit: b64u(Buffer.alloc(32)), ...changes,
})
function vaultHead(objects, changes = {}, seed = headSeed, number = 6) {
  const before = history(number - 1, headSeed, each => payload([], { count: each === 1 ? 0 : 1, root: b64u(each === 1 ? Buffer.alloc(32) : seeded('root')) }), [], 'vault-head+jwt')
  const links = number === 1 ? [] : [5, 4].map(each => b64u(before.hashes[each - 1]))
  return signHead({ ...payload(objects), number, links, ...changes }, seed, 'vault-head+jwt')
}

// Files: each member with its header and what stands behind it.
const zeros = length => (length === 0 ? '' : { repeat: '00', length })
const notation = data => h(data).match(/(?:00){24,}|(?:(?!(?:00){24})..)+/g).map(run => (/^(00)+$/.test(run) ? zeros(run.length / 2) : run))
const memberOf = (name, content) => {
  const length = typeof content === 'string' ? utf8(content).length : content.length
  return { header: notation(tarHeader(name, length)), ...(typeof content === 'string' ? { text: content } : { content: h(content) }), gap: zeros(gapBehind(length)) }
}
const lineOf = stored => ({ ...stored, dek: b64u(stored.dek), sealed: b64u(stored.sealed), attachment: stored.attachment ?? undefined })
const linesOf = (objects, head, changes = {}) => [{ format: 'keyladder-vault/v1', account: vault, head, ...changes }, ...objects.map(lineOf)].map(writeLine).join('')
const attached = [cat, dog].toSorted((a, b) => (a.id < b.id ? -1 : 1))
const ofVault = text => memberOf('vault.jsonl', text)
const ofAccount = memberOf('account.jsonl', account)
const ofAttachments = attached.map(each => memberOf(`attachments/${each.id}`, each.envelope))
const inputs = (members, end = zeros(1024), by = words) => ({ words: by, members, end })
const made = ({ objects = whole, signed = objects, head = vaultHead(signed), first, attachments = ofAttachments, ofKeys = ofAccount } = {}) =>
  inputs([ofKeys, ofVault(linesOf(objects, head, first)), ...attachments])
const plain = made()
const replaced = (index, change) => inputs(plain.members.map((member, at) => (at === index ? { ...member, ...change(member) } : member)))
const inText = change => inputs([ofAccount, ofVault(change(plain.members[1].text)), ...ofAttachments])
const header = (change, index = 0) => replaced(index, member => ({ header: notation(change(readBytes(member.header))) }))
const withChecksum = header => {
  const summed = Buffer.from(header)
  summed.write(' '.repeat(8), 148, 'latin1')
  summed.write(summed.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ', 148, 'latin1')
  return summed
}
const put = (at, text) => header => {
  const changed = Buffer.from(header)
  changed.write(text, at, 'latin1')
  return withChecksum(changed)
}
const changedObject = (stored, change) => whole.map(each => (each === stored ? { ...each, ...change } : each))
const otherDek = seeded('key/another vault-dek')
const archive = (name, property, from) => refused(name, property, 'archive', from)
const asWritten = value => JSON.parse(JSON.stringify(value, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each)))

export default [vectorFile('vault-exports.json', {
  about: 'a file of members, each of header, text (UTF-8) or content, and gap, and then of end; words open it. It is the Vault of that account at head number, and holds these items with these attributes, and the contents of these attachments; bytes are hex.',
  spec: 'vault-export.md',
  run: ({ words, members, end }) => {
    const parts = members.map(({ header, text, content, gap }) => bytes(readBytes(header), text === undefined ? readBytes(content) : utf8(text), readBytes(gap)))
    return asWritten(readVaultExport(bytes(...parts, readBytes(end)), secretOf(words)))
  },
  cases: [
    ok('a Vault', 'two items, one in the trash and the other version of the first; an attribute in its second revision, two attachments, an attribute that was removed with one', plain),
    ok('nothing in it', 'head 1, and no attachment', made({ objects: [], head: vaultHead([], {}, headSeed, 1), attachments: [] })),
    ok('keys of another Vault besides', 'the account has others', made({ ofKeys: memberOf('account.jsonl', accountOf([...keysFor(service), ...keysFor({ origin: 'https://other.example.org', account: seededId('other vault account') }, 'other ')])) })),
    ok('one attachment for two', 'it stands there once', (() => {
      const again = picture('again', cat)
      const both = itemOf('item', [...attributes, again].map(each => entryOf(each)))
      return made({ objects: sorted([both, again, ...attributes]) })
    })()),
    ok('an attribute that no item lists', 'it is part of the root, and shown nowhere', made({ objects: sorted([...whole, attributeOf('unlisted')]) })),
    ok('white space', 'white space inside a line is free', inText(text => text.replaceAll(',"', ' ,\t"'))),

    archive('empty', 'the members are there', inputs([], '')),
    archive('nothing but its end', 'the members are there', inputs([])),
    archive('no end', '1,024 zeros', inputs(plain.members, '')),
    archive('half an end', '1,024 zeros', inputs(plain.members, zeros(512))),
    archive('more zeros', 'the file ends behind them', inputs(plain.members, zeros(10_240))),
    archive('something in the end', 'zeros', inputs(plain.members, [zeros(1023), '01'])),
    archive('cut in a member', 'its length says where it ends', inputs([...plain.members.slice(0, -1), { ...plain.members.at(-1), gap: '', content: plain.members.at(-1).content.slice(0, -2) }], '')),
    archive('something in a gap', 'zeros', replaced(0, member => ({ gap: [zeros(readBytes(member.gap).length - 1), '01'] }))),
    archive('other mode', 'one way to write a header', header(put(100, '0000644\0'))),
    archive('an owner', 'one way to write a header', header(put(108, '0001750\0'))),
    archive('a time', 'one way to write a header', header(put(136, '15000000000\0'))),
    archive('a link', 'a file', header(put(156, '1'))),
    archive('an old kind of file', 'one way to write a header', header(put(156, '\0'))),
    archive('an owner\'s name', 'one way to write a header', header(put(265, 'alice'))),
    archive('a prefix', 'the name stands in one place', header(put(345, 'export'))),
    archive('something behind the name', 'zeros', header(put(60, 'x'))),
    archive('length with a space', 'one way to write a header', header(put(135, ' '))),
    archive('length in base 256', 'octal below 2^33', header(from => {
      const changed = Buffer.from(from)
      bytes(Buffer.of(0x80, 0, 0, 0, 0, 0, 0, 0), Buffer.from(parseInt(from.subarray(124, 135).toString('latin1'), 8).toString(16).padStart(8, '0'), 'hex')).copy(changed, 124)
      return withChecksum(changed)
    })),
    archive('other checksum', 'the sum of all bytes', header(from => flip(from, 153))),
    archive('checksum as old programs wrote it', 'one way to write a header', header(from => {
      const changed = Buffer.from(from)
      changed.write(from.subarray(148, 154).toString('latin1').replace(/^0+/, match => ' '.repeat(match.length)), 148, 'latin1')
      return changed
    })),
    archive('no account', 'two members at least', inputs(plain.members.slice(1))),
    archive('no Vault', 'two members at least', inputs(plain.members.toSpliced(1, 1))),
    archive('Vault before account', 'in this order', inputs([plain.members[1], plain.members[0], ...ofAttachments])),
    archive('other name', 'one name for each', inputs([ofAccount, memberOf('./vault.jsonl', plain.members[1].text), ...ofAttachments])),
    archive('attachment dropped', 'each that an item names', made({ attachments: ofAttachments.slice(1) })),
    archive('last attachment dropped', 'each that an item names', made({ attachments: ofAttachments.slice(0, -1) })),
    archive('attachments in other order', 'ascending', made({ attachments: ofAttachments.toReversed() })),
    archive('attachment twice', 'none twice', made({ attachments: [ofAttachments[0], ...ofAttachments] })),
    archive('attachment of a removed attribute', 'its content stays behind', made({ attachments: [cat, dog, gone].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(each => memberOf(`attachments/${each.id}`, each.envelope)) })),
    archive('another file', 'nothing besides', made({ attachments: [...ofAttachments, memberOf('readme', utf8('x'))] })),

    refused('other words', 'the login key follows from the secret', 'secret', { ...plain, words: writeWords(seeded('export/other words', 16)) }),
    refused('account cut', 'its last line ends too', 'json', inputs([memberOf('account.jsonl', account.slice(0, -1)), ...plain.members.slice(1)])),
    refused('account without a key', 'as many as were signed for', 'keys', inputs([memberOf('account.jsonl', file(start({ head: headOf(sorted(keysFor(service))) }), sorted(keysFor(service)).slice(1))), ...plain.members.slice(1)])),
    refused('account without the DEK', 'an item opens under a DEK of the account', 'content', made({ ofKeys: memberOf('account.jsonl', accountOf(keysFor(service).slice(0, 2))) })),
    refused('DEK of another service', 'one that seals for that Vault', 'content', made({ ofKeys: memberOf('account.jsonl', accountOf([...keysFor(service).slice(0, 2), keysFor({ ...service, account: seededId('other vault account') })[2]])) })),
    refused('account without the head keypair', 'it signs the heads', 'account', made({ ofKeys: memberOf('account.jsonl', accountOf(keysFor(service).slice(1))) })),
    refused('account without the sign-in keypair', 'the head names it', 'account', made({ ofKeys: memberOf('account.jsonl', accountOf([keysFor(service)[0], keysFor(service)[2]])) })),

    refused('Vault empty', 'the first line is there', 'json', inText(() => '')),
    refused('no line feed at the end', 'the last line ends too', 'json', inText(text => text.slice(0, -1))),
    refused('an empty line', 'each line is an object', 'json', inText(text => text + '\n')),
    refused('first line too long', '65,536 bytes', 'length', inText(text => ' '.repeat(65_536) + text)),
    refused('object too long', '98,304 bytes', 'length', inText(text => text.slice(0, -1) + ' '.repeat(98_304) + '\n')),
    refused('version 2', 'a format that this version is not', 'value', made({ first: { format: 'keyladder-vault/v2' } })),
    refused('without account', 'every member must be there', 'member', made({ first: { account: undefined } })),
    refused('unknown member', 'members that the table has not are refused', 'member', made({ first: { note: 'x' } })),
    refused('other account', 'the account has no keys for it', 'account', made({ first: { account: seededId('other vault account') } })),
    refused('head by another', 'the vault-head keypair signs', 'signature', made({ head: vaultHead(whole, {}, signInSeed) })),
    refused('head of another account', 'the head names the account', 'account', made({ head: vaultHead(whole, { account: seededId('other vault account') }) })),
    refused('head with another sign-in keypair', 'the head names it', 'content', made({ head: vaultHead(whole, { signIn: b64u(publicKeyOf(seeded('seed/signing'))) }) })),
    refused('head of the account', 'a signature of one kind is none of another', 'header', made({ head: headOf(sorted(keysFor(service))) })),

    refused('object dropped', 'as many as were signed for', 'keys', made({ objects: whole.slice(1), signed: whole })),
    refused('object added', 'as many as were signed for', 'keys', made({ objects: sorted([...whole, attributeOf('added')]), signed: whole })),
    refused('object twice', 'no id twice', 'keys', made({ objects: [whole[0], ...whole.slice(0, -1)], signed: whole })),
    refused('other order of objects', 'ascending by id', 'keys', made({ objects: whole.toReversed(), signed: whole })),
    refused('older item', 'an item as it was before', 'root', made({ objects: whole.map(each => (each === bank ? olderBank : each)), signed: whole })),
    refused('older attribute', 'an attribute as it was before', 'root', made({ objects: whole.map(each => (each === user ? attributeOf('user') : each)), signed: whole })),
    refused('an item as an attribute', 'the kind is part of the path', 'root', made({ objects: changedObject(trash, { kind: 'attribute' }), signed: whole })),
    refused('without its attachment', 'the attachment is part of the leaf', 'root', made({ objects: changedObject(attributes[2], { attachment: null }), signed: whole })),
    refused('unknown kind', 'item or attribute', 'value', made({ objects: changedObject(trash, { kind: 'note' }), signed: whole })),
    refused('revision 0', 'revisions start at 1', 'value', made({ objects: changedObject(trash, { revision: 0 }), signed: whole })),
    refused('unknown member of an object', 'members that the table has not are refused', 'member', made({ objects: changedObject(trash, { name: 'x' }), signed: whole })),

    // Signed by the account's own keypair, as a program with a fault would.
    refused('item of an unknown DEK', 'one of the account\'s', 'content', made({ objects: changedObject(trash, itemOf('other item', [], { by: otherDek })) })),
    refused('item changed', 'it does not open', 'tag', made({ objects: changedObject(trash, { sealed: flip(trash.sealed, -1) }) })),
    refused('item at another revision', 'the revision is part of the context', 'commitment', made({ objects: changedObject(trash, { revision: 2 }) })),
    refused('attribute of another item', 'the item is part of the context', 'commitment', (() => {
      const strange = attributeOf('strange', { of: 'other item' })
      return made({ objects: sorted([itemOf('item', [entryOf(strange)]), strange]), attachments: [] })
    })()),
    refused('attribute with another leaf', 'item and attributes are written together', 'content', made({ objects: sorted([itemOf('item', [entryOf(user)]), attributeOf('user')]), attachments: [] })),
    refused('attribute that is not there', 'item and attributes are written together', 'content', made({ objects: [itemOf('item', [entryOf(user)])], attachments: [] })),
    refused('attribute beside another attachment', 'the object names the one that the attribute names', 'content', (() => {
      const strange = picture('cat', cat, { attachment: dog.id })
      return made({ objects: sorted([itemOf('item', [entryOf(strange)]), strange]), attachments: [memberOf(`attachments/${dog.id}`, dog.envelope)] })
    })()),
    refused('attachment cut', 'the attribute says how long it is', 'length', replaced(2, () => memberOf(`attachments/${attached[0].id}`, attached[0].envelope.subarray(0, -1)))),
    refused('attachment changed', 'it does not open', 'tag', replaced(2, () => memberOf(`attachments/${attached[0].id}`, flip(attached[0].envelope, -1)))),
    refused('header changed', 'the attribute has it', 'commitment', replaced(2, () => memberOf(`attachments/${attached[0].id}`, flip(attached[0].envelope, 30)))),
    refused('attachments exchanged', 'the attribute says how long it is', 'length', inputs([...plain.members.slice(0, 2), ...attached.map((each, at) => memberOf(`attachments/${each.id}`, attached[1 - at].envelope))])),
  ],
})]
