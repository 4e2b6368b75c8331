// docs/spec/heads.md sections 3 to 7, and docs/spec/vault.md section 3.
import { b64u } from './bytes.mjs'
import { arrayOf, byteString, day, id, integer, objectOf, oneOf, optional, parseJson, publicKey, text } from './json.mjs'
import { hashOfJws, openJws, payloadOfJws, signJws } from './jws.mjs'
import { refuseUnless } from './refusal.mjs'

/** The numbers that a head links to, in order. */
export function linkedNumbers(number) {
  const numbers = []
  for (let step = 1; number % step === 0 && number - step >= 1; step *= 2) numbers.push(number - step)
  return numbers
}

/** Numbers of the heads from `newest` down to, and without, `pinned`; 0 stands for no head. */
export function chainNumbers(newest, pinned) {
  const numbers = []
  for (let at = newest; at > pinned;) {
    numbers.push(at)
    let step = 1
    while (at % (step * 2) === 0 && at - step * 2 >= pinned) step *= 2
    at -= step
  }
  return numbers
}

/** The ancestors of a head: its number with the lowest set bit cleared, again and again. */
export function ancestorNumbers(number) {
  const numbers = []
  for (let at = clearLowest(number); at > 0; at = clearLowest(at)) numbers.push(at)
  return numbers
}

const clearLowest = number => Number(BigInt(number) & (BigInt(number) - 1n))

export const signHead = (payload, seed, kind = 'keystore-head+jwt') => signJws(kind, Buffer.from(JSON.stringify(payload)), seed)

const slot = objectOf({ id, kind: oneOf('words', 'passphrase', 'device'), login: publicKey, wrapped: byteString(32) })

const lost = objectOf({ number: integer(1), hash: byteString(32), ancestors: arrayOf(byteString(32)), follows: integer(1) })

/** The members of a service's heads: those that all have, around its own. */
const membersWith = own => objectOf({
  account: id,
  number: integer(1),
  day,
  format: oneOf(1),
  ...own,
  root: byteString(32),
  audit: byteString(32),
  lost: optional(arrayOf(lost)),
  links: arrayOf(byteString(32)),
})
const keystoreMembers = membersWith({ kek: id, epoch: integer(1), identity: objectOf({ id, public: publicKey }), slots: arrayOf(slot), count: integer(1) })
const vaultMembers = membersWith({ key: publicKey, signIn: publicKey, dek: optional(byteString(32)), count: integer(0) })

/** { hash, ...members } of a head that verifies and is what section 3 says. */
export function readHead(jws, identityPublic) {
  const head = keystoreMembers(parseJson(openJws('keystore-head+jwt', jws, identityPublic)))
  const ids = head.slots.map(each => each.id)
  refuseUnless(ids.length >= 1 && ids.length <= 32, 'slots')
  refuseUnless(ids.every((each, index) => index === 0 || ids[index - 1] < each), 'slots')
  refuseUnless(head.number !== 1 || head.count === 1, 'value')
  return inChain(head, jws)
}

/** The same of a head of a Vault, which has to name the key that signs it. */
export function readVaultHead(jws, headPublic) {
  const head = vaultMembers(parseJson(openJws('vault-head+jwt', jws, headPublic)))
  refuseUnless(head.key.equals(headPublic) && !head.signIn.equals(head.key), 'value')
  refuseUnless(head.number !== 1 || (head.count === 0 && head.root.equals(Buffer.alloc(32))), 'value')
  return inChain(head, jws)
}

/** What every head keeps to, whosever it is. */
function inChain(head, jws) {
  refuseUnless(head.links.length === linkedNumbers(head.number).length, 'links')
  if (head.lost !== undefined) {
    refuseUnless(head.lost.length >= 1 && head.lost.length <= 8, 'lost')
    refuseUnless(head.lost.every(each => each.ancestors.length === ancestorNumbers(each.number).length), 'lost')
    refuseUnless(head.lost.every((each, index) => each.follows < (index === 0 ? head.number : head.lost[index - 1].follows)), 'lost')
  }
  return { ...head, hash: hashOfJws(jws) }
}

/** Whether a head names, as given up after a restore (section 6), what a client has pinned: { number, hash }. */
export const namesLost = (head, pin) => (head.lost ?? []).some(each =>
  [[each.number, each.hash], ...ancestorNumbers(each.number).map((number, index) => [number, each.ancestors[index]])]
    .some(([number, hash]) => number === pin.number && hash.equals(pin.hash)))

/** Whether a head carries on what the head before it names as given up: the same, or one more in front that followed that head. */
export function carriesOn(head, before) {
  const [now, then] = [head, before].map(each => (each.lost ?? []).map(entry => JSON.stringify(entry)))
  const isNew = head.lost?.[0].follows === before.number
  return JSON.stringify(isNew ? now.slice(1) : now) === JSON.stringify(isNew ? then.slice(0, 7) : then)
}

/**
 * What a client does with a head and the chain behind it. The pin is null or { number, hash, ancestors: [{ number, hash }] };
 * the result is the new pin and the links that the next head takes from it.
 */
export function followChain(account, identityPublic, pin, newestJws, chainJws) {
  const newest = readHead(newestJws, identityPublic)
  refuseUnless(newest.account === account, 'account')
  refuseUnless(newest.number >= (pin?.number ?? 0), 'rolled-back')
  if (newest.number === pin?.number) refuseUnless(newest.hash.equals(pin.hash), 'forked')

  const numbers = chainNumbers(newest.number, pin?.number ?? 0)
  const jwsOf = newest.number === pin?.number ? [] : [newestJws, ...chainJws]
  refuseUnless(jwsOf.length === numbers.length && (numbers.length > 0 || chainJws.length === 0), 'chain')
  const known = new Map(pin === null ? [] : [[pin.number, pin.hash], ...pin.ancestors.map(each => [each.number, each.hash])])
  const heads = jwsOf.map(jws => readHead(jws, identityPublic))
  heads.forEach((head, index) => {
    refuseUnless(head.account === account, 'account')
    refuseUnless(head.number === numbers[index], 'chain')
    if (index > 0) refuseUnless(linkTo(heads[index - 1], head.number).equals(head.hash), 'forked')
    known.set(head.number, head.hash)
  })
  const last = heads.at(-1)
  if (last !== undefined && pin !== null) refuseUnless(linkTo(last, pin.number).equals(pin.hash), 'forked')

  const ancestors = ancestorNumbers(newest.number).map(number => ({ number, hash: known.get(number) }))
  known.set(newest.number, newest.hash)
  return {
    pin: { number: newest.number, hash: newest.hash, ancestors },
    nextLinks: linkedNumbers(newest.number + 1).map(number => known.get(number)),
  }
}

const linkTo = (head, number) => head.links[linkedNumbers(head.number).indexOf(number)]

/** The first heads of an account, each linked as section 3 says; `payloadOf(number)` gives everything but number and links. */
export function history(count, seed, payloadOf, start = [], kind = undefined) {
  const jws = [...start]
  const hashes = jws.map(hashOfJws)
  for (let number = jws.length + 1; number <= count; number++) {
    const links = linkedNumbers(number).map(linked => b64u(hashes[linked - 1]))
    jws.push(signHead({ ...payloadOf(number), number, links }, seed, kind))
    hashes.push(hashOfJws(jws.at(-1)))
  }
  return { jws, hashes }
}

const deletion = objectOf({ aud: text, account: id, number: integer(2), day, head: byteString(32), identity: publicKey })

/** { hash, ...members } of a deletion (section 7) that the key it names has signed. */
export function readDeletion(jws, kind = 'keystore-deletion+jwt') {
  const claimed = deletion(parseJson(payloadOfJws(kind, jws)))
  openJws(kind, jws, claimed.identity)
  return { hash: hashOfJws(jws), ...claimed }
}
