import { bytes, b64u, fields, hex, sha256, utf8 } from '../formats/bytes.mjs'
import { readKeyFile, writeKeyFile } from '../formats/key-files.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const parts = { origin: 'https://keys.example.org', account: seededId('worker'), secret: seeded('device-secret') }
const file = writeKeyFile(parts)
const lines = file.toString('ascii').split('\n')
const of = (changes, how) => ({ file: h(writeKeyFile({ ...parts, ...changes }, how)) })
const withLine = (index, line) => ({ file: h(utf8(lines.with(index, line).join('\n'))) })
const text = changed => ({ file: h(utf8(changed)) })
const flipped = (line, at) => line.slice(0, at) + (line[at] === 'A' ? 'B' : 'A') + line.slice(at + 1)
// The last symbol of 32 bytes has two bits that must be zero.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const trailing = lines[3].slice(0, -1) + alphabet[alphabet.indexOf(lines[3].at(-1)) | 1]
const longHost = `https://${Array(4).fill('a'.repeat(60)).join('.')}.example`

export default vectorFile('key-files.json', {
  about: 'file, in hex, is a key file for account at origin, with secret.',
  spec: 'key-file.md',
  run: ({ file }) => {
    const read = readKeyFile(hex(file))
    return { origin: read.origin, account: read.account, secret: h(read.secret) }
  },
  cases: [
    ok('as written', 'five lines', { file: h(file) }),
    ok('port', 'an origin with a port', of({ origin: 'https://keys.example.org:8443' })),
    ok('same machine', 'no https on the same machine', of({ origin: 'http://127.0.0.1:5410' })),
    ok('zeros', 'thirty-two zero bytes', of({ secret: Buffer.alloc(32) })),
    ok('long origin', 'a long name', of({ origin: longHost })),
    refused('nothing', 'a first line', 'file-start', text('')),
    refused('first line alone without its end', 'LF ends the line', 'file-start', text(lines[0])),
    refused('another file', 'the first line', 'file-start', text('-----BEGIN PRIVATE KEY-----\n')),
    refused('byte order mark', 'the first line is the first', 'file-start', { file: h(bytes(hex('efbbbf'), file)) }),
    refused('version 2', 'another version is another format', 'file-start', of({}, { version: 'v2' })),
    refused('last line end missing', 'LF ends each line', 'length', { file: h(file.subarray(0, -1)) }),
    refused('check missing', 'five lines', 'length', text(`${lines.slice(0, 4).join('\n')}\n`)),
    refused('sixth line', 'five lines', 'length', text(`${lines.join('\n')}more\n`)),
    refused('empty line at the end', 'five lines', 'length', text(`${lines.join('\n')}\n`)),
    refused('cut in the secret', 'five lines', 'length', text(`${lines.slice(0, 3).join('\n')}\n${lines[3].slice(0, 20)}`)),
    refused('http', 'https', 'value', of({ origin: 'http://keys.example.org' })),
    refused('origin with a path', 'an origin', 'value', of({ origin: 'https://keys.example.org/' })),
    refused('account in capitals', 'small letters', 'value', withLine(2, lines[2].toUpperCase())),
    refused('secret of 31 bytes', '32 bytes', 'length', of({ secret: parts.secret.subarray(1) })),
    refused('secret of 33 bytes', '32 bytes', 'length', of({ secret: bytes(parts.secret, Buffer.of(0)) })),
    refused('padded secret', 'b64u has no padding', 'encoding', withLine(3, `${lines[3]}=`)),
    refused('trailing bits', 'trailing bits are zero', 'encoding', withLine(3, trailing)),
    refused('other secret', 'the check is over the secret', 'checksum', withLine(3, flipped(lines[3], 5))),
    refused('other account', 'the check is over the account', 'checksum', withLine(2, seededId('another worker'))),
    refused('other origin', 'the check is over the origin', 'checksum', withLine(1, 'https://other.example.org')),
    refused('other check', 'one wrong symbol is found in the check itself', 'checksum', withLine(4, flipped(lines[4], 0))),
    refused('check of the bare secret', 'the check is over fields with their label', 'checksum', of({}, { check: sha256(parts.secret).subarray(0, 8) })),
    refused('check of another label', 'the check is over this label', 'checksum', of({}, { check: sha256(fields('key-file/v2/check', parts.origin, { id: parts.account }, parts.secret)).subarray(0, 8) })),
    refused('check of nine bytes', 'eight bytes', 'checksum', withLine(4, b64u(sha256(fields('key-file/v1/check', parts.origin, { id: parts.account }, parts.secret)).subarray(0, 9)))),
  ],
})
