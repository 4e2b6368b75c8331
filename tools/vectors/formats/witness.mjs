// docs/spec/witness.md section 1.
import { bytes, expand, fields, hex, readId, u64, writeId } from './bytes.mjs'
import { contextOf, open, unpad } from './envelopes.mjs'
import { Refusal, refuseUnless } from './refusal.mjs'

const label = 'keystore/v1/witness'
const entrySize = 56

export const witnessKey = (kekKey, account, kek) => expand(kekKey, fields('keystore/v1/witness-key', { id: account }, { id: kek }), 32)

export const entry = ({ account, number, hash }) => bytes(readId(account), u64(number), hex(hash))

/** The heads that a witness names. */
export function openWitness(key, context, envelope) {
  const content = unpad(open(key, contextOf(label, context), envelope), 512)
  refuseUnless(content.length > 0 && content.length <= 8 * entrySize && content.length % entrySize === 0, 'content')
  const heads = []
  for (let at = 0; at < content.length; at += entrySize) {
    const number = content.readBigUInt64BE(at + 16)
    refuseUnless(number >= 1n && number < 1n << 53n, 'content')
    heads.push({ account: readAccount(content.subarray(at, at + 16)), number: Number(number), hash: content.subarray(at + 24, at + 56).toString('hex') })
  }
  refuseUnless(new Set(heads.map(each => each.account)).size === heads.length, 'content')
  return heads
}

function readAccount(data) {
  const text = writeId(data)
  try {
    readId(text)
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('content') : error
  }
  return text
}
