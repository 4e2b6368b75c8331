// docs/spec/heads.md sections 1 and 2. Paths and values are Buffers of 32 bytes; a set of leaves is a list of { path, value }.
import { bytes, fields, sha256 } from './bytes.mjs'
import { refuse, refuseUnless } from './refusal.mjs'

export const pathOf = id => sha256(fields('keystore/v1/tree-path', { id }))
export const leafValueOf = key =>
  sha256(fields('keystore/v1/key-leaf', { id: key.id }, { id: key.kek }, key.revision, key.overview, key.wrapped))

const empty = Buffer.alloc(32)
const leafHash = leaf => sha256(bytes(Buffer.of(0), leaf.path, leaf.value))
const innerHash = (left, right) => sha256(bytes(Buffer.of(1), left, right))
const bit = (path, depth) => (path[depth >> 3] >> (7 - (depth & 7))) & 1
const side = (items, depth, which) => items.filter(item => bit(item.path, depth) === which)

export function rootOf(leaves, depth = 0) {
  if (leaves.length === 0) return empty
  if (leaves.length === 1) return leafHash(leaves[0])
  return innerHash(rootOf(side(leaves, depth, 0), depth + 1), rootOf(side(leaves, depth, 1), depth + 1))
}

/** The one proof for a tree and a set of paths. */
export function prove(leaves, paths) {
  const asked = paths.map(path => ({ path }))
  const others = leaves.filter(leaf => !paths.some(path => path.equals(leaf.path)))
  const node = (others, asked, depth) =>
    others.length === 0 ? Buffer.of(0)
      : others.length === 1 ? bytes(Buffer.of(3), others[0].path, others[0].value)
        : asked.length === 0 ? bytes(Buffer.of(2), rootOf(others, depth))
          : bytes(Buffer.of(1), ...[0, 1].map(which => node(side(others, depth, which), side(asked, depth, which), depth + 1)))
  return node(others, asked, 0)
}

/** The roots that the proof gives with each of several assignments of values; an entry of the set is { path, values: [value or null, …] }. */
export function rootsBy(proof, set, assignments) {
  let at = 0
  const take = count => {
    refuseUnless(at + count <= proof.length, 'length')
    at += count
    return proof.subarray(at - count, at)
  }
  const present = (below, index) => below.filter(entry => entry.values[index] !== null).map(entry => ({ path: entry.path, value: entry.values[index] }))

  /** { others, hashes }: how many other leaves there are at least, and the subtree's hash per assignment. */
  function node(below, prefix) {
    const depth = prefix.length
    refuseUnless(depth <= 256, 'depth')
    const hashes = more => Array.from({ length: assignments }, (_, index) => rootOf([...present(below, index), ...more], depth))
    switch (take(1)[0]) {
      case 0:
        return { others: 0, hashes: hashes([]) }
      case 1: {
        refuseUnless(below.length > 0, 'node')
        refuseUnless(depth < 256, 'depth')
        const [left, right] = [0, 1].map(which => node(side(below, depth, which), [...prefix, which]))
        refuseUnless(left.others + right.others >= 2, 'node')
        return { others: left.others + right.others, hashes: left.hashes.map((hash, index) => innerHash(hash, right.hashes[index])) }
      }
      case 2: {
        refuseUnless(below.length === 0, 'node')
        const hash = take(32)
        refuseUnless(!hash.equals(empty), 'node')
        return { others: 2, hashes: Array(assignments).fill(hash) }
      }
      case 3: {
        const leaf = { path: take(32), value: take(32) }
        refuseUnless(prefix.every((which, level) => bit(leaf.path, level) === which), 'path')
        refuseUnless(!below.some(entry => entry.path.equals(leaf.path)), 'path')
        return { others: 1, hashes: hashes([leaf]) }
      }
      default:
        return refuse('node')
    }
  }

  const { hashes } = node(set, [])
  refuseUnless(at === proof.length, 'length')
  return hashes
}
