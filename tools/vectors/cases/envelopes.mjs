import { fields, sha256, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf as publicKeyOn } from '../formats/ecdsa.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { contextOf, labels, open, openObject, pad, seal, shortestLength, unpad } from '../formats/envelopes.mjs'
import { dekName } from '../formats/vault.mjs'
import { entry, witnessKey } from '../formats/witness.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const kekKey = seeded('key/kek')
const personalDek = seeded('key/personal-dek')
const sharingDek = seeded('key/sharing-dek')
const identitySeed = seeded('seed/identity')
const signingSeed = seeded('seed/signing')
const keypairOn = (type, secret) => Buffer.concat([secret, publicKeyOn(type, secret)])
const keypair = seed => Buffer.concat([seed, publicKeyOf(seed)])
const account = seededId('account')
const kek = seededId('kek')
const vaultAccount = seededId('vault account')
const nameOf = dek => h(dekName(dek, vaultAccount))
const overview = utf8('{"purpose":"personal-dek","type":"cobblestone-256","state":"active","label":"photos","created":"2026-01-02"}')

/** One valid envelope per role: sealing key, context, content. */
const sealed = {
  'wrapped KEK': {
    key: seeded('key/mek'), content: kekKey,
    context: { label: 'keystore/v1/wrapped-kek', account, slot: seededId('slot'), kek },
  },
  'wrapped personal DEK': {
    key: kekKey, content: personalDek,
    context: { label: 'keystore/v1/wrapped-personal-dek', account, kek, key: seededId('key'), purpose: 'personal-dek', type: 'cobblestone-256' },
  },
  'wrapped sharing DEK': {
    key: kekKey, content: sharingDek,
    context: { label: 'keystore/v1/wrapped-sharing-dek', account, kek, key: seededId('sharing-key'), purpose: 'sharing-dek', type: 'cobblestone-256' },
  },
  'wrapped identity keypair': {
    key: kekKey, content: keypair(identitySeed),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('identity-key'), purpose: 'identity', type: 'ed25519' },
  },
  'wrapped signing keypair': {
    key: kekKey, content: keypair(signingSeed),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('signing-key'), purpose: 'signing', type: 'ed25519' },
  },
  'wrapped signing keypair on P-256': {
    key: kekKey, content: keypairOn('p-256', seeded('seed/p-256')),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('p-256-key'), purpose: 'signing', type: 'p-256' },
  },
  'wrapped signing keypair on secp256k1': {
    key: kekKey, content: keypairOn('secp256k1', seeded('seed/secp256k1')),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('secp256k1-key'), purpose: 'signing', type: 'secp256k1' },
  },
  'wrapped vault sign-in keypair': {
    key: kekKey, content: keypair(seeded('seed/vault-sign-in')),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('vault-sign-in-key'), purpose: 'vault-sign-in', type: 'ed25519' },
  },
  'wrapped vault head keypair': {
    key: kekKey, content: keypair(seeded('seed/vault-head')),
    context: { label: 'keystore/v1/wrapped-keypair', account, kek, key: seededId('vault-head-key'), purpose: 'vault-head', type: 'ed25519' },
  },
  'key overview': {
    key: kekKey, content: overview,
    context: { label: 'keystore/v1/key-overview', account, kek, key: seededId('key'), revision: 3 },
  },
  witness: {
    key: witnessKey(kekKey, account, kek), content: entry({ account: vaultAccount, number: 12, hash: h(seeded('head/vault/12')) }),
    context: { label: 'keystore/v1/witness', account, kek, keeper: account },
  },
  'personal data': {
    key: personalDek, content: utf8('Only for me.'),
    context: { label: 'data/v1/personal', account, key: seededId('key'), object: seededId('object'), revision: 2 },
  },
  'sharing data': {
    key: sharingDek, content: utf8('For the two of us.'),
    context: { label: 'data/v1/sharing', object: seededId('shared-object'), revision: 2 },
  },
  'vault item': {
    key: personalDek, content: utf8('{"name":"Bicycle","kind":"thing","tags":[],"created":"2026-01-02","changed":"2026-01-03","attributes":[]}'),
    context: { label: 'vault/v1/item', account: vaultAccount, item: seededId('item'), revision: 1, dekName: nameOf(personalDek) },
  },
  'vault attribute': {
    key: personalDek, content: fields('Combination', 'text', utf8('0042')),
    context: { label: 'vault/v1/attribute', account: vaultAccount, item: seededId('item'), attribute: seededId('attribute'), revision: 2, dekName: nameOf(personalDek) },
  },
}

const sealedAs = (name, padded, { key, context } = sealed[name]) => seal(key, seeded(`salt/${name}`, 24), contextOf(context.label, context), padded)
const paddingOf = name => labels[sealed[name].context.label].padding
const envelopeOf = (name, content = sealed[name].content) => sealedAs(name, pad(content, paddingOf(name)))
const publicOf = name => (sealed[name].context.label === 'keystore/v1/wrapped-keypair' ? { publicKey: h(sealed[name].content.subarray(32)) } : {})
const inputs = (name, envelope, changes = {}, key = sealed[name].key) =>
  ({ key: h(key), context: { ...sealed[name].context, ...changes }, ...publicOf(name), envelope: h(envelope) })

/** Where each part of the context is swapped for another of its kind. A revision goes back by one where it can: that is the attack. */
const others = {
  account: seededId('other account'), slot: seededId('other slot'), kek: seededId('other KEK'), key: seededId('other key'), object: seededId('other object'),
  item: seededId('other item'), keeper: vaultAccount, attribute: seededId('other attribute'),
}
const swaps = name => Object.entries(sealed[name].context).flatMap(([field, value]) =>
  field === 'revision' ? [['revision', { revision: value === 1 ? 2 : value - 1 }]] : others[field] ? [[field === 'kek' ? 'KEK id' : `${field}${['account', 'keeper'].includes(field) ? '' : ' id'}`, { [field]: others[field] }]] : [])

/** The context of another role over the same ids: what a service that swaps two envelopes would have to get past. */
const otherRole = {
  'wrapped personal DEK': { label: 'keystore/v1/wrapped-sharing-dek', purpose: 'sharing-dek' },
  'wrapped sharing DEK': { label: 'keystore/v1/wrapped-personal-dek', purpose: 'personal-dek' },
  'wrapped identity keypair': { purpose: 'signing' },
  'wrapped signing keypair': { purpose: 'identity' },
  'wrapped vault sign-in keypair': { purpose: 'vault-head' },
  'wrapped vault head keypair': { purpose: 'vault-sign-in' },
}

const casesOf = name => {
  const envelope = envelopeOf(name)
  return [
    ok(name, 'opens', inputs(name, envelope)),
    refused(`${name}, version 0`, 'the first byte is the version', 'version', inputs(name, flip(envelope, 0, 0))),
    refused(`${name}, version 3`, 'another version is another format', 'version', inputs(name, flip(envelope, 0, 1))),
    refused(`${name}, salt flipped`, 'the commitment is over the salt', 'commitment', inputs(name, flip(envelope, 1))),
    refused(`${name}, commitment flipped at its start`, 'the whole commitment is compared', 'commitment', inputs(name, flip(envelope, 25, 7))),
    refused(`${name}, commitment flipped at its end`, 'the whole commitment is compared', 'commitment', inputs(name, flip(envelope, 56))),
    refused(`${name}, ciphertext flipped`, 'the tag is over the ciphertext', 'tag', inputs(name, flip(envelope, 57))),
    refused(`${name}, tag flipped`, 'the whole tag is compared', 'tag', inputs(name, flip(envelope, -1, 7))),
    refused(`${name}, last byte missing`, 'a shorter chunk is another one', 'tag', inputs(name, envelope.subarray(0, -1))),
    refused(`${name}, trailing byte`, 'a longer chunk is another one', 'tag', inputs(name, Buffer.concat([envelope, Buffer.of(0)]))),
    refused(`${name}, header only`, 'there is at least one chunk', 'length', inputs(name, envelope.subarray(0, 57))),
    refused(`${name}, other sealing key`, 'the commitment is to the key', 'commitment', inputs(name, envelope, {}, seeded('key/other'))),
    ...swaps(name).map(([what, changes]) =>
      refused(`${name}, other ${what}`, `sealed for one ${what}, it opens under no other`, 'commitment', inputs(name, envelope, changes))),
    ...(otherRole[name] ? [refused(`${name}, other role`, 'sealed in one role, it opens in no other', 'commitment', inputs(name, envelope, otherRole[name]))] : []),
  ]
}

const zeros = count => Buffer.alloc(count)
const marked = (content, length) => Buffer.concat([content, Buffer.of(0x80), zeros(length - content.length - 1)])
const wronglyPadded = (name, how, property, padded, reason = 'padding') => refused(`${name}, ${how}`, property, reason, inputs(name, sealedAs(name, padded)))
const kekContent = sealed['wrapped KEK'].content
const dataContent = sealed['personal data'].content

const envelopesFile = vectorFile('envelopes.json', {
  about: 'key opens envelope in context (parts by name; contextBytes is the encoding) to content. publicKey is what the overview of a keypair says. paddedContent and salt are for those who seal.',
  spec: 'envelopes.md',
  run: ({ key, context, publicKey, envelope }) => {
    const data = readBytes(envelope)
    const contextBytes = contextOf(context.label, context)
    const content = openObject(context.label, readBytes(key), context, data, publicKey && readBytes(publicKey))
    return { contextBytes: h(contextBytes), salt: h(data.subarray(1, 25)), paddedContent: h(open(readBytes(key), contextBytes, data)), content: h(content) }
  },
  cases: [
    ...Object.keys(sealed).flatMap(casesOf),
    refused('the two kinds of data swapped', 'personal data does not open as shared data', 'commitment',
      { key: h(personalDek), context: { label: 'data/v1/sharing', object: seededId('object'), revision: 2 }, envelope: h(envelopeOf('personal data')) }),
    ...['vault item', 'vault attribute'].map(name =>
      refused(`${name}, other DEK name`, 'the name is part of the context', 'commitment',
        inputs(name, sealedAs(name, pad(sealed[name].content, 'shortest'), { ...sealed[name], context: { ...sealed[name].context, dekName: nameOf(sharingDek) } })))),
    refused('vault attribute as vault item', 'an attribute is no item', 'commitment',
      { key: h(personalDek), context: { ...sealed['vault item'].context, item: seededId('attribute'), revision: 2 }, envelope: h(envelopeOf('vault attribute')) }),
    refused('vault item as personal data', 'an item is no data', 'commitment',
      { key: h(personalDek), context: { label: 'data/v1/personal', account: vaultAccount, key: seededId('key'), object: seededId('item'), revision: 1 }, envelope: h(envelopeOf('vault item')) }),
    wronglyPadded('vault item', 'a block too many', 'only the shortest length is allowed', marked(sealed['vault item'].content, 192)),
    wronglyPadded('wrapped vault head keypair', 'public half of another', 'the public half must be the one of the seed', marked(Buffer.concat([seeded('seed/vault-head'), publicKeyOf(signingSeed)]), 128), 'content'),
    ok('no data', 'empty content is a block of padding', inputs('personal data', sealedAs('personal data', pad(zeros(0), 'shortest')))),
    ok('63 bytes of data', 'the mark fills the block', inputs('personal data', sealedAs('personal data', pad(seeded('data/63', 63), 'shortest')))),
    ok('64 bytes of data', 'the mark opens another block', inputs('personal data', sealedAs('personal data', pad(seeded('data/64', 64), 'shortest')))),
    ok('data that ends like padding', 'only the last mark counts', inputs('personal data', sealedAs('personal data', pad(Buffer.from('00800000', 'hex'), 'shortest')))),
    wronglyPadded('wrapped KEK', 'padded to 64', 'a wrapped key has 128 bytes, no fewer', marked(kekContent, 64)),
    wronglyPadded('wrapped KEK', 'padded to 192', 'a wrapped key has 128 bytes, no more', marked(kekContent, 192)),
    wronglyPadded('wrapped KEK', 'no mark', 'the mark must be there', Buffer.concat([kekContent, zeros(96)])),
    wronglyPadded('wrapped KEK', 'other mark', 'the mark is 0x80', Buffer.concat([kekContent, Buffer.of(0x81), zeros(95)])),
    wronglyPadded('wrapped KEK', 'byte behind the mark', 'what follows the mark is zero', Buffer.concat([kekContent, Buffer.of(0x80), zeros(94), Buffer.of(1)])),
    wronglyPadded('wrapped KEK', '31 bytes', 'a KEK has 32 bytes', marked(kekContent.subarray(1), 128), 'content'),
    wronglyPadded('wrapped KEK', '33 bytes', 'a KEK has 32 bytes', marked(seeded('33', 33), 128), 'content'),
    wronglyPadded('wrapped personal DEK', '64 bytes', 'a DEK has 32 bytes', marked(keypair(signingSeed), 128), 'content'),
    wronglyPadded('wrapped sharing DEK', 'empty', 'a DEK has 32 bytes', marked(zeros(0), 128), 'content'),
    wronglyPadded('wrapped signing keypair', 'seed alone', 'the public half is inside', marked(signingSeed, 128), 'content'),
    wronglyPadded('wrapped signing keypair', 'public half of another', 'the public half must be the one of the seed', marked(Buffer.concat([signingSeed, publicKeyOf(identitySeed)]), 128), 'content'),
    wronglyPadded('wrapped identity keypair', 'public half of another', 'the public half must be the one of the seed', marked(Buffer.concat([identitySeed, publicKeyOf(signingSeed)]), 128), 'content'),
    wronglyPadded('wrapped signing keypair on P-256', 'public half of another', 'the public half must be the one of the private half', marked(Buffer.concat([seeded('seed/p-256'), publicKeyOn('p-256', seeded('seed/secp256k1'))]), 128), 'content'),
    wronglyPadded('wrapped signing keypair on secp256k1', 'seed alone', 'the public half is inside', marked(seeded('seed/secp256k1'), 128), 'content'),
    refused('wrapped signing keypair, other overview', 'the public half must be the one of the overview', 'content',
      { ...inputs('wrapped signing keypair', envelopeOf('wrapped signing keypair')), publicKey: h(publicKeyOf(identitySeed)) }),
    wronglyPadded('key overview', 'padded to 448', 'an overview has 512 bytes, no fewer', marked(overview, 448)),
    wronglyPadded('key overview', 'padded to 576', 'an overview has 512 bytes, no more', marked(overview, 576)),
    wronglyPadded('personal data', 'a block too many', 'only the shortest length is allowed', marked(dataContent, 128)),
    wronglyPadded('personal data', 'no whole block', 'only multiples of 64 are allowed', marked(dataContent, 63)),
    wronglyPadded('personal data', 'no padding', 'the mark must be there', zeros(64)),
    wronglyPadded('personal data', 'nothing at all', 'even no content has a mark', zeros(0)),
    wronglyPadded('sharing data', 'a block too many', 'only the shortest length is allowed', marked(sealed['sharing data'].content, 128)),
  ],
})

const lengths = [0, 1, 62, 63, 64, 127, 128, 500, 959, 960, 1022, 1023, 1024, 1025, 1087, 1088, 2000, 2047, 2048, 2175, 2176, 4095, 4096, 9999, 16_383, 16_384, 65_535, 65_536, 100_000, 1_048_575, 1_048_576, 5_000_000]
const content = length => ({ repeat: '5a', length })
const paddingFile = vectorFile('padding.json', {
  about: 'content under the shortest padding, or under a fixed length, takes paddedLength bytes; padded is refused. Bytes may be { repeat, length }.',
  spec: 'envelopes.md',
  run: ({ content, padded, padding }) => {
    if (padded !== undefined) return { content: h(unpad(readBytes(padded), padding)) }
    const result = pad(readBytes(content), padding)
    if (!unpad(result, padding).equals(readBytes(content))) throw new Error('padding does not come off')
    return { paddedLength: result.length, paddedSha256: h(sha256(result)) }
  },
  cases: [
    ...lengths.map(length => ok(`${length} bytes`, length + 1 <= 1024 ? 'up to the next multiple of 64' : `Padm\u00e9 of ${length + 1}`, { content: content(length), padding: 'shortest' })),
    ok('fixed, short', 'a fixed length is filled', { content: content(32), padding: 128 }),
    ok('fixed, full', 'the mark takes the last byte', { content: content(511), padding: 512 }),
    refused('empty', 'no mark', 'padding', { padded: '', padding: 'shortest' }),
    refused('zeros', 'no mark', 'padding', { padded: { repeat: '00', length: 64 }, padding: 'shortest' }),
    refused('mark missing', 'the last byte that is not zero is the mark', 'padding', { padded: { repeat: '5a', length: 64 }, padding: 'shortest' }),
    refused('block too many', 'not the shortest', 'padding', { padded: ['5a80', { repeat: '00', length: 126 }], padding: 'shortest' }),
    refused('Padm\u00e9, step too many', 'not the shortest above 1,024 either', 'padding', { padded: [content(2048), '80', { repeat: '00', length: 255 }], padding: 'shortest' }),
    refused('Padm\u00e9 for a short one', 'up to 1,024 multiples of 64 are the rule', 'padding', { padded: [content(840), '80', { repeat: '00', length: 23 }], padding: 'shortest' }),
    refused('multiple of 64 for a long one', 'above 1,024 Padm\u00e9 is the rule', 'padding', { padded: [content(4096), '80', { repeat: '00', length: 63 }], padding: 'shortest' }),
    refused('fixed, too short', 'a fixed length is that length', 'padding', { padded: [content(32), '80', { repeat: '00', length: 31 }], padding: 128 }),
    refused('fixed, too long', 'a fixed length is that length', 'padding', { padded: [content(32), '80', { repeat: '00', length: 159 }], padding: 128 }),
  ],
})
if (lengths.some(length => shortestLength(length) <= length)) throw new Error('no room for the mark')

export default [envelopesFile, paddingFile]
