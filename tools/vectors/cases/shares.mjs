import { b64u, bytes, fields, hex, sha256, utf8 } from '../formats/bytes.mjs'
import { pad, seal } from '../formats/envelopes.mjs'
import { hashOfJws } from '../formats/jws.mjs'
import { assemble, copyContext, follow, kindOf, letterContent, openCopy, openLetter, readEvent, readShare, sealBox, shareDekName } from '../formats/relationships.mjs'
import { openSharedAttachment, writeAttribute } from '../formats/vault.mjs'
import { flip, h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'
import { alice, bob, bobSeed, carol, common, next, nextSeed, otherRelationship, relationship, shown, statements } from './relationships.mjs'

const spec = 'relationships.md'
const dek = seeded('key/shared')
const share = seededId('share')
const place = { relationship, share, number: 1 }

const namesFile = vectorFile('share-dek-names.json', {
  about: 'the parties of relationship know the DEK of share by dekName.',
  spec,
  run: ({ dek, relationship, share }) => ({ dekName: h(shareDekName(hex(dek), relationship, share)) }),
  cases: [
    ok('a DEK', 'name of a DEK for one share', { dek: h(dek), relationship, share }),
    ok('other DEK', 'the key gives the name', { dek: h(flip(dek, -1)), relationship, share }),
    ok('other relationship', 'in another relationship it has another name', { dek: h(dek), relationship: otherRelationship, share }),
    ok('other share', 'of another share too', { dek: h(dek), relationship, share: seededId('other share') }),
  ],
})

const ids = count => [...Array(count).keys()].map(number => seededId(`shared attribute ${number}`))
const [first, second] = ids(2)
const asField = id => hex(id.replaceAll('-', ''))
const entry = (id, name = 'number', type = 'text', value = '123') => [asField(id), writeAttribute(name, type, value)]
const item = fields('Bank', 'login', ...entry(first), ...entry(second, 'pin', 'number', '7'))
const alone = fields('', '', ...entry(first))
const sealCopy = (content, to = place, padded = pad(content, 'shortest')) => seal(dek, seeded('salt/copy', 24), copyContext(dek, to), padded)
const copyOf = (content, to, padded) => ({ dek: h(dek), ...place, envelope: h(sealCopy(content, to, padded)) })
const bad = (name, property, content) => refused(name, property, 'content', copyOf(content))
const value = (name, property, content) => refused(name, property, 'value', copyOf(content))
const attachment = JSON.stringify({ id: seededId('attachment'), key: b64u(Buffer.alloc(32)), header: b64u(Buffer.alloc(57)), size: 1 })

const copiesFile = vectorFile('shared-copies.json', {
  about: 'dek opens envelope as the copy of share in relationship that goes with the statement of this number. name and kind are empty for an attribute alone.',
  spec,
  run: ({ dek, relationship, share, number, envelope }) => ({ content: shown(openCopy(hex(dek), { relationship, share, number }, hex(envelope))) }),
  cases: [
    ok('item', 'name, kind and attributes', copyOf(item)),
    ok('attribute', 'name and kind are empty', copyOf(alone)),
    ok('item with one attribute', 'an item all the same', copyOf(fields('Bank', 'login', ...entry(first)))),
    ok('most attributes', '256', copyOf(fields('Bank', 'login', ...ids(256).flatMap(id => entry(id))))),
    ok('beyond ASCII', 'UTF-8', copyOf(fields('Fahrrad \u{1f6b2}', 'v\u00e9lo', ...entry(first, '\u00e9t\u00e9', 'text', '\u00e0')))),
    ok('attachment', 'what an attribute says of one that was sealed for the relationship', copyOf(fields('', '', ...entry(first, 'file', 'attachment', attachment)))),
    ok('own type', 'any type that a Vault takes', copyOf(fields('', '', ...entry(first, 'key', 'org.example.otp-secret', Buffer.of(0, 1, 2))))),
    refused('other relationship', 'bound to the relationship', 'commitment', copyOf(item, { ...place, relationship: otherRelationship })),
    refused('other share', 'bound to the share', 'commitment', copyOf(item, { ...place, share: seededId('other share') })),
    refused('other number', 'bound to the statement', 'commitment', copyOf(item, { ...place, number: 2 })),
    refused('other DEK', 'bound to the DEK', 'commitment', { ...copyOf(item), dek: h(flip(dek, 0)) }),
    refused('altered', 'sealed', 'tag', { ...copyOf(item), envelope: h(flip(sealCopy(item), -1)) }),
    refused('other padding', 'the shortest padding', 'padding', copyOf(item, place, pad(item, 512))),
    bad('nothing', 'at least four fields', Buffer.alloc(0)),
    bad('name and kind alone', 'an attribute at least', fields('Bank', 'login')),
    bad('name alone', 'a kind too', fields('Bank')),
    bad('two attributes alone', 'an attribute alone is one', fields('', '', ...entry(first), ...entry(second))),
    bad('257 attributes', 'at most 256', fields('Bank', 'login', ...ids(257).flatMap(id => entry(id)))),
    bad('attribute twice', 'no id twice', fields('Bank', 'login', ...entry(first), ...entry(first, 'pin'))),
    bad('id without attribute', 'in pairs', bytes(item, fields(asField(ids(3)[2])))),
    bad('id as text', '16 bytes', fields('', '', first, entry(first)[1])),
    bad('id of version 7', 'version 4', fields('', '', bytes(asField(first).subarray(0, 6), Buffer.of(0x70), asField(first).subarray(7)), entry(first)[1])),
    bad('attribute in a wrong form', 'as in a Vault', fields('', '', asField(first), fields('number', 'text'))),
    bad('attachment without a key', 'as in a Vault', fields('', '', ...entry(first, 'file', 'attachment', JSON.stringify({ ...JSON.parse(attachment), key: undefined })))),
    bad('attribute with a wrong value', 'as in a Vault', fields('', '', ...entry(first, 'pin', 'number', 'seven'))),
    bad('name in invalid UTF-8', 'UTF-8', fields(Buffer.of(0xff), 'login', ...entry(first))),
    bad('byte behind it', 'nothing follows', bytes(item, Buffer.of(0))),
    value('name without kind', 'both or none', fields('Bank', '', ...entry(first))),
    value('kind without name', 'both or none', fields('', 'login', ...entry(first))),
    value('name too long', '256 bytes', fields('x'.repeat(257), 'login', ...entry(first))),
    value('kind too long', '64 bytes', fields('Bank', 'x'.repeat(65), ...entry(first))),
    value('name with a newline', 'no control characters', fields('a\nb', 'login', ...entry(first))),
  ],
})

const attachmentKey = seeded('key/shared attachment')
const attachmentContext = (label, owner) => fields(label, { id: owner }, { id: seededId('shared attachment') })
const sealAttachment = (content, context = attachmentContext('share/v1/attachment', relationship)) => seal(attachmentKey, seeded('salt/shared attachment', 24), context, pad(content, 'shortest'))
const stored = (content, changes = {}, envelope = sealAttachment(content)) =>
  ({ relationship, id: seededId('shared attachment'), key: h(attachmentKey), header: h(envelope.subarray(0, 57)), size: content.length, envelope: h(envelope), ...changes })
const picture = seeded('shared/picture', 40_000)

const attachmentsFile = vectorFile('shared-attachments.json', {
  about: 'relationship, and what an attribute in a copy says of an attachment, open envelope, which a service keeps, to content.',
  spec,
  run: ({ relationship, id, key, header, size, envelope }) =>
    ({ content: h(openSharedAttachment(relationship, { id, key: hex(key), header: hex(header), size }, hex(envelope))) }),
  cases: [
    ok('a few bytes', 'padded to 64', stored(utf8('a picture'))),
    ok('nothing', 'padding alone', stored(Buffer.alloc(0))),
    ok('of three chunks', 'chunks by number', stored(picture)),
    refused('other id', 'the id is part of the context', 'commitment', stored(picture, { id: seededId('other attachment') })),
    refused('other relationship', 'the relationship is part of the context', 'commitment', stored(picture, { relationship: otherRelationship })),
    refused('of a Vault', 'an account\'s own attachment is none of a relationship', 'commitment', stored(picture, {}, sealAttachment(picture, attachmentContext('vault/v1/attachment', relationship)))),
    refused('other key', 'each has its own', 'commitment', stored(picture, { key: h(flip(attachmentKey, 0)) })),
    refused('other header', 'the commitment is part of what the attribute says', 'commitment', stored(picture, { header: h(flip(sealAttachment(picture).subarray(0, 57), 56)) })),
    refused('without the last byte', 'the size says where it ends', 'length', stored(picture, { envelope: h(sealAttachment(picture).subarray(0, -1)) })),
    refused('a changed chunk', 'every chunk has a tag', 'tag', stored(picture, { envelope: h(flip(sealAttachment(picture), 20_000)) })),
  ],
})

const copy = sealCopy(item)
const given = {
  iss: alice.did, aud: bob.did, relationship, share, number: 1, state: 'given', attributes: [first, second], day: '2026-01-02',
  key: b64u(bob.sealingKeyName), dek: b64u(shareDekName(dek, relationship, share)), copy: b64u(sha256(copy)),
}
const shares = statements(kindOf.share, given, alice)
const withAll = { terms: 'Delete it afterwards.', expires: '2026-12-31', receipts: true }
const ended = { ...given, number: 2, state: 'revoked', previous: b64u(hashOfJws(shares.of())), key: undefined, dek: undefined, copy: undefined }
const ends = statements(kindOf.share, ended, alice)
const letterOf = { id: share, key: h(bob.sealingKeyName), dek: h(dek), copy: h(copy) }
const endLetter = { ...letterOf, dek: null, copy: null }
const toBob = (jws, letter = letterOf) => ({ from: alice.did, seed: h(bobSeed), to: bob.did, relationship, letter, jws })
const sharing = (name, property, reason, changes) => refused(name, property, reason, toBob(shares.of(changes)))
const ending = (name, property, reason, changes) => refused(name, property, reason, toBob(ends.of(changes), endLetter))
const unfit = (name, property, letter, jws = shares.of()) => refused(name, property, 'letter', toBob(jws, letter))

const statementsFile = vectorFile('share-statements.json', {
  about: 'jws is a statement of from for to, the DID of seed, about the letter that it came in: id, name of the key that it is sealed to, DEK and copy, null where there are none. It says statement; bytes are hex there.',
  spec,
  run: ({ from, to, relationship, letter, jws }) => ({
    statement: shown(readShare(jws, from, to, relationship, { ...letter, key: hex(letter.key), dek: letter.dek && hex(letter.dek), copy: letter.copy && hex(letter.copy) })),
  }),
  cases: [
    ok('given', 'the members that are always there', toBob(shares.of())),
    ok('given with all members', 'terms, last day and receipts', toBob(shares.of(withAll))),
    ok('first with a higher number', 'others were used before', toBob(shares.of({ number: 9 }))),
    ok('next', 'names the one before', toBob(shares.of({ number: 2, previous: b64u(hashOfJws(shares.of())) }))),
    ok('revoked', 'without key, DEK and copy', toBob(ends.of(), endLetter)),
    ok('expired', 'likewise', toBob(ends.of({ state: 'expired' }), endLetter)),
    ok('null for absent', 'null is absent', toBob(shares.of({ terms: null, expires: null, receipts: null, previous: null }))),
    ok('other order', 'the order of members is free', toBob(shares.reversed())),
    ok('longest terms', '4,096 UTF-16 characters', toBob(shares.of({ terms: '\u{1f600}'.repeat(2048) }))),
    ok('most attributes', '256', toBob(shares.of({ attributes: ids(256) }))),
    sharing('of another issuer', 'the one expected', 'party', { iss: carol.did }),
    sharing('for another', 'one holder', 'party', { aud: carol.did }),
    sharing('of another relationship', 'theirs', 'party', { relationship: otherRelationship }),
    sharing('number 0', 'from 1', 'value', { number: 0 }),
    sharing('number 1 with previous', 'nothing comes before it', 'member', { previous: b64u(Buffer.alloc(32)) }),
    sharing('other state', 'one of three', 'value', { state: 'lent' }),
    sharing('no attributes', 'at least one', 'value', { attributes: [] }),
    sharing('257 attributes', 'at most 256', 'value', { attributes: ids(257) }),
    sharing('attribute twice', 'none twice', 'value', { attributes: [first, first] }),
    sharing('attribute null', 'an id', 'value', { attributes: [null] }),
    sharing('given without key', 'key goes with given', 'member', { key: undefined }),
    sharing('given without DEK', 'DEK goes with given', 'member', { dek: undefined }),
    sharing('given without copy', 'copy goes with given', 'member', { copy: undefined }),
    ending('revoked with key', 'key goes with given alone', 'member', { key: given.key }),
    ending('revoked with DEK', 'DEK goes with given alone', 'member', { dek: given.dek }),
    ending('revoked with copy', 'copy goes with given alone', 'member', { copy: given.copy }),
    ending('revoked with terms', 'terms go with given alone', 'member', { terms: 'x' }),
    ending('revoked with a last day', 'a last day goes with given alone', 'member', { expires: '2026-12-31' }),
    ending('revoked with receipts', 'receipts go with given alone', 'member', { receipts: true }),
    sharing('key name too long', '16 bytes', 'value', { key: b64u(Buffer.alloc(17)) }),
    sharing('hash of the copy too short', '32 bytes', 'value', { copy: b64u(Buffer.alloc(31)) }),
    sharing('empty terms', 'at least one character', 'value', { terms: '' }),
    sharing('terms too long', '4,097 characters', 'value', { terms: 'x'.repeat(4097) }),
    sharing('last day that is none', 'a day of the calendar', 'value', { expires: '2026-02-29' }),
    sharing('receipts false', 'true or absent', 'value', { receipts: false }),
    unfit('letter of another id', 'the letter has the share\'s id', { ...letterOf, id: seededId('other share') }),
    unfit('another copy', 'the copy is the one that was signed', { ...letterOf, copy: h(flip(copy, -1)) }),
    unfit('sealed to another key', 'the key is the one that was signed', letterOf, shares.of({ key: b64u(next.sealingKeyName) })),
    unfit('given without a DEK in the letter', 'the letter brings what is given', endLetter),
    unfit('revoked with a DEK in the letter', 'a letter that ends a share brings nothing', letterOf, ends.of()),
    ...common(kindOf.share, shares, toBob, ['iss', 'aud', 'relationship', 'share', 'number', 'state', 'attributes', 'day'], kindOf.event),
  ],
})

const after = (name, property, known, jws) => ok(name, property, { known, jws })
const notAfter = (name, property, known, jws) => refused(name, property, 'order', { known, jws })
const update = (number, before, changes = {}) => shares.of({ number, previous: b64u(hashOfJws(before)), ...changes })
const one = shares.of()
const two = update(2, one)

const orderFile = vectorFile('share-orders.json', {
  about: 'the statement jws of a share may come after the statement known, the last one that the reader has seen.',
  spec,
  run: ({ known, jws }) => {
    follow(known, jws)
    return {}
  },
  cases: [
    after('update', 'the next number names the one before', one, two),
    after('end', 'an end names the one before', one, ends.of()),
    after('some missed', 'a higher number, whatever it names', one, update(4, two)),
    notAfter('the same', 'a higher number', one, one),
    notAfter('one before', 'a higher number', two, one),
    notAfter('other of the same number', 'a higher number', two, update(2, one, { day: '2026-01-03' })),
    notAfter('next that names another', 'the one before is named', one, update(2, update(2, one))),
    notAfter('after revoked', 'nothing follows an end', ends.of(), update(3, ends.of())),
    notAfter('after expired', 'nothing follows an end', ends.of({ state: 'expired' }), update(5, one)),
    notAfter('another first one', 'what follows names one before', one, shares.of({ number: 5 })),
    notAfter('other share', 'of one share', one, update(2, one, { share: seededId('other share') })),
  ],
})

const event = { iss: alice.did, attribute: first, event: 'changed', number: 2 }
const events = statements(kindOf.event, event, alice)
const byAlice = jws => ({ issuer: alice.did, jws })
const telling = (name, property, reason, changes) => refused(name, property, reason, byAlice(events.of(changes)))

const eventsFile = vectorFile('share-events.json', {
  about: 'jws is an event that issuer tells of, and says event.',
  spec,
  run: ({ issuer, jws }) => ({ event: readEvent(jws, issuer) }),
  cases: [
    ...['shared', 'changed', 'revoked', 'expired', 'accepted', 'read'].map(each => ok(each, 'one of six', byAlice(events.of({ event: each })))),
    ok('other order', 'the order of members is free', byAlice(events.reversed())),
    telling('of another issuer', 'the one expected', 'party', { iss: bob.did }),
    telling('other event', 'one of six', 'value', { event: 'deleted' }),
    telling('event in capitals', 'letter for letter', 'value', { event: 'Read' }),
    telling('number 0', 'from 1', 'value', { number: 0 }),
    telling('attribute that is no id', 'a UUID', 'value', { attribute: 'pin' }),
    telling('with a value', 'nothing else', 'member', { value: '7' }),
    ...common(kindOf.event, events, byAlice, Object.keys(event), kindOf.share),
  ],
})

const randomness = seeded('letter/randomness', 64)
const jwsEvent = events.of({ event: 'shared', number: 1 })
const letter = ({ to = bob, from = alice.did, within = relationship, id = share, key = dek, list = [one, jwsEvent], content = letterContent(key, list), padded = pad(content, 'shortest'), brings = key.length === 0 ? Buffer.alloc(0) : copy, name = to.sealingKeyName, change = x => x, length } = {}) => {
  const box = sealBox(to, { relationship: within, id, from }, padded, randomness)
  return { seed: h(bobSeed), from: alice.did, relationship, id: share, letter: h(change(assemble(name, box, brings, length?.(box)))) }
}
const none = Buffer.alloc(0)
const badLetter = (name, property, reason, made) => refused(name, property, reason, letter(made))

const lettersFile = vectorFile('letters.json', {
  about: 'the party of seed opens letter of this id from the DID from in relationship: statements, dek and copy, the last two empty where there are none. The statements are not looked into here.',
  spec,
  run: ({ seed, from, relationship, id, letter }) => shown(openLetter(hex(seed), { relationship, id, from }, hex(letter))),
  cases: [
    ok('a share', 'statement, DEK, event, copy', letter()),
    ok('an end', 'no DEK, no copy', letter({ key: none, list: [ends.of()] })),
    ok('one statement', 'a share without events', letter({ list: [one] })),
    ok('most statements', '257', letter({ key: none, list: Array(257).fill('a.b.c') })),
    ok('later key', 'the recipient opens with the key that the letter names', { ...letter({ to: next }), seed: h(nextSeed) }),
    badLetter('from another', 'bound to the sender', 'tag', { from: carol.did }),
    badLetter('of another relationship', 'bound to the relationship', 'tag', { within: otherRelationship }),
    badLetter('of another id', 'bound to the letter', 'tag', { id: seededId('other letter') }),
    badLetter('to another DID', 'bound to the recipient', 'tag', { to: { ...bob, did: carol.did } }),
    badLetter('to another key', 'it names another key', 'key-name', { to: next }),
    badLetter('under another name', 'it is tried with no other key', 'key-name', { name: next.sealingKeyName }),
    badLetter('to another key under this name', 'the key opens nothing else', 'tag', { to: { ...next, did: bob.did }, name: bob.sealingKeyName }),
    badLetter('version 2', 'the first byte', 'version', { change: data => bytes(Buffer.of(2), data.subarray(1)) }),
    badLetter('altered box', 'sealed', 'tag', { change: data => flip(data, 21 + 1120) }),
    badLetter('box one longer', 'where it ends is part of it', 'tag', { length: box => box.length + 1 }),
    badLetter('box one shorter', 'where it ends is part of it', 'tag', { length: box => box.length - 1 }),
    badLetter('box beyond the end', 'the letter has it', 'length', { length: box => box.length + copy.length + 1 }),
    badLetter('length beyond 2^31', 'the letter has it', 'length', { length: () => 0xffffffff }),
    badLetter('empty box', 'an encapsulation at least', 'length', { length: () => 0 }),
    badLetter('cut in the header', '21 bytes at least', 'length', { change: data => data.subarray(0, 20) }),
    badLetter('nothing', '21 bytes at least', 'length', { change: () => none }),
    badLetter('other padding', 'the shortest padding', 'padding', { padded: bytes(letterContent(dek, [one, jwsEvent]), Buffer.of(0x80), Buffer.alloc(4096)) }),
    badLetter('DEK without copy', 'a copy exactly where there is a DEK', 'content', { brings: none }),
    badLetter('copy without DEK', 'a copy exactly where there is a DEK', 'content', { key: none, brings: copy }),
    badLetter('DEK of 31 bytes', '32 or none', 'content', { key: dek.subarray(1) }),
    badLetter('statement alone', 'the DEK is there, if empty', 'content', { content: fields(one), brings: none }),
    badLetter('nothing inside', 'a statement at least', 'content', { content: none }),
    badLetter('258 statements', '257 at most', 'content', { key: none, list: Array(258).fill('a.b.c') }),
    badLetter('byte behind the fields', 'nothing follows', 'content', { content: bytes(letterContent(dek, [one]), Buffer.of(0)) }),
    badLetter('statement beyond ASCII', 'statements are JWS', 'content', { list: ['a.b.\u00e9'] }),
  ],
})

export default [namesFile, copiesFile, attachmentsFile, statementsFile, orderFile, eventsFile, lettersFile]
