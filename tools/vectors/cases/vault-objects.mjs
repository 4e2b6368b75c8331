import { b64u, bytes, fields, hex, utf8, u32 } from '../formats/bytes.mjs'
import { chunkSize, contextOf, pad, seal } from '../formats/envelopes.mjs'
import { dekName, objectPathOf, objectValueOf, openAttachment, openVaultObject, readAttribute, readItem, writeAttribute } from '../formats/vault.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const account = seededId('vault account')
const dek = seeded('key/personal-dek')
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)
const notJson = (name, property, made) => refused(name, property, 'json', made)

const namesFile = vectorFile('vault-dek-names.json', {
  about: 'a Vault knows dek by dekName, for the account that it has there.',
  spec: 'vault.md',
  run: ({ dek, account }) => ({ dekName: h(dekName(hex(dek), account)) }),
  cases: [
    ok('a DEK', 'name of the DEK that seals the other files', { dek: h(dek), account }),
    ok('other DEK', 'the key gives the name', { dek: h(flip(dek, -1)), account }),
    ok('other account', 'at another Vault the DEK has another name', { dek: h(dek), account: seededId('other account') }),
  ],
})

const sealed = seeded('vault/leaf/sealed', 60)
const object = (changes = {}) => ({ object: { kind: 'attribute', id: seededId('attribute'), dek: h(dekName(dek, account)), revision: 3, attachment: null, sealed: h(sealed), ...changes } })
const leavesFile = vectorFile('vault-leaves.json', {
  about: 'an object as a client reads it has path and value in the tree. attachment is null where it is absent. (The envelopes are shorter than real ones.)',
  spec: 'vault.md',
  run: ({ object }) => ({
    path: h(objectPathOf(object)),
    value: h(objectValueOf({ ...object, dek: hex(object.dek), sealed: readBytes(object.sealed) })),
  }),
  cases: [
    ok('an attribute', 'all fields but an attachment', object()),
    ok('an item of the same id', 'the kind is part of path and value', object({ kind: 'item' })),
    ok('other id', 'the id is part of path and value', object({ id: seededId('other attribute') })),
    ok('other DEK', 'the name of the DEK is part of the value', object({ dek: h(dekName(dek, seededId('other account'))) })),
    ok('next revision', 'the revision is part of the value', object({ revision: 4 })),
    ok('first revision', 'the lowest there is', object({ revision: 1 })),
    ok('greatest revision', '2^53 - 1', object({ revision: Number.MAX_SAFE_INTEGER })),
    ok('with an attachment', 'the attachment is part of the value', object({ attachment: seededId('attachment') })),
    ok('other attachment', 'the attachment is part of the value', object({ attachment: seededId('other attachment') })),
    ok('other envelope', 'the envelope is part of the value', object({ sealed: h(flip(sealed, 0)) })),
    ok('border between attachment and envelope', 'where one ends and the other starts is part of the value',
      object({ sealed: h(bytes(hex(seededId('attachment').replaceAll('-', '')), sealed)) })),
  ],
})

const sealedAs = (label, parts, content) => {
  const context = { label, account, item: seededId('item'), ...parts, dekName: h(dekName(dek, account)) }
  return { key: h(dek), context, envelope: h(seal(dek, seeded('salt/vault', 24), contextOf(label, context), pad(content, 'shortest'))) }
}
const open = ({ key, context, envelope }) => openVaultObject(readBytes(key), context, readBytes(envelope))

const entry = (number, changes = {}) => ({ id: seededId(`attribute ${number}`), revision: number, leaf: b64u(seeded(`vault/leaf/${number}`)), ...changes })
const plain = {
  name: 'Bank', kind: 'login', tags: ['money', 'home'], created: '2026-01-02', changed: '2026-01-03', attributes: [entry(1), entry(2)],
  follows: b64u(seeded('vault/leaf/item')),
}
const first = { ...plain, follows: undefined }
const atRevision = (revision, json) => sealedAs('vault/v1/item', { revision }, Buffer.isBuffer(json) ? json : utf8(json))
const item = (changes = {}, revision = 2) => atRevision(revision, JSON.stringify({ ...plain, ...changes }))
const raw = (pattern, by) => atRevision(2, JSON.stringify(plain).replace(pattern, by))
const texts = (count, most) => [...Array(count).keys()].map(number => `${number}`.padStart(most, 'x'))
const entries = count => [...Array(count).keys()].map(number => entry(number + 1))
const nested = depth => '['.repeat(depth) + ']'.repeat(depth)
const invalid = bytes(utf8(JSON.stringify(plain).split('Bank')[0]), Buffer.of(0xff), utf8(JSON.stringify(plain).split('Bank')[1]))

const itemsFile = vectorFile('vault-items.json', {
  about: 'key opens envelope in context (parts by name) to an item, which says item. Members without a value are absent there; bytes are hex.',
  spec: 'vault.md',
  run: ({ key, context, envelope }) => {
    const item = readItem(open({ key, context, envelope }), context.revision)
    return { item: JSON.parse(JSON.stringify(item, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each))) }
  },
  cases: [
    ok('first revision', 'follows nothing', item({ follows: undefined }, 1)),
    ok('second revision', 'names the leaf that it replaced', item()),
    ok('later revision', 'the same of every later one', item({}, 71)),
    ok('new and empty', 'the fewest members', atRevision(1, JSON.stringify({ ...first, tags: [], attributes: [] }))),
    ok('all members', 'in the trash, the other version of another item, and with an attribute removed', item({ removed: '2026-01-03', conflictOf: seededId('other item'), attributes: [entry(1, { removed: '2026-01-03' }), entry(2)] })),
    ok('null for absent', 'null is absent', item({ removed: null, conflictOf: null, follows: null }, 1)),
    ok('null for absent in an attribute', 'null is absent there too', item({ attributes: [entry(1, { removed: null })] })),
    ok('other order', 'the order of members is free', atRevision(2, JSON.stringify(Object.fromEntries(Object.entries(plain).reverse())))),
    ok('order of attributes', 'the person\'s own, not that of ids', item({ attributes: [entry(2), entry(1)] })),
    ok('escaped', 'names and values may be escaped', raw('"name":"B', '"\\u006eame":"\\u0042')),
    ok('beyond ASCII', 'names, kinds and tags are Unicode', item({ name: 'Fahrrad \u{1f6b2} \u00e0 Z\u00fcrich', kind: 'v\u00e9lo', tags: ['\u00e9t\u00e9', 'e\u0301te\u0301'] })),
    ok('longest name', '256 bytes', item({ name: '\u00e9'.repeat(128) })),
    ok('longest kind', '64 bytes', item({ kind: 'k'.repeat(64) })),
    ok('most and longest tags', '64 of 64 bytes', item({ tags: texts(64, 64) })),
    ok('tags that differ in case', 'tags are compared letter for letter', item({ tags: ['Home', 'home'] })),
    ok('most attributes', '256', item({ attributes: entries(256) })),
    ok('greatest revision of an attribute', '2^53 - 1', item({ attributes: [entry(1, { revision: Number.MAX_SAFE_INTEGER })] })),
    ok('two attributes of one leaf', 'ids are what must differ', item({ attributes: [entry(1), entry(2, { leaf: entry(1).leaf })] })),
    ok('changed before created', 'what clocks said is not compared', item({ changed: '2025-12-31' })),
    member('first revision that follows', 'the first replaces nothing', item({}, 1)),
    member('second revision without follows', 'every later one says what it replaced', item({ follows: undefined })),
    member('second revision with follows null', 'null is absent', item({ follows: null })),
    ...['name', 'kind', 'tags', 'created', 'changed', 'attributes'].map(name => member(`without ${name}`, `${name} must be there`, item({ [name]: undefined }))),
    member('name null', 'null is absent', item({ name: null })),
    member('tags null', 'an empty list is one', item({ tags: null })),
    ...['id', 'revision', 'leaf'].map(name => member(`attribute without ${name}`, 'every member must be there', item({ attributes: [entry(1, { [name]: undefined })] }))),
    member('unknown member', 'members that the table has not are refused', item({ note: 'x' })),
    member('unknown member of an attribute', 'also there', item({ attributes: [entry(1, { name: 'x' })] })),
    member('duplicate member', 'a second member of one name', raw('"kind"', '"kind":"card","kind"')),
    member('duplicate member of an attribute', 'a second member of one name', raw('"revision"', '"revision":1,"revision"')),
    member('capital letter', 'names are compared letter for letter', raw('"kind"', '"Kind"')),
    value('empty name', 'at least one byte', item({ name: '' })),
    value('name too long', '257 bytes', item({ name: 'x'.repeat(257) })),
    value('name too long in UTF-8', '129 letters of two bytes', item({ name: '\u00e9'.repeat(129) })),
    value('name with a newline', 'no control characters', item({ name: 'two\nlines' })),
    value('name with U+0085', 'the control characters beyond ASCII too', item({ name: 'two\u0085lines' })),
    value('name that is a number', 'a text', item({ name: 7 })),
    value('empty kind', 'at least one byte', item({ kind: '' })),
    value('kind too long', '65 bytes', item({ kind: 'k'.repeat(65) })),
    value('kind with an escape', 'not U+001B either, which terminals obey', item({ kind: '\u001b[2J' })),
    value('tag twice', 'none twice', item({ tags: ['home', 'money', 'home'] })),
    value('65 tags', 'at most 64', item({ tags: texts(65, 2) })),
    value('empty tag', 'at least one byte', item({ tags: [''] })),
    value('tag too long', '65 bytes', item({ tags: ['x'.repeat(65)] })),
    value('tag with a tab', 'no control characters', item({ tags: ['a\tb'] })),
    value('tag null', 'a text', item({ tags: [null] })),
    value('tags as text', 'a list', item({ tags: 'home' })),
    value('257 attributes', 'at most 256', item({ attributes: entries(257) })),
    value('attribute twice', 'no id twice', item({ attributes: [entry(1), entry(1)] })),
    value('two revisions of one attribute', 'no id twice, whatever the rest', item({ attributes: [entry(1), entry(2, { id: entry(1).id })] })),
    value('attribute null', 'an object', item({ attributes: [null] })),
    value('attributes as object', 'a list', item({ attributes: entry(1) })),
    value('attribute of revision 0', 'revisions start at 1', item({ attributes: [entry(1, { revision: 0 })] })),
    value('revision as text', 'an integer', item({ attributes: [entry(1, { revision: '1' })] })),
    value('revision 1.0', 'digits alone', raw('"revision":1', '"revision":1.0')),
    value('leaf of 31 bytes', '32 bytes', item({ attributes: [entry(1, { leaf: b64u(seeded('31', 31)) })] })),
    value('leaf padded', 'b64u as the notation has it', item({ attributes: [entry(1, { leaf: `${entry(1).leaf}=` })] })),
    value('id in capitals', 'an id has one form', item({ attributes: [entry(1, { id: entry(1).id.toUpperCase() })] })),
    value('attribute removed on no day', 'a day of the calendar', item({ attributes: [entry(1, { removed: '2026-02-30' })] })),
    value('removed as boolean', 'the day', item({ removed: true })),
    value('created with a time', 'a day is no time', item({ created: '2026-01-02T00:00:00Z' })),
    value('changed on no day', 'a day of the calendar', item({ changed: '2026-02-29' })),
    value('follows of 33 bytes', '32 bytes', item({ follows: b64u(seeded('33', 33)) })),
    value('follows in hex', 'b64u', item({ follows: h(seeded('vault/leaf/item')) })),
    value('conflictOf as an object', 'an id', item({ conflictOf: { id: seededId('other item') } })),
    value('list', 'an item is an object', atRevision(2, `[${JSON.stringify(plain)}]`)),
    notJson('an attribute', 'what an attribute says is no JSON', atRevision(2, writeAttribute('Combination', 'text', utf8('0042')))),
    notJson('nothing', 'nothing is not JSON', atRevision(2, '')),
    notJson('trailing data', 'nothing follows', atRevision(2, `${JSON.stringify(plain)} {}`)),
    notJson('comment', 'JSON has no comments', raw('{', '{/**/')),
    notJson('byte order mark', 'no byte order mark', atRevision(2, `\ufeff${JSON.stringify(plain)}`)),
    notJson('invalid UTF-8', 'a byte that is not UTF-8', atRevision(2, invalid)),
    notJson('lone surrogate', 'half a character in a name', raw('Bank', '\\ud83d')),
    notJson('lone surrogate in a tag', 'half a character in a tag', raw('home', '\\ude00')),
    notJson('too deep', 'depth 17', raw('"home"', nested(15))),
  ],
})

const attribute = (name, type, value, revision = 2) => content(writeAttribute(name, type, Buffer.isBuffer(value) ? value : utf8(value)), revision)
const content = (bytes, revision = 2) => sealedAs('vault/v1/attribute', { attribute: seededId('attribute'), revision }, bytes)
const typed = (type, value) => attribute('n', type, value)
const taken = type => (value, property) => ok(`${type} ${value === '' ? 'empty' : JSON.stringify(value)}`, property, typed(type, value))
const wrong = type => (each, property) => value(`${type} ${each === '' ? 'empty' : JSON.stringify(each)}`, property, typed(type, each))
const number = { taken: taken('number'), wrong: wrong('number') }
const date = { taken: taken('date'), wrong: wrong('date') }
const json = { taken: taken('json'), wrong: wrong('json') }
const whole = writeAttribute('Combination', 'text', utf8('0042'))
const broken = (name, property, bytes) => refused(name, property, 'content', content(bytes))

const attachmentKey = seeded('key/attachment')
const attachmentContext = (id = seededId('attachment'), at = account) => fields('vault/v1/attachment', { id: at }, { id })
const sealAttachment = (content, context = attachmentContext()) => seal(attachmentKey, seeded('salt/attachment', 24), context, pad(content, 'shortest'))
const attachmentSaying = (changes = {}) => typed('attachment', JSON.stringify({
  id: seededId('attachment'), key: b64u(attachmentKey), header: b64u(sealAttachment(Buffer.alloc(0)).subarray(0, 57)), size: 3, file: 'cat.jpg', mediaType: 'image/jpeg', ...changes,
}))

const stored = (content, changes = {}) => {
  const envelope = sealAttachment(content)
  return { account, id: seededId('attachment'), key: h(attachmentKey), header: h(envelope.subarray(0, 57)), size: content.length, envelope: h(envelope), ...changes }
}
const picture = seeded('vault/picture', 40_000)
const chunk = chunkSize + 16
const pictureEnvelope = sealAttachment(picture)
const shownAs = envelope => stored(picture, { envelope: h(envelope) })

const attachmentsFile = vectorFile('vault-attachments.json', {
  about: 'account, and what an attribute says of an attachment, open envelope, which a service keeps, to content.',
  spec: 'vault.md',
  run: ({ account, id, key, header, size, envelope }) =>
    ({ content: h(openAttachment(account, { id, key: hex(key), header: hex(header), size }, hex(envelope))) }),
  cases: [
    ok('a few bytes', 'padded to 64', stored(utf8('a picture'))),
    ok('nothing', 'padding alone', stored(Buffer.alloc(0))),
    ok('63 bytes', 'the most that 64 hold', stored(seeded('vault/63', 63))),
    ok('64 bytes', 'the least that needs 128', stored(seeded('vault/64', 64))),
    ok('of three chunks', 'chunks by number', stored(picture)),
    ok('of whole chunks', 'the padded length is a multiple of a chunk: an empty one is the last', stored(seeded('vault/whole', 32_767))),
    ok('first bytes at the service', 'the header is the one that the attribute says', shownAs(bytes(Buffer.alloc(57), pictureEnvelope.subarray(57)))),
    refused('other id', 'the id is part of the context', 'commitment', stored(picture, { id: seededId('other attachment') })),
    refused('other account', 'the account is part of the context', 'commitment', stored(picture, { account: seededId('other account') })),
    refused('other key', 'each attachment has its own', 'commitment', stored(picture, { key: h(flip(attachmentKey, 0)) })),
    refused('other header', 'the commitment is part of what the attribute says', 'commitment', stored(picture, { header: h(flip(pictureEnvelope.subarray(0, 57), 56)) })),
    refused('without the last chunk', 'the size says how many there are', 'length', shownAs(pictureEnvelope.subarray(0, 57 + 2 * chunk))),
    refused('without the last byte', 'the size says where it ends', 'length', shownAs(pictureEnvelope.subarray(0, -1))),
    refused('a changed chunk', 'every chunk has a tag', 'tag', shownAs(flip(pictureEnvelope, 57 + chunk))),
    refused('two chunks in each other\'s place', 'each has its number', 'tag',
      shownAs(bytes(pictureEnvelope.subarray(0, 57), pictureEnvelope.subarray(57 + chunk, 57 + 2 * chunk), pictureEnvelope.subarray(57, 57 + chunk), pictureEnvelope.subarray(57 + 2 * chunk)))),
    refused('a longer one', 'the size says where it ends', 'length', stored(seeded('vault/long', 50_000), { size: 40_000 })),
  ],
})

const attributesFile = vectorFile('vault-attributes.json', {
  about: 'key opens envelope in context (parts by name) to an attribute; its value is hex.',
  spec: 'vault.md',
  run: ({ key, context, envelope }) => {
    const { name, type, value } = readAttribute(open({ key, context, envelope }))
    return { attribute: { name, type, value: h(value) } }
  },
  cases: [
    ok('text', 'UTF-8', attribute('Combination', 'text', '0042')),
    ok('first revision', 'an attribute says nothing of what it replaced', attribute('Combination', 'text', '0042', 1)),
    ok('empty text', 'a value may be empty', typed('text', '')),
    ok('text with line breaks', 'values may hold what names may not', typed('text', 'two\r\nlines\u0000\u001b')),
    ok('text beyond the first plane', 'Unicode', typed('text', '\u{1f511} \ufeff\u00e9')),
    ok('text of a thousand letters', 'more than one block of padding', typed('text', 'x'.repeat(1000))),
    ok('text of two chunks', 'more than 16 KiB', typed('text', 'x'.repeat(16_500))),
    ok('binary', 'any bytes', typed('binary', seeded('vault/binary', 40))),
    ok('empty binary', 'no bytes', typed('binary', '')),
    ok('boolean true', 'one of two words', typed('boolean', 'true')),
    ok('boolean false', 'one of two words', typed('boolean', 'false')),
    date.taken('2026-01-02', 'a day'), date.taken('2028-02-29', 'a leap day'), date.taken('0001-01-01', 'the first day there is'), date.taken('9999-12-31', 'the last day there is'),
    number.taken('0', 'a number'), number.taken('-0', 'JSON has it'), number.taken('-12.50', 'digits are kept as they are'), number.taken('1e5', 'an exponent'), number.taken('1E-05', 'an exponent with zeros'),
    number.taken('0.1e+400', 'beyond what machines count with'), number.taken('9007199254740993', 'beyond 2^53'), number.taken('123456789012345678901234567890.123456789', 'as many digits as it has'),
    json.taken('null', 'a value'), json.taken('"text"', 'a text'), json.taken('-1.5e300', 'a number'), json.taken(' {"b":[1,2,{"c":true}],"a":""}\n', 'free members, and white space around'), json.taken('{"":{"a":1},"a":{"a":2}}', 'one name twice, but not in one object'),
    json.taken('"\\ud83d\\ude00"', 'a character in two escapes'), ok('json of depth 16', 'as deep as may be', typed('json', nested(16))),
    ok('type with a slash', 'a developer\'s own', typed('image/png', seeded('vault/png', 20))),
    ok('type with a dot', 'a developer\'s own', typed('org.example.otp-secret', Buffer.of(0xff))),
    ok('own type of one byte', 'the shortest', typed('.', '')),
    ok('own type of 64 bytes', 'the longest', typed(`a/${'b'.repeat(62)}`, '')),
    ok('own type that starts like a known one', 'letter for letter', typed('text/plain', Buffer.of(0xff))),
    ok('longest name', '256 bytes', attribute('\u00e9'.repeat(128), 'text', '')),
    value('empty name', 'at least one byte', attribute('', 'text', '')),
    value('name too long', '257 bytes', attribute('x'.repeat(257), 'text', '')),
    value('name too long in UTF-8', '129 letters of two bytes', attribute('\u00e9'.repeat(129), 'text', '')),
    value('name with a newline', 'no control characters', attribute('two\nlines', 'text', '')),
    value('name with U+0085', 'the control characters beyond ASCII too', attribute('a\u0085', 'text', '')),
    value('name with a zero byte', 'not even at the end', attribute('name\u0000', 'text', '')),
    value('name in invalid UTF-8', 'UTF-8', content(fields(Buffer.of(0x61, 0xff), 'text', Buffer.alloc(0)))),
    value('name with a surrogate', 'UTF-8 has none', content(fields(Buffer.of(0xed, 0xa0, 0x80), 'text', Buffer.alloc(0)))),
    value('empty type', 'a type has a name', typed('', '')),
    value('type in capitals', 'types are compared letter for letter', typed('Text', '')),
    value('unknown type without dot or slash', 'such names are left to this page', typed('phone', '')),
    ok('attachment', 'all members', attachmentSaying()),
    ok('attachment without a name', 'file and media type may be absent', attachmentSaying({ file: undefined, mediaType: undefined })),
    ok('attachment of nothing', 'content may be empty', attachmentSaying({ size: 0 })),
    ok('attachment of 2^50 bytes', 'the largest', attachmentSaying({ size: 2 ** 50 })),
    ok('attachment, longest texts', '256 bytes and 128 characters', attachmentSaying({ file: '\u00e9'.repeat(128), mediaType: 'x'.repeat(128) })),
    ok('attachment, a hidden file', 'a name may start with a dot', attachmentSaying({ file: '.profile' })),
    ...['id', 'key', 'header', 'size'].map(name => value(`attachment without ${name}`, `${name} must be there`, attachmentSaying({ [name]: undefined }))),
    value('attachment with an unknown member', 'no other members', attachmentSaying({ width: 3 })),
    value('attachment with a short key', '32 bytes', attachmentSaying({ key: b64u(seeded('31', 31)) })),
    value('attachment with a short header', '57 bytes', attachmentSaying({ header: b64u(seeded('56', 56)) })),
    value('attachment larger than 2^50', 'at most 2^50 bytes', attachmentSaying({ size: 2 ** 50 + 1 })),
    value('attachment of negative size', 'from 0', attachmentSaying({ size: -1 })),
    value('attachment with a size as text', 'an integer', attachmentSaying({ size: '1' })),
    ...['', '.', '..', 'a/b', 'a\\b', 'two\nlines', 'x'.repeat(257)].map(file => value(`attachment with the file name ${JSON.stringify(file).slice(0, 20)}`, 'a name, and no path', attachmentSaying({ file }))),
    ...['', 'image/\u00e9', 'a\nb', 'x'.repeat(129)].map(mediaType => value(`attachment with the media type ${JSON.stringify(mediaType).slice(0, 20)}`, '1 to 128 printable ASCII characters', attachmentSaying({ mediaType }))),
    value('attachment that is no object', 'an object', typed('attachment', '[]')),
    value('attachment that is nothing', 'an object', typed('attachment', '')),
    value('own type of 65 bytes', 'at most 64', typed(`a/${'b'.repeat(63)}`, '')),
    value('own type with a space', 'letters, digits, dots, hyphens and slashes', typed('image/ png', '')),
    value('own type with an underscore', 'letters, digits, dots, hyphens and slashes', typed('org.example.otp_secret', '')),
    value('own type beyond ASCII', 'ASCII letters', typed('org.example.cl\u00e9', '')),
    value('type with a newline', 'letter for letter', typed('text\n', '')),
    value('type with a zero byte', 'letter for letter', typed('text\u0000', '')),
    value('text in invalid UTF-8', 'UTF-8', typed('text', Buffer.of(0x61, 0xc3))),
    value('text with a surrogate', 'UTF-8 has none', typed('text', Buffer.of(0xed, 0xa0, 0x80))),
    ...[['', 'two words'], [' true', 'nothing around'], ['true ', 'nothing around'], ['TRUE', 'letter for letter'], ['1', 'no number'], ['yes', 'two words'], ['"true"', 'no JSON text'], ['false\u0000', 'nothing around']]
      .map(([each, property]) => wrong('boolean')(each, property)),
    ...[['', 'a day'], ['2026-02-29', 'a day of the calendar'], ['2026-13-01', 'a day of the calendar'], ['2026-01-00', 'a day of the calendar'], ['0000-01-01', 'days are from 0001-01-01 on'], ['2026-1-2', 'two digits each'],
      ['26-01-02', 'four digits'], ['20260102', 'with hyphens'], ['2026/01/02', 'with hyphens'], ['2026-01-02T00:00:00Z', 'no time'], ['2026-01-02 ', 'nothing around'], ['+2026-01-02', 'no sign'], ['\u0662\u0660\u0662\u0666-01-02', 'ASCII digits']]
      .map(([each, property]) => date.wrong(each, property)),
    ...[['', 'a number'], ['01', 'no leading zero'], ['-01', 'no leading zero'], ['+1', 'no plus'], ['1.', 'digits behind the point'], ['.5', 'digits before the point'], ['1e', 'digits in the exponent'], ['1e+', 'digits in the exponent'], ['-', 'digits'],
      ['--1', 'one sign'], ['1,5', 'a point'], ['1_000', 'digits'], ['0x10', 'decimal'], ['NaN', 'a number'], ['Infinity', 'a number'], ['-Infinity', 'a number'], ['1 ', 'nothing around'], [' 1', 'nothing around'], ['1\n', 'nothing around'], ['1 2', 'one number'],
      ['"1"', 'no text'], ['null', 'a number'], ['[1]', 'a number'], ['1/**/', 'no comment'], ['\u0661', 'ASCII digits'], ['1\u0000', 'nothing around']]
      .map(([each, property]) => number.wrong(each, property)),
    ...[['', 'nothing is not JSON'], [' ', 'nothing is not JSON'], ['{"a":1,"a":1}', 'no member twice'], ['{"a":1,"\\u0061":1}', 'names are compared after unescaping'], ['[{"a":{"b":1,"b":2}}]', 'no member twice, however deep'], ['"\\ud800"', 'half a character'], ['"\\udc00\\ud800"', 'halves in the wrong order'],
      ['{"\\ud800":1}', 'half a character in a name'], ['[1,]', 'no trailing comma'], ['// c\n1', 'no comments'], ['1 2', 'one value'], ['{}}', 'nothing follows'], ['\'a\'', 'double quotes'], ['"a\tb"', 'control characters are escaped'], ['NaN', 'JSON has none'], ['True', 'letter for letter'], ['01', 'no leading zero'], ['\ufeff1', 'no byte order mark'], ['{a:1}', 'names are texts'], ['[', 'cut short'], ['1\u0000', 'nothing follows']]
      .map(([each, property]) => json.wrong(each, property)),
    value('json of depth 17', 'at most 16', typed('json', nested(17))),
    value('json much too deep', 'depth 10,000', typed('json', nested(10_000))),
    value('json in invalid UTF-8', 'UTF-8', typed('json', bytes(utf8('"'), Buffer.of(0xff), utf8('"')))),
    value('json in UTF-16', 'UTF-8', typed('json', Buffer.from('"a"', 'utf16le'))),
    broken('trailing byte', 'nothing behind the fields', bytes(whole, Buffer.of(0))),
    broken('fourth field', 'three fields', bytes(whole, fields(''))),
    broken('two fields', 'three fields', fields('Combination', 'text')),
    broken('nothing', 'three fields', Buffer.alloc(0)),
    broken('last byte missing', 'a field is as long as it says', whole.subarray(0, -1)),
    broken('length cut', 'a length has four bytes', whole.subarray(0, 2)),
    broken('length beyond the end', 'a field is as long as it says', bytes(u32(0xffffffff), whole.subarray(4))),
    broken('length of a value beyond the end', 'a field is as long as it says', bytes(fields('n', 'binary'), u32(0x80000000), Buffer.alloc(8))),
    broken('an item', 'what an item says is no three fields', utf8(JSON.stringify(first))),
  ],
})

export default [namesFile, leavesFile, itemsFile, attributesFile, attachmentsFile]
