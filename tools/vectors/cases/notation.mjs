import { fields, readB64u, readId } from '../formats/bytes.mjs'
import { h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const value = each =>
  each.text ?? each.integer ?? (each.id === undefined ? readBytes(each.bytes) : { id: each.id })

const fieldsFile = vectorFile('fields.json', {
  about: 'fields(values) gives encoded. A value is a text, an id, an integer or bytes.',
  spec: 'README.md',
  run: ({ values }) => ({ encoded: h(fields(...values.map(value))) }),
  cases: [
    ok('label alone', 'a single text', { values: [{ text: 'file/v1/sharing' }] }),
    ok('empty text', 'an empty field keeps its length', { values: [{ text: 'a' }, { text: '' }] }),
    ok('border to the left', 'where a field ends is part of the encoding: compare "border to the right"', { values: [{ text: 'a' }, { text: 'bc' }] }),
    ok('border to the right', 'where a field ends is part of the encoding: compare "border to the left"', { values: [{ text: 'ab' }, { text: 'c' }] }),
    ok('text beyond ASCII', 'the length counts UTF-8 bytes, not characters', { values: [{ text: 'Schl\u00fcssel \ud83d\udd11' }] }),
    ok('id', 'an id is its 16 bytes in the order of its text', { values: [{ text: 'label' }, { id: '00112233-4455-4677-8899-aabbccddeeff' }] }),
    ok('integers', 'an integer is 8 bytes, big-endian', { values: [{ text: 'label' }, { integer: 0 }, { integer: 1 }, { integer: 258 }, { integer: Number.MAX_SAFE_INTEGER }] }),
    ok('bytes', 'bytes stand for themselves', { values: [{ text: 'label' }, { bytes: '' }, { bytes: '00' }, { bytes: h(seeded('fields/bytes', 33)) }] }),
    ok('long field', 'a length over 255 takes its second byte', { values: [{ text: 'label' }, { bytes: { repeat: 'ab', length: 300 } }] }),
    ok('all kinds', 'a context as it is used', { values: [{ text: 'keystore/v1/key-overview' }, { id: seededId('account') }, { id: seededId('kek') }, { id: seededId('key') }, { integer: 7 }] }),
  ],
})

const base64urlFile = vectorFile('base64url.json', {
  about: 'text decodes to bytes, and bytes encode to text.',
  spec: 'README.md',
  run: ({ text }) => ({ bytes: h(readB64u(text)) }),
  cases: [
    ok('empty', 'no bytes, no text', { text: '' }),
    ok('one byte', 'two symbols, the last with four zero bits', { text: '_w' }),
    ok('two bytes', 'three symbols, the last with two zero bits', { text: '__8' }),
    ok('three bytes', 'four symbols', { text: '-_-_' }),
    refused('padding', 'padding is refused', 'encoding', { text: '_w==' }),
    refused('lone padding', 'padding is refused where it adds nothing', 'encoding', { text: '____=' }),
    refused('plus', 'the alphabet of plain base64 is refused', 'encoding', { text: '+/+/' }),
    refused('blank', 'white space is refused', 'encoding', { text: '__ __' }),
    refused('newline at the end', 'white space is refused at the end too', 'encoding', { text: '____\n' }),
    refused('one symbol over', 'no number of bytes gives 4n + 1 symbols', 'encoding', { text: '_____' }),
    refused('trailing bits, one byte', 'bits that encode nothing must be zero', 'encoding', { text: '_x' }),
    refused('trailing bits, two bytes', 'bits that encode nothing must be zero', 'encoding', { text: '__9' }),
    refused('letter beyond ASCII', 'a full-width letter is not the letter', 'encoding', { text: '\uff21AAA' }),
  ],
})

const id = '00112233-4455-4677-8899-aabbccddeeff'
const idsFile = vectorFile('ids.json', {
  about: 'text is an id of 16 bytes, written in its one form.',
  spec: 'README.md',
  run: ({ text }) => ({ bytes: h(readId(text)) }),
  cases: [
    ok('version 4', 'the form that ids have', { text: id }),
    ok('variant up to b', 'all four second digits of the variant are fine', { text: 'ffffffff-ffff-4fff-bfff-ffffffffffff' }),
    refused('capitals', 'capitals are refused', 'encoding', { text: id.toUpperCase() }),
    refused('braces', 'braces are refused', 'encoding', { text: `{${id}}` }),
    refused('no hyphens', 'hyphens belong to the form', 'encoding', { text: id.replaceAll('-', '') }),
    refused('URN', 'the URN form is refused', 'encoding', { text: `urn:uuid:${id}` }),
    refused('blank before', 'white space is refused', 'encoding', { text: ` ${id}` }),
    refused('newline after', 'white space is refused', 'encoding', { text: `${id}\n` }),
    refused('version 7', 'an id of version 7 tells when it was made', 'encoding', { text: '00112233-4455-7677-8899-aabbccddeeff' }),
    refused('version 1', 'an id of version 1 tells where it was made', 'encoding', { text: '00112233-4455-1677-8899-aabbccddeeff' }),
    refused('other variant', 'the variant is that of RFC 9562', 'encoding', { text: '00112233-4455-4677-c899-aabbccddeeff' }),
    refused('nil', 'the nil UUID is no id', 'encoding', { text: '00000000-0000-0000-0000-000000000000' }),
    refused('digit missing', 'too short', 'encoding', { text: id.slice(0, -1) }),
    refused('digit that is none', 'g is no digit', 'encoding', { text: id.replace('f', 'g') }),
    refused('empty', 'nothing is no id', 'encoding', { text: '' }),
  ],
})

export default [fieldsFile, base64urlFile, idsFile]
