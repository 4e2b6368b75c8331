import { b64u } from '../formats/bytes.mjs'
import { publicKeyOf as publicKeyOn } from '../formats/ecdsa.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { readOverview } from '../formats/overview.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const dek = { purpose: 'personal-dek', type: 'cobblestone-256', state: 'active', label: 'photos', created: '2026-01-02' }
const pair = { purpose: 'signing', type: 'ed25519', state: 'active', created: '2026-01-02', public: b64u(publicKeyOf(seeded('seed/signing'))) }
const [p256, secp256k1] = ['p-256', 'secp256k1'].map(type => ({ ...pair, type, public: b64u(publicKeyOn(type, seeded(`seed/${type}`))) }))
const service = { origin: 'https://vault.example.org', account: seededId('vault account') }
const signIn = { purpose: 'vault-sign-in', type: 'ed25519', state: 'active', created: '2026-01-02', public: b64u(publicKeyOf(seeded('seed/vault-sign-in'))), service }
const vaultHead = { ...signIn, purpose: 'vault-head', public: b64u(publicKeyOf(seeded('seed/vault-head'))) }
const ofService = changes => ({ service: { ...service, ...changes } })
const text = (from, changes = {}) => ({ json: JSON.stringify({ ...from, ...changes }) })
const raw = (from, replaced, by) => ({ json: JSON.stringify(from).replace(replaced, by) })
const member = (name, property, inputs) => refused(name, property, 'member', inputs)
const value = (name, property, inputs) => refused(name, property, 'value', inputs)
const notJson = (name, property, inputs) => refused(name, property, 'json', inputs)
const originOf = length => `https://${'long-'.repeat(30).slice(0, length - 20)}.example.org`
const nested = depth => '['.repeat(depth) + ']'.repeat(depth)

export default [vectorFile('key-overviews.json', {
  about: 'json (or jsonBytes, in hex, where it is no text) is the content of a key overview, and means overview. Members without a value are absent there.',
  spec: 'envelopes.md',
  run: ({ json, jsonBytes }) => {
    const overview = readOverview(json === undefined ? Buffer.from(jsonBytes, 'hex') : Buffer.from(json))
    return { overview: { ...overview, ...(overview.public && { public: h(overview.public) }) } }
  },
  cases: [
    ok('personal DEK', 'all members of a DEK', text(dek)),
    ok('sharing DEK', 'the other kind of DEK', text(dek, { purpose: 'sharing-dek' })),
    ok('signing keypair', 'all members of a keypair but a label', text(pair)),
    ok('signing keypair on P-256', 'what a person signs with may be on another curve', text(p256)),
    ok('signing keypair on secp256k1', 'likewise', text(secp256k1, { label: 'coins' })),
    ok('identity keypair', 'the other kind of keypair', text(pair, { purpose: 'identity', label: 'me' })),
    ...['pre-activation', 'deactivated', 'compromised'].map(state => ok(`state ${state}`, 'a state of section 5', text(dek, { state }))),
    ok('vault sign-in keypair', 'signs in to one Vault', text(signIn)),
    ok('vault head keypair', 'signs the heads of one account of a Vault', text(vaultHead)),
    ok('personal DEK of a Vault', 'seals for one account of a Vault', text(dek, { service })),
    ok('deactivated DEK of a Vault', 'a DEK has every state, whatever it is for', text(dek, { service, state: 'deactivated' })),
    ok('null service', 'null is absent', text(dek, { service: null })),
    ok('null label of a vault keypair', 'null is absent', text(signIn, { label: null })),
    ok('service on a port', 'an origin has a port that is not its scheme\'s own', text(dek, ofService({ origin: 'http://127.0.0.1:8081' }))),
    ok('longest origin', '72 characters', text(vaultHead, ofService({ origin: originOf(72) }))),
    ok('longest overview', 'origin and escaped label at their longest still fit the padding', text(dek, { state: 'pre-activation', label: '"'.repeat(128), ...ofService({ origin: originOf(72) }) })),
    ok('null label', 'null is absent', text(dek, { label: null })),
    ok('null public', 'null is absent', text(dek, { public: null })),
    ok('other order', 'the order of members is free', text(Object.fromEntries(Object.entries(pair).reverse()))),
    ok('white space', 'JSON may have white space', { json: ` {\n\t"purpose" : "personal-dek",\r\n "type":"cobblestone-256", "state":"active", "created":"2026-01-02" } ` }),
    ok('escaped', 'names and values may be escaped', raw(dek, '"purpose":"p', '"\\u0070urpose":"\\u0070')),
    ok('label beyond ASCII', 'labels are Unicode', text(dek, { label: 'Urlaub \u{1f3d6}\ufe0f \u00e0 la mer' })),
    ok('longest label', '128 bytes of UTF-8', text(dek, { label: '\u00e9'.repeat(64) })),
    ok('longest label of quotes', 'escaped, it still fits the padding', text(pair, { label: '"'.repeat(128) })),
    ok('leap day', 'a day that exists', text(dek, { created: '2028-02-29' })),
    member('unknown member', 'members that the table has not are refused', text(dek, { note: 'x' })),
    member('unknown member that is null', 'even without a value', text(dek, { note: null })),
    member('capital letter', 'names are compared letter for letter', raw(dek, '"state"', '"State"')),
    member('duplicate member', 'a second member of one name', raw(dek, '"state"', '"state":"active","state"')),
    member('duplicate member, escaped', 'names are compared after unescaping', raw(dek, '"state"', '"st\\u0061te":"active","state"')),
    member('purpose absent', 'purpose must be there', text(dek, { purpose: undefined })),
    member('type absent', 'type must be there', text(dek, { type: undefined })),
    member('state absent', 'state must be there', text(dek, { state: undefined })),
    member('state null', 'null is absent', text(dek, { state: null })),
    member('created absent', 'created must be there', text(dek, { created: undefined })),
    member('public half of a DEK', 'a DEK has none', text(dek, { public: pair.public })),
    member('keypair without public half', 'a keypair has one', text(pair, { public: undefined })),
    member('vault sign-in keypair without service', 'it is for one Vault', text(signIn, { service: undefined })),
    member('vault head keypair without service', 'it is for one Vault', text(vaultHead, { service: null })),
    member('vault sign-in keypair with a label', 'no person calls it anything', text(signIn, { label: 'bank' })),
    member('vault head keypair with a label', 'no person calls it anything', text(vaultHead, { label: 'bank' })),
    member('vault head keypair without public half', 'a keypair has one', text(vaultHead, { public: undefined })),
    member('sharing DEK with service', 'it seals for no Vault', text(dek, { purpose: 'sharing-dek', service })),
    member('signing keypair with service', 'it is for no service', text(pair, { service })),
    member('identity keypair with service', 'it is for no service but the one it lies at', text(pair, { purpose: 'identity', service })),
    member('unknown member of service', 'members that the table has not are refused', text(dek, ofService({ name: 'x' }))),
    member('duplicate member of service', 'a second member of one name', raw(signIn, '"origin"', '"origin":"https://other.example.org","origin"')),
    member('service without origin', 'every member must be there', text(dek, ofService({ origin: undefined }))),
    member('service without account', 'every member must be there', text(dek, ofService({ account: undefined }))),
    value('service as text', 'an object', text(dek, { service: service.origin })),
    value('service as list', 'an object', text(dek, { service: [service] })),
    value('origin too long', '73 characters', text(vaultHead, ofService({ origin: originOf(73) }))),
    value('origin with a slash', 'an origin has one form', text(dek, ofService({ origin: `${service.origin}/` }))),
    value('origin with a path', 'an origin is no address', text(dek, ofService({ origin: `${service.origin}/v1` }))),
    value('origin in capitals', 'the host is in lower case', text(dek, ofService({ origin: 'https://Vault.example.org' }))),
    value('origin with its scheme\'s own port', 'an origin has one form', text(dek, ofService({ origin: `${service.origin}:443` }))),
    value('origin of another scheme', 'https, or http', text(dek, ofService({ origin: 'ftp://vault.example.org' }))),
    value('origin without scheme', 'scheme and host', text(dek, ofService({ origin: 'vault.example.org' }))),
    value('account in capitals', 'an id has one form', text(dek, ofService({ account: service.account.toUpperCase() }))),
    value('vault sign-in keypair deactivated', 'it stays active', text(signIn, { state: 'deactivated' })),
    value('vault head keypair compromised', 'it stays active', text(vaultHead, { state: 'compromised' })),
    value('vault head keypair as a DEK', 'purpose and type are one line of the table', text(vaultHead, { type: 'cobblestone-256' })),
    value('unknown purpose', 'a purpose of the table', text(dek, { purpose: 'backup-dek' })),
    value('unknown type', 'a type of the table', text(dek, { type: 'cobblestone-128' })),
    value('type of another purpose', 'purpose and type are one line of the table', text(dek, { type: 'ed25519', public: pair.public })),
    value('unknown state', 'a state of section 5', text(dek, { state: 'destroyed' })),
    value('state in capitals', 'values are compared letter for letter', text(dek, { state: 'Active' })),
    value('label too long', '129 bytes', text(dek, { label: 'x'.repeat(129) })),
    value('label too long in UTF-8', '65 letters of two bytes', text(dek, { label: '\u00e9'.repeat(65) })),
    value('empty label', 'no label is an absent one', text(dek, { label: '' })),
    value('label with a newline', 'labels have no control characters', text(dek, { label: 'two\nlines' })),
    value('label with an escape', 'not U+001B either, which terminals obey', text(dek, { label: '\u001b[2J' })),
    value('label that is a number', 'a label is a text', text(dek, { label: 7 })),
    value('public half too short', '32 bytes', text(pair, { public: b64u(seeded('31', 31)) })),
    value('public half of small order', 'a point of prime order', text(pair, { public: b64u(Buffer.alloc(32)) })),
    value('public half off the curve', 'a point of the curve', text(pair, { public: b64u(Buffer.concat([Buffer.of(2), Buffer.alloc(31)])) })),
    value('identity keypair on P-256', 'only what a person signs with is on another curve', text(p256, { purpose: 'identity' })),
    value('signing keypair on P-384', 'a type of the table', text(p256, { type: 'p-384' })),
    value('public half off secp256k1', 'a point of the curve that the type names', text(secp256k1, { public: b64u(Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(5)])) })),
    value('public half uncompressed', '33 bytes', text(p256, { public: b64u(Buffer.concat([Buffer.of(4), seeded('64', 64)])) })),
    value('identity keypair deactivated', 'the identity keypair stays active', text(pair, { purpose: 'identity', state: 'deactivated' })),
    value('public half padded', 'b64u as the notation has it', text(pair, { public: `${pair.public}=` })),
    value('day that does not exist', 'no 30th of February', text(dek, { created: '2026-02-30' })),
    value('leap day in another year', 'no 29th of February', text(dek, { created: '2026-02-29' })),
    value('year 0', 'days are from 0001-01-01 on', text(dek, { created: '0000-01-01' })),
    value('day with a time', 'a day is no time', text(dek, { created: '2026-01-02T00:00:00Z' })),
    value('day without zeros', 'two digits each', text(dek, { created: '2026-1-2' })),
    notJson('list', 'an object is the outermost value', { json: `[${JSON.stringify(dek)}` }),
    notJson('cut', 'cut short', { json: JSON.stringify(dek).slice(0, -1) }),
    notJson('trailing data', 'nothing follows', { json: `${JSON.stringify(dek)}{}` }),
    notJson('trailing NUL', 'not even a zero byte', { json: `${JSON.stringify(dek)}\u0000` }),
    notJson('comment', 'JSON has no comments', raw(dek, '{', '{/* */')),
    notJson('trailing comma', 'JSON has no trailing comma', raw(dek, /}$/, ',}')),
    notJson('single quotes', 'JSON has double quotes', { json: JSON.stringify(dek).replaceAll('"', '\'') }),
    notJson('byte order mark', 'no byte order mark', { json: `\ufeff${JSON.stringify(dek)}` }),
    notJson('nothing', 'nothing is not JSON', { json: '' }),
    notJson('invalid UTF-8', 'a byte that is not UTF-8', { jsonBytes: h(Buffer.concat([Buffer.from('{"label":"'), Buffer.of(0xff), Buffer.from(JSON.stringify(dek).slice(1).replace('"purpose"', '","purpose"'))])) }),
    notJson('overlong UTF-8', 'U+002F in two bytes', { jsonBytes: h(Buffer.concat([Buffer.from('{"label":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')])) }),
    notJson('lone surrogate', 'half a character in a text', raw(dek, 'photos', '\\ud83d')),
    notJson('too deep', 'depth 17', raw(dek, '"photos"', nested(16))),
    value('deep, but not too deep', 'depth 16, and no text', raw(dek, '"photos"', nested(15))),
    notJson('much too deep', 'depth 1,001', raw(dek, '"photos"', nested(1000))),
  ],
})]
