import { bytes, hex, utf8 } from '../formats/bytes.mjs'
import { checkPublicKey, encapsulationSize, openFrom, publicKeySize, sealTo, xwingPublicKeyOf } from '../formats/hpke.mjs'
import { flip, h, ok, refused, seeded, vectorFile } from './case.mjs'

const seed = seeded('seed/x-wing')
const other = seeded('seed/other x-wing')
const info = utf8('what it is for')
const plaintext = utf8('a message')
const randomness = seeded('x-wing/randomness', 64)
const publicKey = xwingPublicKeyOf(seed)

const message = (changes = {}) => {
  const from = { seed, info, plaintext, randomness, ...changes }
  return { seed: h(from.seed), info: h(from.info), randomness: h(from.randomness), sealed: h(sealTo(xwingPublicKeyOf(from.seed), from.info, from.plaintext, from.randomness)) }
}
const sealed = hex(message().sealed)
const altered = changed => ({ seed: h(seed), info: h(info), sealed: h(changed) })
const small = point => bytes(sealed.subarray(0, encapsulationSize - 32), point, sealed.subarray(encapsulationSize))
const order8 = hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')

const messagesFile = vectorFile('hpke.json', {
  about: 'with the X-Wing private key seed, whose public key is publicKey, sealed opens under info to plaintext; made from the 64 bytes of randomness of X-Wing, sealed is what it is.',
  spec: 'hpke.md',
  run: ({ seed, info, randomness, sealed }) => {
    const publicKey = xwingPublicKeyOf(hex(seed))
    const plaintext = openFrom(hex(seed), hex(info), hex(sealed))
    if (!sealTo(publicKey, hex(info), plaintext, hex(randomness)).equals(hex(sealed))) throw new Error('sealed otherwise')
    return { publicKey: h(publicKey), plaintext: h(plaintext) }
  },
  cases: [
    ok('a message', 'encapsulation, ciphertext, tag', message()),
    ok('empty message', 'a tag alone behind the encapsulation', message({ plaintext: Buffer.alloc(0) })),
    ok('no info', 'info may be empty', message({ info: Buffer.alloc(0) })),
    ok('long message', 'more than one block', message({ plaintext: seeded('x-wing/plaintext', 1000) })),
    ok('other key', 'another seed, another key', message({ seed: other })),
    ok('other randomness', 'the encapsulation follows from it', message({ randomness: seeded('x-wing/other randomness', 64) })),
    ok('randomness of zeros', 'any 64 bytes', message({ randomness: Buffer.alloc(64) })),
    refused('other info', 'info is part of the keys', 'tag', { ...altered(sealed), info: h(utf8('what it is not for')) }),
    refused('other recipient', 'another key opens nothing', 'tag', { ...altered(sealed), seed: h(other) }),
    refused('altered ciphertext of ML-KEM', 'it gives another secret, and no error of its own', 'tag', altered(flip(sealed, 0))),
    refused('altered last byte of ML-KEM', 'the second part of the ciphertext too', 'tag', altered(flip(sealed, encapsulationSize - 33))),
    refused('altered point', 'the point is part of the secret', 'tag', altered(flip(sealed, encapsulationSize - 32))),
    refused('other form of the point', 'the highest bit of the point, which X25519 ignores, is part of the secret', 'tag', altered(flip(sealed, encapsulationSize - 1, 7))),
    refused('altered ciphertext', 'sealed', 'tag', altered(flip(sealed, encapsulationSize))),
    refused('altered tag', 'sealed', 'tag', altered(flip(sealed, -1))),
    refused('byte too many', 'nothing follows the tag', 'tag', altered(bytes(sealed, Buffer.of(0)))),
    refused('last byte missing', 'the tag has 16 bytes', 'tag', altered(sealed.subarray(0, -1))),
    refused('no tag', 'encapsulation and tag are always there', 'length', altered(sealed.subarray(0, encapsulationSize))),
    refused('nothing', 'encapsulation and tag are always there', 'length', altered(Buffer.alloc(0))),
    refused('point of zeros', 'a point of small order', 'shared-secret', altered(small(Buffer.alloc(32)))),
    refused('point of order 8', 'a point of small order', 'shared-secret', altered(small(order8))),
  ],
})

// Coefficients of 12 bits, the lowest first: three bytes hold two.
const withCoefficients = (at, one, two) => bytes(publicKey.subarray(0, at), Buffer.of(one & 0xff, (one >> 8) | ((two & 0xf) << 4), two >> 4), publicKey.subarray(at + 3))
const withPoint = point => bytes(publicKey.subarray(0, -32), point)
const key = data => ({ publicKey: h(data) })
const wrong = (name, property, data) => refused(name, property, 'key', key(data))

const keysFile = vectorFile('x-wing-keys.json', {
  about: 'publicKey is one that may be sealed to.',
  spec: 'hpke.md',
  run: ({ publicKey }) => {
    checkPublicKey(hex(publicKey))
    return {}
  },
  cases: [
    ok('a key', 'as it follows from a seed', key(publicKey)),
    ok('largest coefficients', '3,328 twice', key(withCoefficients(0, 3328, 3328))),
    ok('point on the twist', 'X25519 takes any point that is not of small order', key(withPoint(bytes(Buffer.of(2), Buffer.alloc(31))))),
    wrong('coefficient of 3,329', 'the first', withCoefficients(0, 3329, 0)),
    wrong('second coefficient of 3,329', 'the second of three bytes', withCoefficients(0, 0, 3329)),
    wrong('coefficient of 4,095', 'the largest of 12 bits', withCoefficients(384, 4095, 0)),
    wrong('last coefficient too large', 'the last of the third polynomial', withCoefficients(1149, 0, 3329)),
    wrong('point of zeros', 'a point of small order', withPoint(Buffer.alloc(32))),
    wrong('point of order 1', 'a point of small order', withPoint(bytes(Buffer.of(1), Buffer.alloc(31)))),
    wrong('point of order 8', 'a point of small order', withPoint(order8)),
    wrong('point of order 8 with the highest bit', 'X25519 ignores that bit', withPoint(flip(order8, 31, 7))),
    wrong('point p', 'zero in another form', withPoint(bytes(Buffer.of(0xed), Buffer.alloc(30, 0xff), Buffer.of(0x7f)))),
    refused('byte too many', `${publicKeySize} bytes`, 'length', key(bytes(publicKey, Buffer.of(0)))),
    refused('byte missing', `${publicKeySize} bytes`, 'length', key(publicKey.subarray(0, -1))),
    refused('ML-KEM alone', 'X-Wing has a point of X25519 behind it', 'length', key(publicKey.subarray(0, -32))),
    refused('nothing', `${publicKeySize} bytes`, 'length', key(Buffer.alloc(0))),
  ],
})

export default [messagesFile, keysFile]
