import { fields, hex, sha256, utf8 } from '../formats/bytes.mjs'
import { invitationHash, readAdmission, readInvitation, writeInvitation } from '../formats/admission.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { signJws } from '../formats/jws.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const secret = seeded('invitation', 16)
const code = writeInvitation(secret)
const body = code.slice(4)
const put1 = (index, symbol) => `KI1-${body.slice(0, index)}${symbol}${body.slice(index + 1)}`
const lookAlikes = writeInvitation(hex('00000000000842108421084210842108'))

const invitationsFile = vectorFile('invitations.json', {
  about: 'typed, read as an invitation, gives secret, which is written as code; hash is what a service keeps of it.',
  spec: 'admission.md',
  run: ({ typed }) => {
    const read = readInvitation(typed)
    return { secret: h(read), code: writeInvitation(read), hash: h(invitationHash(read)) }
  },
  cases: [
    ok('as written', 'the form that is written is read', { typed: code }),
    ok('zeros', 'sixteen zero bytes', { typed: writeInvitation(Buffer.alloc(16)) }),
    ok('ones', 'sixteen bytes of 0xff', { typed: writeInvitation(Buffer.alloc(16, 0xff)) }),
    ok('small letters', 'case does not matter', { typed: code.toLowerCase() }),
    ok('no hyphens', 'hyphens do not matter', { typed: code.replaceAll('-', '') }),
    ok('white space', 'white space does not matter', { typed: `\t${code.replaceAll('-', ' ')}\r\n` }),
    ok('O for 0', 'O is read as 0', { typed: `KI1-${lookAlikes.slice(4).replaceAll('0', 'O')}` }),
    ok('I for 1', 'I is read as 1', { typed: `KI1-${lookAlikes.slice(4).replaceAll('1', 'I')}` }),
    ok('small L for 1', 'L is read as 1, small or not', { typed: `KI1-${lookAlikes.slice(4).replaceAll('1', 'l')}` }),
    refused('other symbol at the start', 'one wrong symbol is found', 'checksum', { typed: put1(0, body[0] === 'Z' ? 'Y' : 'Z') }),
    refused('other symbol in the check', 'one wrong symbol is found in the check itself', 'checksum', { typed: put1(body.length - 1, body.at(-1) === 'Z' ? 'Y' : 'Z') }),
    refused('check of the bare secret', 'the check is over fields with their label', 'checksum', { typed: writeInvitation(secret, sha256(secret).subarray(0, 4)) }),
    refused('check of another label', 'the check is over this label', 'checksum', { typed: writeInvitation(secret, sha256(fields('keystore/v1/invitation', secret)).subarray(0, 4)) }),
    refused('letter U', 'U is no symbol', 'symbol', { typed: put1(3, 'U') }),
    refused('full-width digit', 'a full-width digit is no symbol', 'symbol', { typed: put1(20, '\uff11') }),
    refused('symbol missing', 'there are 32 symbols', 'length', { typed: code.slice(0, -1) }),
    refused('symbol too many', 'there are 32 symbols', 'length', { typed: `${code}0` }),
    refused('nothing behind KI1', 'there are 32 symbols', 'length', { typed: 'KI1-' }),
    refused('a Secret Key', 'KL1 is another thing', 'prefix', { typed: code.replace('KI1', 'KL1') }),
    refused('version 2', 'another version is another format', 'prefix', { typed: code.replace('KI1', 'KI2') }),
    refused('no version', 'the version belongs to the code', 'prefix', { typed: body.replace(/^./, '0') }),
    refused('look-alike in KI1', 'look-alikes are read in the symbols only', 'prefix', { typed: code.replace('KI1', 'K11') }),
    refused('nothing', 'nothing is no code', 'prefix', { typed: '' }),
  ],
})

const seed = seeded('seed/registered')
const iat = 1_790_000_000
const payload = { aud: 'https://keys.example.org', jti: seededId('admission'), iat, exp: iat + 600 }
const kind = 'keystore-admission+jwt'
const signed = (changes = {}, by = seed, as = kind) => ({ publicKey: h(publicKeyOf(seed)), jws: signJws(as, utf8(JSON.stringify({ ...payload, ...changes })), by) })
const raw = (pattern, by) => ({ ...signed(), jws: signJws(kind, utf8(JSON.stringify(payload).replace(pattern, by)), seed) })
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)

const admissionsFile = vectorFile('admissions.json', {
  about: 'jws is an admission by the registered key publicKey, and says payload. Audience, time and first use are for the service to judge.',
  spec: 'admission.md',
  run: ({ publicKey, jws }) => ({ payload: readAdmission(jws, hex(publicKey)) }),
  cases: [
    ok('admission', 'ten minutes, the longest', signed()),
    ok('one second', 'the shortest', signed({ exp: iat + 1 })),
    ok('loopback', 'an origin with a port', signed({ aud: 'http://127.0.0.1:5410' })),
    ok('other order', 'the order of members is free', { ...signed(), jws: signJws(kind, utf8(JSON.stringify(Object.fromEntries(Object.entries(payload).reverse()))), seed) }),
    refused('another kind', 'a signature of one kind is none of another', 'header', signed({}, seed, 'keystore-login+jwt')),
    refused('signed by another', 'a registered key signs', 'signature', signed({}, seeded('seed/not registered'))),
    value('601 seconds', 'at most ten minutes', signed({ exp: iat + 601 })),
    value('no time', 'it ends after it was issued', signed({ exp: iat })),
    value('ended before', 'it ends after it was issued', signed({ exp: iat - 1 })),
    member('no audience', 'every member must be there', signed({ aud: undefined })),
    member('no id', 'every member must be there', signed({ jti: undefined })),
    member('no issue', 'every member must be there', signed({ iat: undefined })),
    member('no end', 'every member must be there', signed({ exp: undefined })),
    member('id null', 'null is absent', signed({ jti: null })),
    member('subject', 'members that the table has not are refused: it names nobody', signed({ sub: 'somebody' })),
    member('duplicate id', 'a second member of one name', raw('{', `{"jti":"${seededId('other admission')}",`)),
    value('audience as a list', 'a text', signed({ aud: [payload.aud] })),
    value('id of version 7', 'version 4', signed({ jti: payload.jti.replace(/^(.{14})4/, '$17') })),
    value('id in capitals', 'lower case', signed({ jti: payload.jti.toUpperCase() })),
    value('id as a free text', 'a UUID', signed({ jti: 'once' })),
    value('end as a text', 'an integer', signed({ exp: String(payload.exp) })),
    value('issue with a fraction', 'an integer', raw(`${iat},`, `${iat}.5,`)),
    refused('trailing data', 'nothing follows', 'json', raw(/$/, ' null')),
  ],
})

export default [invitationsFile, admissionsFile]
