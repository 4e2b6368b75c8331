import { bytes, hex, sha256 } from '../formats/bytes.mjs'
import { leafValueOf, pathOf, prove, rootOf, rootsBy } from '../formats/tree.mjs'
import { refuseUnless } from '../formats/refusal.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const key = (changes = {}) => ({
  key: { id: seededId('key'), kek: seededId('kek'), revision: 3, overview: h(seeded('leaf/overview', 60)), wrapped: h(seeded('leaf/wrapped', 50)), ...changes },
})
const leavesFile = vectorFile('leaves.json', {
  about: 'a key as a client reads it has path and value in the tree. (The envelopes are shorter than real ones.)',
  spec: 'heads.md',
  run: ({ key }) => ({
    path: h(pathOf(key.id)),
    value: h(leafValueOf({ ...key, overview: readBytes(key.overview), wrapped: readBytes(key.wrapped) })),
  }),
  cases: [
    ok('a key', 'all fields', key()),
    ok('other id', 'the id gives the path and is part of the value', key({ id: seededId('other key') })),
    ok('other KEK', 'the KEK is part of the value', key({ kek: seededId('other KEK') })),
    ok('next revision', 'the revision is part of the value', key({ revision: 4 })),
    ok('other overview', 'the overview is part of the value', key({ overview: h(flip(seeded('leaf/overview', 60), -1)) })),
    ok('other wrapped key', 'the wrapped key is part of the value', key({ wrapped: h(flip(seeded('leaf/wrapped', 50), 0)) })),
    ok('border between envelopes', 'where one envelope ends and the other starts is part of the value', key({ overview: h(bytes(seeded('leaf/overview', 60), seeded('leaf/wrapped', 50).subarray(0, 1))), wrapped: h(seeded('leaf/wrapped', 50).subarray(1)) })),
  ],
})

const leaf = number => ({ path: pathOf(seededId(`tree/${number}`)), value: seeded(`tree/value/${number}`) })
const many = [...Array(40).keys()].map(leaf)
const write = ({ path, value }) => ({ path: h(path), value: value && h(value) })
const read = ({ path, value }) => ({ path: hex(path), value: value && hex(value) })

/** Paths that agree in all but the last bits: the deepest that a tree can get. */
const deepPath = bits => bytes(seeded('tree/deep').subarray(0, 31), Buffer.of(bits))
const deep = [...Array(4).keys()].map(bits => ({ path: deepPath(bits), value: seeded(`tree/deep/${bits}`) }))
const firstBit = bit => many.find(({ path }) => path[0] >> 7 === bit)

const puts = leaves => leaves.map(write)
const deletes = leaves => leaves.map(({ path }) => ({ path: h(path), value: null }))
const treesFile = vectorFile('trees.json', {
  about: 'each of steps puts leaves, or deletes those whose value is null, in the tree as the steps before left it; roots has root and count after each.',
  spec: 'heads.md',
  run: ({ steps }) => {
    const leaves = new Map()
    const roots = steps.map(step => {
      for (const { path, value } of step) value === null ? leaves.delete(path) : leaves.set(path, value)
      return { root: h(rootOf([...leaves].map(([path, value]) => read({ path, value })))), count: leaves.size }
    })
    return { roots }
  },
  cases: [
    ok('empty', 'the empty tree has a root of zeros', { steps: [[]] }),
    ok('one leaf', 'the root is the leaf', { steps: [puts([many[0]])] }),
    ok('two leaves, one on each side', 'one inner node', { steps: [puts([firstBit(0), firstBit(1)])] }),
    ok('two leaves on one side', 'a common prefix is a chain of inner nodes with an empty side', { steps: [puts(many.filter(({ path }) => path[0] >> 7 === 1).slice(0, 2))] }),
    ok('three leaves', 'a leaf stands as high as it can', { steps: [puts(many.slice(0, 3))] }),
    ok('one by one', 'the order in which leaves come does not count: compare "all at once"', { steps: many.slice(0, 12).reverse().map(each => puts([each])) }),
    ok('all at once', 'compare "one by one"', { steps: [puts(many.slice(0, 12))] }),
    ok('many', 'forty leaves', { steps: [puts(many)] }),
    ok('change of value', 'a new value, then the old one again', { steps: [puts(many.slice(0, 3)), puts([{ ...many[1], value: seeded('tree/new value') }]), puts([many[1]])] }),
    ok('deletes', 'what is deleted leaves no trace: from five leaves down to none', { steps: [puts(many.slice(0, 5)), ...many.slice(0, 5).map(each => deletes([each]))] }),
    ok('puts and deletes in one step', 'one step is one change', { steps: [puts(many.slice(0, 5)), [...deletes(many.slice(0, 2)), ...puts(many.slice(5, 9))]] }),
    ok('last bit', 'two paths that differ in the last bit only: 256 levels', { steps: [puts([deep[0], deep[1]])] }),
    ok('last bits', 'four paths that differ in the last two bits only', { steps: [puts(deep), deletes([deep[3]]), deletes([deep[2]]), deletes([deep[1]])] }),
    ok('last bit, a leaf goes', 'the leaf that stays rises by 256 levels', { steps: [puts([deep[0], deep[1]]), deletes([deep[0]])] }),
  ],
})

/** A set is the leaves of the tree that are asked for, absent ones, and what becomes of each. */
const entry = (path, old, next = old) => ({ path: h(path), old: old && h(old), new: next && h(next) })
const inTree = (tree, path) => tree.find(each => each.path.equals(path))?.value ?? null
const entries = (tree, paths, changes = []) => paths.map(path => entry(path, inTree(tree, path), changes.find(each => each.path.equals(path)) ? changes.find(each => each.path.equals(path)).value : undefined))
const after = (tree, changes) => [...tree.filter(each => !changes.some(change => change.path.equals(each.path))), ...changes.filter(({ value }) => value !== null)]

function proofInputs(tree, paths, changes = []) {
  return {
    set: entries(tree, paths, changes), proof: h(prove(tree, paths)),
    oldRoot: h(rootOf(tree)), newRoot: h(rootOf(after(tree, changes))),
  }
}
const proves = (name, property, tree, paths, changes) => ok(name, property, { ...proofInputs(tree, paths, changes), tree: puts(tree) })
const pathsOf = leaves => leaves.map(({ path }) => path)
const gone = leaves => leaves.map(({ path }) => ({ path, value: null }))
const absent = [...Array(5).keys()].map(number => ({ path: pathOf(seededId(`tree/absent/${number}`)), value: seeded(`tree/absent/${number}`) }))

const ten = many.slice(0, 10)
const [one] = ten
const valid = proofInputs(ten, [one.path])
const bad = (name, property, reason, changes) => refused(name, property, reason, { ...valid, ...changes })
const node = (...parts) => h(bytes(...parts))
const [empty, inner, hash, other] = [0, 1, 2, 3].map(byte => Buffer.of(byte))
const otherLeaf = each => bytes(other, each.path, each.value)
const bitOf = (path, depth) => (path[depth >> 3] >> (7 - (depth & 7))) & 1
const sideOf = bit => many.filter(({ path }) => path[0] >> 7 === bit)
const setOf = (...leaves) => leaves.map(each => entry(each.path, each.value))
const some = seeded('tree/some hash')
const halves = [0, 1].map(bit => rootOf(sideOf(bit), 1))
const quartersOfRight = [0, 1].map(bit => rootOf(sideOf(1).filter(({ path }) => bitOf(path, 1) === bit), 2))

/** What a reader that lets it pass would compute: each of these cases breaks its rule and no other. */
const unchanged = root => ({ oldRoot: h(root), newRoot: h(root) })

/** Down the path of a leaf to `levels`, with two or more other leaves at each turn, and `end` there. */
const down = (path, levels, end) => {
  let tree = end
  for (let depth = levels - 1; depth >= 0; depth--) tree = bytes(inner, ...(bitOf(path, depth) ? [hash, some, tree] : [tree, hash, some]))
  return tree
}

const proofsFile = vectorFile('proofs.json', {
  about: 'proof, with the old values of set, gives oldRoot, and with the new ones newRoot; null is an absent leaf. Where tree is given, proof is the one proof for it and the paths of set.',
  spec: 'heads.md',
  run: ({ set, proof, oldRoot, newRoot, tree }) => {
    const paths = set.map(({ path }) => hex(path))
    if (tree && h(prove(tree.map(read), paths)) !== proof) throw new Error('another proof')
    const roots = rootsBy(hex(proof), set.map(({ path, old, new: next }) => ({ path: hex(path), values: [old && hex(old), next && hex(next)] })), 2)
    refuseUnless(h(roots[0]) === oldRoot && h(roots[1]) === newRoot, 'root')
    return {}
  },
  cases: [
    proves('empty tree, nothing asked', 'a proof of one byte', [], []),
    proves('nothing asked', 'the root itself', ten, []),
    proves('one leaf, nothing asked', 'the leaf itself', [one], []),
    proves('everything asked', 'nothing is left to tell', ten, pathsOf(ten)),
    proves('inclusion', 'a leaf is there', ten, [one.path]),
    proves('inclusion of the only leaf', 'a leaf is there and nothing else', [one], [one.path]),
    proves('absence', 'a leaf is not there', ten, [absent[0].path]),
    proves('absence in the empty tree', 'nothing is there', [], [absent[0].path]),
    proves('absence beside the only leaf', 'the one other leaf is shown', [one], [absent[0].path]),
    proves('inclusion and absence', 'several paths, one proof', many, [many[3].path, absent[1].path, many[30].path, absent[2].path]),
    proves('first put', 'from the empty tree', [], pathsOf([one]), [one]),
    proves('put', 'a new leaf', ten, pathsOf([absent[0]]), [absent[0]]),
    proves('change', 'a new value', ten, [one.path], [{ path: one.path, value: seeded('tree/new value') }]),
    proves('delete', 'a leaf goes, and its neighbour rises', ten, [one.path], gone([one])),
    proves('delete of the last leaf', 'back to the empty tree', [one], [one.path], gone([one])),
    proves('delta', 'put, change and delete at once', many, pathsOf([...absent, ...many.slice(10, 20)]), [...absent, ...gone(many.slice(10, 15)), ...many.slice(15, 20).map(({ path }) => ({ path, value: h(path) && seeded(`tree/changed/${h(path)}`) }))]),
    proves('everything deleted', 'nothing stays', ten, pathsOf(ten), gone(ten)),
    proves('deep, inclusion', '254 levels, two other leaves at the end', deep, [deep[0].path]),
    proves('deep, delete down to two', 'three of four neighbours asked, two deleted', deep, pathsOf(deep.slice(0, 3)), gone(deep.slice(0, 2))),
    proves('deep, absence beside one', 'the one other leaf is shown at the top, not 256 levels down', [deep[0]], [deep[1].path]),
    bad('no byte', 'a proof has at least one byte', 'length', { proof: '' }),
    bad('cut in a hash', 'cut short', 'length', { proof: valid.proof.slice(0, -2) }),
    bad('trailing byte', 'nothing follows the last subtree', 'length', { proof: `${valid.proof}00` }),
    bad('unknown byte', 'there are four kinds', 'node', { proof: `04${valid.proof.slice(2)}` }),
    bad('inner node with nothing asked', '0x01 has a path of the set below it', 'node',
      { set: [], proof: node(inner, ...halves.flatMap(half => [hash, half])), ...unchanged(rootOf(many)) }),
    bad('inner node with nothing asked on this side', '0x01 has a path of the set below it', 'node',
      { set: setOf(sideOf(0)[0]), proof: node(prove(many, [sideOf(0)[0].path]).subarray(0, -33), inner, ...quartersOfRight.flatMap(quarter => [hash, quarter])), ...unchanged(rootOf(many)) }),
    bad('inner node over nothing', '0x01 has two other leaves below it', 'node', { set: setOf(...many), proof: node(inner, empty, empty), ...unchanged(rootOf(many)) }),
    bad('inner node over one leaf', '0x01 has two other leaves below it', 'node',
      { set: setOf(sideOf(0)[0]), proof: node(inner, empty, otherLeaf(sideOf(1)[0])), ...unchanged(rootOf([sideOf(0)[0], sideOf(1)[0]])) }),
    bad('hash over a path asked for', '0x02 has no path of the set below it', 'node', { proof: node(hash, rootOf(ten)) }),
    bad('hash of zeros', '0x02 stands for at least two leaves', 'node', { set: [], proof: node(hash, Buffer.alloc(32)), ...unchanged(Buffer.alloc(32)) }),
    bad('leaf on the other side', 'the path of 0x03 leads to where it stands', 'path', {
      set: setOf(sideOf(0)[0]), proof: node(inner, otherLeaf(sideOf(1)[0]), hash, halves[1]),
      ...unchanged(sha256(bytes(inner, rootOf([sideOf(0)[0], sideOf(1)[0]], 1), halves[1]))),
    }),
    bad('leaf that is asked for', 'the leaf of 0x03 is another one', 'path', { set: setOf(one), proof: node(otherLeaf(one)), ...unchanged(rootOf([one])) }),
    bad('deeper than the paths', 'a path has 256 bits', 'depth', { set: setOf(one), proof: h(down(one.path, 256, bytes(inner, hash, some, hash, some))) }),
    bad('other old value', 'a leaf of another value is not in the tree', 'root', { set: [entry(one.path, some, one.value)] }),
    bad('present leaf called absent', 'what is there cannot be left out', 'root', { set: [entry(one.path, null)] }),
    bad('absent leaf called present', 'what is not there cannot be shown', 'root', { set: [entry(absent[0].path, absent[0].value)], proof: h(prove(ten, [absent[0].path])) }),
    bad('other new value', 'the new root is that of the new values', 'root', { set: [entry(one.path, one.value, some)] }),
    bad('old root of another tree', 'the old values give the old root', 'root', { oldRoot: h(rootOf(many)), newRoot: h(rootOf(many)) }),
    bad('hash flipped', 'everything in the proof counts', 'root', { proof: h(flip(hex(valid.proof), -1)) }),
    bad('another leaf kept back', 'a neighbour cannot be left out', 'root', { ...proofInputs([one, many[1]], [one.path]), proof: '00' }),
    bad('sides swapped', 'left is left', 'root', { ...proofInputs(many, []), proof: node(hash, sha256(bytes(inner, ...halves.toReversed()))) }),
  ],
})

export default [leavesFile, treesFile, proofsFile]
