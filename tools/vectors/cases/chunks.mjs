// The bare format: chunk boundaries, and what can be done to whole chunks. Ciphertexts are long, so the cases are made the other way
// round: the ciphertext of a chunk is a repeated pattern, and the plaintext, which then looks random, is given by its SHA-256.
import { fields, sha256 } from '../formats/bytes.mjs'
import { chunkSize, contextOf, fileStart, open, openFile, sealer } from '../formats/envelopes.mjs'
import { h, flip, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const pattern = h(seeded('pattern', 16))

/** The pieces of an envelope over `length` bytes of plaintext, in the notation of the files: header, then body and tag of each chunk. */
function pieces(name, key, context, length, first = []) {
  const { header, chunk, partFor } = sealer(key, seeded(`salt/${name}`, 24), context)
  const chunks = []
  for (let number = 0; number * chunkSize <= length; number++) {
    const body = { repeat: pattern, length: Math.min(chunkSize, length - number * chunkSize) }
    chunks.push([body, h(chunk(number, partFor(number, readBytes(body))).subarray(-16))])
  }
  return { header: [...first, h(header)], chunks, sealChunk: (number, part) => h(chunk(number, part)) }
}

const key = seeded('key/chunks')
const context = fields('chunks', 'a context of the vectors\u2019 own')
const of = length => pieces(`chunks/${length}`, key, context, length)
const put = ({ header, chunks }) => [...header, ...chunks.flat()]
const inputs = (envelope, changes = {}) => ({ key: h(key), context: h(context), envelope, ...changes })
const two = of(20_000)
const three = of(40_000)
const exact = of(16_384)
const short = of(100)

const chunksFile = vectorFile('chunks.json', {
  about: 'key opens envelope in context to plaintextLength bytes with plaintextSha256. Bytes may be a list of hex and { repeat, length }, to be joined.',
  spec: 'envelopes.md',
  run: ({ key, context, envelope }) => {
    const data = readBytes(envelope)
    const plaintext = open(readBytes(key), readBytes(context), data)
    return { envelopeSha256: h(sha256(data)), plaintextLength: plaintext.length, plaintextSha256: h(sha256(plaintext)) }
  },
  cases: [
    ...[0, 1, 100, 16_383, 16_384, 16_385, 20_000, 32_767, 32_768, 32_769, 40_000].map(length =>
      ok(`${length} bytes`, `${Math.floor(length / chunkSize) + 1} chunks, the last of ${length % chunkSize} bytes`, inputs(put(of(length))))),
    ok('257 chunks', 'the chunk number takes its second byte', inputs(put(of(257 * chunkSize - 1)))),
    ok('empty context', 'a context may be empty', inputs(put(pieces('chunks/no context', key, Buffer.alloc(0), 100)), { context: '' })),
    refused('nothing', 'there is no empty envelope', 'length', inputs('')),
    refused('version alone', 'the header has 57 bytes', 'length', inputs('01')),
    refused('half a header', 'the header has 57 bytes', 'length', inputs([...short.header].map(part => part.slice(0, 60)))),
    refused('part of a tag', 'a chunk has at least its tag', 'length', inputs([...short.header, short.chunks[0][1].slice(2)])),
    refused('version 2', 'another version is another format', 'version', inputs(put({ ...short, header: [`02${short.header[0].slice(2)}`] }))),
    refused('other context', 'the context is bound', 'commitment', inputs(put(short), { context: h(flip(context, -1)) })),
    refused('context with a byte more', 'the context is bound', 'commitment', inputs(put(short), { context: `${h(context)}00` })),
    refused('other key', 'the key is committed to', 'commitment', inputs(put(short), { key: h(seeded('key/other')) })),
    refused('last chunk missing', 'cut at the end of a chunk', 'length', inputs([...two.header, ...two.chunks[0]])),
    refused('empty last chunk missing', 'a message of 16,384 bytes has two chunks', 'length', inputs([...exact.header, ...exact.chunks[0]])),
    refused('last chunk cut', 'cut inside the last chunk', 'tag', inputs([...two.header, ...two.chunks[0], { ...two.chunks[1][0], length: two.chunks[1][0].length - 1 }, two.chunks[1][1]])),
    refused('first chunk cut', 'cut inside the first chunk', 'tag', inputs([...two.header, { ...two.chunks[0][0], length: 1000 }])),
    refused('trailing byte', 'a byte behind the last chunk', 'tag', inputs([...put(two), '00'])),
    refused('short chunk in the middle', 'a chunk behind the short one, sealed with the right number', 'tag', inputs([...put(short), short.sealChunk(1, Buffer.of(1))])),
    refused('full chunk at the end', 'the last chunk is never full', 'length', inputs([...exact.header, ...exact.chunks[0], exact.sealChunk(1, Buffer.alloc(chunkSize))])),
    refused('chunks swapped', 'a chunk has its number', 'tag', inputs([...three.header, ...three.chunks[1], ...three.chunks[0], ...three.chunks[2]])),
    refused('chunk twice', 'a chunk has its number', 'tag', inputs([...three.header, ...three.chunks[0], ...three.chunks[0], ...three.chunks[2]])),
    refused('chunk left out', 'a chunk has its number', 'tag', inputs([...three.header, ...three.chunks[0], ...three.chunks[2]])),
    refused('chunk of another message', 'a chunk has its message', 'tag', inputs([...two.header, ...three.chunks[0], ...two.chunks[1]])),
    refused('tag of the first chunk flipped', 'every chunk is authenticated', 'tag', inputs([...two.header, two.chunks[0][0], h(flip(Buffer.from(two.chunks[0][1], 'hex'), 0)), ...two.chunks[1]])),
  ],
})

const account = seededId('account')
const personal = { label: 'file/v1/personal', account }
const sharing = { label: 'file/v1/sharing' }
const file = (name, length, from) => pieces(`files/${name}`, key, contextOf(from.label, from), length, [h(fileStart)])
const fileInputs = (parts, from, changes = {}) => ({ key: h(key), context: from, file: parts, ...changes })
const personalFile = file('personal', 40_000, personal)
const sharingFile = file('sharing', 40_000, sharing)
const ranges = [[0, 1], [0, 20], [16_380, 8], [16_384, 4], [32_767, 2], [39_990, 10]]

const filesFile = vectorFile('files.json', {
  about: 'key opens file in context to plaintextLength bytes with plaintextSha256; ranges are parts of the plaintext, to be read without the rest. Bytes as in chunks.json.',
  spec: 'envelopes.md',
  run: ({ key, context, file }) => {
    const plaintext = openFile(context.label, readBytes(key), context, readBytes(file))
    return {
      contextBytes: h(contextOf(context.label, context)), plaintextLength: plaintext.length, plaintextSha256: h(sha256(plaintext)),
      ranges: ranges.filter(([offset, length]) => offset + length <= plaintext.length).map(([offset, length]) => ({ offset, bytes: h(plaintext.subarray(offset, offset + length)) })),
    }
  },
  cases: [
    ok('empty personal file', 'no content, one chunk', fileInputs(put(file('empty', 0, personal)), personal)),
    ok('empty sharing file', 'no content, one chunk', fileInputs(put(file('empty sharing', 0, sharing)), sharing)),
    ok('personal file', 'three chunks', fileInputs(put(personalFile), personal)),
    ok('sharing file', 'three chunks', fileInputs(put(sharingFile), sharing)),
    ok('file of one full chunk', 'files are not padded: a full chunk and an empty one', fileInputs(put(file('full', 16_384, personal)), personal)),
    refused('no first line', 'a file starts with its name', 'file-start', fileInputs([personalFile.header[1], ...personalFile.chunks.flat()], personal)),
    refused('first line of version 2', 'a file starts with its name', 'file-start', fileInputs([h(Buffer.from('keyladder-file/v2\n')), personalFile.header[1], ...personalFile.chunks.flat()], personal)),
    refused('first line with a carriage return', 'the line ends with one byte', 'file-start', fileInputs([h(Buffer.from('keyladder-file/v1\r\n')), personalFile.header[1], ...personalFile.chunks.flat()], personal)),
    refused('first line alone', 'there is no file without an envelope', 'length', fileInputs(h(fileStart), personal)),
    refused('nothing', 'there is no empty file', 'file-start', fileInputs('', personal)),
    refused('envelope of version 2', 'the envelope has its own version', 'version', fileInputs([personalFile.header[0], `02${personalFile.header[1].slice(2)}`, ...personalFile.chunks.flat()], personal)),
    refused('other account', 'a personal file belongs to its account', 'commitment', fileInputs(put(personalFile), { ...personal, account: seededId('other account') })),
    refused('other key', 'the commitment tells the key', 'commitment', fileInputs(put(personalFile), personal, { key: h(seeded('key/other')) })),
    refused('personal as sharing', 'the kind of the key is bound', 'commitment', fileInputs(put(personalFile), sharing)),
    refused('sharing as personal', 'the kind of the key is bound', 'commitment', fileInputs(put(sharingFile), personal)),
    refused('last chunk missing', 'a cut file is found', 'length', fileInputs([...personalFile.header, ...personalFile.chunks.slice(0, 2).flat()], personal)),
    refused('last chunk flipped', 'the last chunk is authenticated', 'tag', fileInputs([...personalFile.header, ...personalFile.chunks.slice(0, 2).flat(), personalFile.chunks[2][0], h(flip(Buffer.from(personalFile.chunks[2][1], 'hex'), 0))], personal)),
    refused('trailing byte', 'nothing follows', 'tag', fileInputs([...put(personalFile), '00'], personal)),
  ],
})

export default [chunksFile, filesFile]
