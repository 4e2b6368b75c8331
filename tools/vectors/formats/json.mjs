// Strict JSON as docs/spec/README.md has it. JSON.parse keeps the last of two equal members and any form of a number, so it is of no use here.
import { readB64u, readId } from './bytes.mjs'
import { hasPrimeOrder } from './curve.mjs'
import { refuse, refuseUnless } from './refusal.mjs'

const deepest = 16

/** Objects come back as Map, integers as number; a number of any other form as a NaN, which no member accepts. */
export function parseJson(data) {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    refuse('json')
  }
  let at = 0

  const skip = () => { while (' \t\n\r'.includes(text[at] ?? 'x')) at++ }
  const take = literal => {
    refuseUnless(text.startsWith(literal, at), 'json')
    at += literal.length
  }
  const match = pattern => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    refuseUnless(found !== undefined, 'json')
    at += found.length
    return found
  }

  function value(depth) {
    skip()
    const first = text[at]
    if (first === '{' || first === '[') {
      refuseUnless(depth <= deepest, 'json')
      return first === '{' ? object(depth) : array(depth)
    }
    if (first === '"') return string()
    for (const [literal, meaning] of [['true', true], ['false', false], ['null', null]])
      if (text.startsWith(literal, at)) { take(literal); return meaning }
    const number = match(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y)
    return /^[0-9]+$/.test(number) && Number(number) < 2 ** 53 ? Number(number) : NaN
  }

  function string() {
    const literal = match(/"([^"\\\u0000-\u001f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y)
    const meaning = JSON.parse(literal)
    refuseUnless(meaning.isWellFormed(), 'json')
    return meaning
  }

  function list(open, close, item) {
    take(open)
    skip()
    if (text[at] === close) { take(close); return }
    for (;;) {
      item()
      skip()
      if (text[at] === close) { take(close); return }
      take(',')
    }
  }

  function object(depth) {
    const members = new Map()
    list('{', '}', () => {
      skip()
      const name = string()
      refuseUnless(!members.has(name), 'member')
      skip()
      take(':')
      members.set(name, value(depth + 1))
    })
    return members
  }

  function array(depth) {
    const items = []
    list('[', ']', () => items.push(value(depth + 1)))
    return items
  }

  const result = value(1)
  skip()
  refuseUnless(at === text.length, 'json')
  return result
}

/** Readers of values: each takes what parseJson gave and returns what the format means by it. */
export const integer = (least = 0) => value => {
  refuseUnless(Number.isInteger(value) && value >= least, 'value')
  return value
}
export const text = value => {
  refuseUnless(typeof value === 'string', 'value')
  return value
}
export const oneOf = (...allowed) => value => {
  refuseUnless(allowed.includes(value), 'value')
  return value
}
export const byteString = length => value => {
  const data = as('value', () => readB64u(text(value)))
  refuseUnless(length === undefined || data.length === length, 'value')
  return data
}
export const publicKey = value => {
  const data = byteString(32)(value)
  refuseUnless(hasPrimeOrder(data), 'value')
  return data
}
/** At most so many bytes of UTF-8, and no control character. */
export const plainText = most => value => {
  const size = Buffer.byteLength(text(value))
  refuseUnless(size >= 1 && size <= most && !/\p{Cc}/u.test(value), 'value')
  return value
}
export const origin = value => {
  let url
  try {
    url = new URL(text(value))
  } catch {
    refuse('value')
  }
  refuseUnless(['https:', 'http:'].includes(url.protocol) && url.origin === value, 'value')
  return value
}
export const id = value => {
  as('value', () => readId(text(value)))
  return value
}
export const day = value => {
  refuseUnless(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text(value)), 'value')
  const date = new Date(`${value}T00:00:00Z`)
  refuseUnless(!value.startsWith('0000') && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value), 'value')
  return value
}
export const arrayOf = item => value => {
  refuseUnless(Array.isArray(value), 'value')
  return value.map(item)
}
export const optional = reader => Object.assign(value => reader(value), { optional: true })

export const objectOf = readers => value => {
  refuseUnless(value instanceof Map, 'value')
  for (const name of value.keys()) refuseUnless(Object.hasOwn(readers, name), 'member')
  const result = {}
  for (const [name, reader] of Object.entries(readers)) {
    const member = value.get(name) ?? null
    if (member !== null) result[name] = reader(member)
    else refuseUnless(reader.optional, 'member')
  }
  return result
}

function as(reason, read) {
  try {
    return read()
  } catch {
    refuse(reason)
  }
}
