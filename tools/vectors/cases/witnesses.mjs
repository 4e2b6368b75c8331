import { bytes, hex, u64 } from '../formats/bytes.mjs'
import { contextOf, pad, seal } from '../formats/envelopes.mjs'
import { entry, openWitness, witnessKey } from '../formats/witness.mjs'
import { h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const kekKey = seeded('key/kek')
const place = { account: seededId('account'), kek: seededId('kek'), keeper: seededId('vault account') }
const head = (name, number) => ({ account: seededId(name), number, hash: h(seeded(`head/${name}/${number}`)) })
const many = count => Array.from({ length: count }, (_, index) => head(`vault ${index}`, index + 1))

const sealedAs = (content, key = witnessKey(kekKey, place.account, place.kek), context = place) =>
  ({ kekKey: h(kekKey), ...place, envelope: h(seal(key, seeded('salt/witness', 24), contextOf('keystore/v1/witness', context), pad(content, 512))) })
const naming = (...heads) => sealedAs(bytes(...heads.map(entry)))
const refusedAs = (name, property, content) => refused(name, property, 'content', sealedAs(content))
const one = entry(head('account', 12))

export default [vectorFile('witnesses.json', {
  about: 'witnessKey follows from kekKey, account and kek, and opens envelope for keeper to heads.',
  spec: 'witness.md',
  run: ({ kekKey, account, kek, keeper, envelope }) => {
    const key = witnessKey(readBytes(kekKey), account, kek)
    return { witnessKey: h(key), heads: openWitness(key, { account, kek, keeper }, readBytes(envelope)) }
  },
  cases: [
    ok('one head', 'what a Vault keeps', naming(head('account', 12))),
    ok('two heads', 'what the Keystore keeps of two Vaults, in the order of their writing', naming(head('vault 2', 7), head('vault 1', 9))),
    ok('eight heads', 'there are at most eight', naming(...many(8))),
    ok('the largest number', 'a number is below 2^53', naming(head('account', 2 ** 53 - 1))),
    refusedAs('no head', 'there is at least one', Buffer.alloc(0)),
    refusedAs('nine heads', 'there are at most eight', bytes(...many(9).map(entry))),
    refusedAs('a byte missing', 'an entry has 56 bytes', one.subarray(0, -1)),
    refusedAs('a byte more', 'an entry has 56 bytes', bytes(one, Buffer.of(0))),
    refusedAs('number 0', 'a number is from 1', entry(head('account', 0))),
    refusedAs('number 2^53', 'a number is below 2^53', entry(head('account', 2 ** 53))),
    refusedAs('number 2^63', 'a number has no sign', bytes(one.subarray(0, 16), u64(1n << 63n), one.subarray(24))),
    refusedAs('one account twice', 'of each account one head', bytes(one, entry(head('account', 13)))),
    refusedAs('an account of another version', 'an id is a version 4 UUID', bytes(hex('0b1e0f0e5d0c1c6e9d5b3f4a1c2b3d4e'), one.subarray(16))),
    refused('under the KEK itself', 'the witness key is another one', 'commitment', sealedAs(one, kekKey)),
    refused('under the key of another account', 'the witness key is of one account', 'commitment', sealedAs(one, witnessKey(kekKey, seededId('other account'), place.kek))),
    refused('under the key of another KEK', 'the witness key is of one KEK', 'commitment', sealedAs(one, witnessKey(kekKey, place.account, seededId('other KEK')))),
    refused('for another keeper', 'no witness passes for that of another service', 'commitment', sealedAs(one, undefined, { ...place, keeper: place.account })),
  ],
})]
