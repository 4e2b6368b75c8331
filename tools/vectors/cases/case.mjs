// How cases are written down: inputs, what is expected, and outputs that a reader of the formats has computed from the inputs.
import assert from 'node:assert/strict'
import { sha256, utf8, u32, hex, writeId, bytes } from '../formats/bytes.mjs'
import { Refusal } from '../formats/refusal.mjs'

/** Bytes that look random and are the same in every run. */
export function seeded(name, length = 32) {
  const blocks = []
  for (let counter = 0; counter * 32 < length; counter++) blocks.push(sha256(bytes(utf8(`keyladder test vectors/${name}/`), u32(counter))))
  return Buffer.concat(blocks).subarray(0, length)
}

/** A version-4 UUID of the same kind. */
export function seededId(name) {
  const data = seeded(`id/${name}`, 16)
  data[6] = (data[6] & 0x0f) | 0x40
  data[8] = (data[8] & 0x3f) | 0x80
  return writeId(data)
}

/** Bytes as the files write them: hex, a repeated pattern { repeat, length }, or a list of these, joined. */
export function readBytes(notation) {
  if (typeof notation === 'string') return hex(notation)
  if (Array.isArray(notation)) return Buffer.concat(notation.map(readBytes))
  const pattern = hex(notation.repeat)
  return Buffer.alloc(notation.length, pattern)
}

export const h = data => data.toString('hex')

export const ok = (name, property, inputs) => ({ name, property, expect: 'ok', inputs })
export const refused = (name, property, reason, inputs, details = {}) => ({ name, property, expect: 'refuse', reason, details, inputs })

export const flip = (data, at, bit = 0) => {
  const changed = Buffer.from(data)
  changed[at < 0 ? data.length + at : at] ^= 1 << bit
  return changed
}

/**
 * One file. `run` takes a case's inputs, as they stand in the file, and returns its outputs or throws a refusal: it shows how the file is
 * meant, and no case is written that does not do what it says.
 */
export function vectorFile(file, { about, spec, run, cases }) {
  const names = cases.map(each => each.name)
  assert.equal(new Set(names).size, names.length, `${file}: two cases of one name`)
  return {
    file,
    text: write({ about, spec: `docs/spec/${spec}`, count: cases.length, cases: cases.map(each => settle(file, run, each)) }),
    count: cases.length,
  }
}

function settle(file, run, { name, property, expect, reason, details, inputs }) {
  const label = `${file}, ${name}`
  let outputs
  try {
    outputs = run(inputs)
  } catch (error) {
    if (!(error instanceof Refusal) || expect === 'ok') throw new Error(label, { cause: error })
    assert.deepEqual({ reason: error.reason, ...error.details }, { reason, ...details }, label)
    return { name, property, expect, reason, ...details, ...inputs }
  }
  assert.equal(expect, 'ok', `${label}: taken, and gave ${JSON.stringify(outputs)}`)
  const taken = { name, property, expect, ...inputs }
  for (const output of Object.keys(outputs)) assert.ok(!Object.hasOwn(taken, output), `${label}: ${output} is not an output alone`)
  return { ...taken, ...outputs }
}

/** ASCII only, so that no editor can bring a text into another normalization form. */
const write = content =>
  JSON.stringify(content, null, 2).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) + '\n'
