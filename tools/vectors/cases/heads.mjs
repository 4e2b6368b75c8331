import { b64u, hex, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { ancestorNumbers, carriesOn, chainNumbers, followChain, history, linkedNumbers, namesLost, readHead, signHead } from '../formats/heads.mjs'
import { signJws } from '../formats/jws.mjs'
import { h, ok, refused, seeded, seededId, vectorFile } from './case.mjs'

const identitySeed = seeded('seed/identity')
const identityPublic = publicKeyOf(identitySeed)
const account = seededId('account')

const slot = (name, kind = 'words') => ({ id: seededId(name), kind, login: b64u(publicKeyOf(seeded(`seed/login/${name}`))), wrapped: b64u(seeded(`wrapped/${name}`)) })
const sorted = slots => slots.toSorted((a, b) => (a.id < b.id ? -1 : 1))
const payloadOf = (number, branch = 'main') => ({
  account, number, day: number < 5 ? '2026-01-02' : '2026-01-03', format: 1, kek: seededId('kek'), epoch: 1,
  identity: { id: seededId('identity-key'), public: b64u(identityPublic) },
  slots: number < 3 ? [slot('slot')] : sorted([slot('slot'), slot('second slot', 'passphrase')]),
  count: number, root: b64u(seeded(`root/${branch}/${number}`)), audit: b64u(Buffer.alloc(32)),
})

const main = history(64, identitySeed, payloadOf)
const inputs = jws => ({ identityPublic: h(identityPublic), jws })
const linksOf = number => linkedNumbers(number).map(linked => b64u(main.hashes[linked - 1]))
const plain = number => ({ ...payloadOf(number), links: linksOf(number) })
const changed = (changes, number = 6) => inputs(signHead({ ...plain(number), ...changes }, identitySeed))
const replaced = (pattern, by, number = 6) => inputs(signJws('keystore-head+jwt', utf8(JSON.stringify(plain(number)).replace(pattern, by)), identitySeed))
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)
const [first, second] = payloadOf(6).slots
const given = (number, follows, branch = 'lost') => ({
  number, hash: b64u(seeded(`${branch}/${number}`)), ancestors: ancestorNumbers(number).map(each => b64u(seeded(`${branch}/${each}`))), follows,
})
const eight = [...Array(9).keys()].map(index => given(40 + index, 63 - index))
const slots = count => sorted([...Array(count).keys()].map(number => slot(`slot ${number}`)))

const asWritten = head => JSON.parse(JSON.stringify(head, (_, each) => (each?.type === 'Buffer' ? h(Buffer.from(each.data)) : each)))

const headsFile = vectorFile('heads.json', {
  about: 'jws is a head of the account whose identity keypair has identityPublic; head is what it says, bytes in hex, and hash its hash.',
  spec: 'heads.md',
  run: ({ identityPublic, jws }) => {
    const { hash, ...head } = readHead(jws, hex(identityPublic))
    return { hash: h(hash), head: asWritten(head) }
  },
  cases: [
    ...[...Array(9).keys()].map(index => index + 1).map(number =>
      ok(`head ${number}`, number === 1 ? 'no links' : `links to ${linkedNumbers(number).join(', ')}`, inputs(main.jws[number - 1]))),
    ok('head 64', 'links to six heads', inputs(main.jws[63])),
    ok('other order', 'the order of members is free', inputs(signHead(Object.fromEntries(Object.entries(plain(6)).reverse()), identitySeed))),
    ok('greatest number', '2^53 - 1, which is odd', changed({ number: Number.MAX_SAFE_INTEGER, links: [b64u(seeded('link'))] })),
    ok('32 slots', 'as many as there may be', changed({ slots: slots(32) })),
    ok('device slot', 'a slot that one device unlocks', changed({ slots: sorted([slot('slot'), slot('device slot', 'device')]) })),
    ok('audit chain', 'an audit hash that is not zero', changed({ audit: b64u(seeded('audit')) })),
    ok('later epoch', 'a KEK that has been rotated', changed({ epoch: 7 })),
    ok('one head lost', 'a head that was given up, with its three ancestors', changed({ lost: [given(15, 5)] })),
    ok('lost head below what it was given up for', 'its number says nothing about the other history', changed({ lost: [given(2, 5)] })),
    ok('lost head without ancestors', 'its number is a power of two', changed({ lost: [given(8, 3)] })),
    ok('eight heads lost', 'as many as there may be', changed({ lost: eight.slice(0, 8) }, 64)),
    refused('nine heads lost', 'at most 8', 'lost', changed({ lost: eight }, 64)),
    refused('no head lost', 'absent where nothing was lost', 'lost', changed({ lost: [] })),
    refused('lost heads ascending', 'the newest first', 'lost', changed({ lost: [given(15, 3), given(14, 4)] })),
    refused('two lost heads for one', 'each head adds one at most', 'lost', changed({ lost: [given(15, 3), given(14, 3)] })),
    refused('lost for the head itself', 'what was restored came before', 'lost', changed({ lost: [given(15, 6)] })),
    refused('ancestor of a lost head missing', 'as many as its number has', 'lost', changed({ lost: [{ ...given(15, 5), ancestors: given(15, 5).ancestors.slice(1) }] })),
    refused('ancestor of a lost head too many', 'as many as its number has', 'lost', changed({ lost: [{ ...given(8, 3), ancestors: [b64u(seeded('ancestor'))] }] })),
    value('lost head 0', 'numbers start at 1', changed({ lost: [{ ...given(15, 5), number: 0, ancestors: [] }] })),
    value('lost for head 0', 'numbers start at 1', changed({ lost: [given(15, 0)] })),
    value('hash of a lost head of 31 bytes', '32 bytes', changed({ lost: [{ ...given(15, 5), hash: b64u(seeded('31', 31)) }] })),
    value('lost head null', 'an object', changed({ lost: [null] })),
    value('lost as object', 'a list', changed({ lost: given(15, 5) })),
    member('member of a lost head absent', 'every member must be there', changed({ lost: [{ ...given(15, 5), follows: undefined }] })),
    member('unknown member in a lost head', 'also there', changed({ lost: [{ ...given(15, 5), day: '2026-01-02' }] })),
    refused('other key', 'the identity keypair signs', 'signature', { ...inputs(main.jws[5]), identityPublic: h(publicKeyOf(seeded('seed/signing'))) }),
    refused('other kind', 'a signature of one kind is none of another', 'header', inputs(signJws('signed-content+jwt', utf8(JSON.stringify(plain(6))), identitySeed))),
    refused('unsigned', 'a head without a signature', 'signature', inputs(main.jws[5].slice(0, main.jws[5].lastIndexOf('.') + 1))),
    refused('first link missing', 'the link to the head before', 'links', changed({ links: linksOf(6).slice(1) })),
    refused('last link missing', 'all links of section 3', 'links', changed({ links: linksOf(8).slice(0, -1) }, 8)),
    refused('no links', 'only head 1 has none', 'links', changed({ links: [] })),
    refused('link too many', 'no links but those of section 3', 'links', changed({ links: [...linksOf(6), b64u(seeded('link'))] })),
    refused('head 1 with a link', 'head 1 has none', 'links', changed({ links: [b64u(seeded('link'))] }, 1)),
    refused('slots descending', 'slots ascend by id', 'slots', changed({ slots: [second, first] })),
    refused('one slot twice', 'no id twice', 'slots', changed({ slots: [first, first] })),
    refused('two slots of one id', 'no id twice, whatever the rest', 'slots', changed({ slots: [first, { ...second, id: first.id }] })),
    refused('no slots', 'at least one slot', 'slots', changed({ slots: [] })),
    refused('33 slots', 'at most 32 slots', 'slots', changed({ slots: slots(33) })),
    value('number 0', 'numbers start at 1', changed({ number: 0, links: [] })),
    value('number negative', 'no sign', changed({ number: -1, links: [] })),
    value('number 2^53', 'numbers are below 2^53', replaced('"number":6', '"number":9007199254740992')),
    value('number as text', 'an integer', changed({ number: '6' })),
    value('number 6.0', 'digits alone', replaced('"number":6', '"number":6.0')),
    value('number 6e0', 'digits alone', replaced('"number":6', '"number":6e0')),
    value('epoch 0', 'epochs start at 1', changed({ epoch: 0 })),
    value('format 2', 'a format that this version is not', changed({ format: 2 })),
    value('format 0', 'a format that there never was', changed({ format: 0 })),
    value('count 0', 'the identity keypair is always there', changed({ count: 0 })),
    value('head 1 with two leaves', 'head 1 has the identity keypair and nothing else', changed({ count: 2 }, 1)),
    value('root of 31 bytes', '32 bytes', changed({ root: b64u(seeded('root', 31)) })),
    value('root of 33 bytes', '32 bytes', changed({ root: b64u(seeded('root', 33)) })),
    value('root padded', 'b64u as the notation has it', changed({ root: `${plain(6).root}=` })),
    value('root in hex', 'b64u', changed({ root: h(seeded('root')) })),
    value('audit empty', '32 bytes', changed({ audit: '' })),
    value('link of 31 bytes', '32 bytes', changed({ links: [b64u(seeded('link', 31)), linksOf(6)[1]] })),
    value('link null', 'a link is there or not', changed({ links: [null, linksOf(6)[1]] })),
    value('links as text', 'a list', changed({ links: linksOf(6)[0] })),
    value('account in capitals', 'an id has one form', changed({ account: account.toUpperCase() })),
    value('account of version 7', 'ids are of version 4', changed({ account: account.slice(0, 14) + '7' + account.slice(15) })),
    value('day that does not exist', 'a day of the calendar', changed({ day: '2026-02-29' })),
    value('day with a time', 'a day is no time', changed({ day: '2026-01-02T03:04:05Z' })),
    value('slot of another kind', 'words, passphrase or device', changed({ slots: [{ ...first, kind: 'passkey' }] })),
    value('login key of 31 bytes', '32 bytes', changed({ slots: [{ ...first, login: b64u(seeded('31', 31)) }] })),
    value('login key of small order', 'a point of prime order', changed({ slots: [{ ...first, login: b64u(Buffer.alloc(32)) }] })),
    value('identity off the curve', 'a point of the curve', changed({ identity: { ...plain(6).identity, public: b64u(Buffer.concat([Buffer.of(2), Buffer.alloc(31)])) } })),
    value('hash of wrapped KEK of 64 bytes', '32 bytes', changed({ slots: [{ ...first, wrapped: b64u(seeded('64', 64)) }] })),
    value('identity as text', 'an object', changed({ identity: seededId('identity-key') })),
    value('slots as object', 'a list', changed({ slots: first })),
    member('unknown member', 'members that the table has not are refused', changed({ note: 'x' })),
    member('unknown member in a slot', 'also in the slots', changed({ slots: [{ ...first, note: 'x' }] })),
    member('unknown member in identity', 'also in identity', changed({ identity: { ...plain(6).identity, type: 'ed25519' } })),
    member('member absent', 'every member must be there', changed({ audit: undefined })),
    member('member null', 'null is absent', changed({ audit: null })),
    member('member of a slot absent', 'every member must be there', changed({ slots: [{ ...first, kind: undefined }] })),
    member('duplicate member', 'a second member of one name', replaced('"number":6', '"number":5,"number":6')),
    member('duplicate member in a slot', 'a second member of one name', replaced('"kind":"words"', '"kind":"passphrase","kind":"words"')),
    refused('trailing data', 'nothing follows', 'json', replaced(/$/, '{}')),
    refused('list', 'a head is an object', 'value', inputs(signJws('keystore-head+jwt', utf8(`[${JSON.stringify(plain(6))}]`), identitySeed))),
  ],
})

const pairs = [[1, 0], [2, 1], [3, 1], [4, 2], [8, 0], [8, 4], [8, 1], [9, 1], [12, 5], [13, 0], [13, 5], [40, 3], [64, 63], [64, 1], [1000, 1], [1000, 999], [1023, 512], [1024, 1], [2 ** 53 - 1, 2 ** 52], [2 ** 53 - 1, 1], [2 ** 53 - 1, 0], [7, 7], [5, 9]]
const numbersFile = vectorFile('chain-numbers.json', {
  about: 'numbers of the heads on the chain from newest down to, and without, pinned (0 stands for no head); links and ancestors of newest.',
  spec: 'heads.md',
  run: ({ newest, pinned }) => ({ numbers: chainNumbers(newest, pinned), links: linkedNumbers(newest), ancestors: ancestorNumbers(newest) }),
  cases: pairs.map(([newest, pinned]) =>
    ok(`${newest} down to ${pinned}`, newest > pinned ? 'each step as long as it may be' : 'nothing to follow', { newest, pinned })),
})

const pinOf = (number, of = main) => ({
  number, hash: h(of.hashes[number - 1]), ancestors: ancestorNumbers(number).map(each => ({ number: each, hash: h(of.hashes[each - 1]) })),
})
const chainOf = (newest, pinned, of = main) => chainNumbers(newest, pinned).slice(1).map(number => of.jws[number - 1])
const follow = (newest, pinned, of = main, changes = {}) => ({
  account, identityPublic: h(identityPublic), pin: pinned === 0 ? null : pinOf(pinned, main), head: of.jws[newest - 1], chain: chainOf(newest, pinned, of), ...changes,
})
const fork = (after, start = main) => history(64, identitySeed, number => payloadOf(number, `fork ${after}`), start.jws.slice(0, after))
const forkAt4 = fork(4)
const forkAt9 = fork(9)
const forkAt15 = fork(15)

/** Head `number` made otherwise; the ones behind it link to it, so that all hashes are right. */
const tampered = (number, changes, seed = identitySeed) =>
  history(64, identitySeed, payloadOf, [...main.jws.slice(0, number - 1), signHead({ ...plain(number), ...changes }, seed)])
const otherAccount = tampered(12, { account: seededId('other account') })
const linkMissing = tampered(12, { links: linksOf(12).slice(0, 1) })
const notSigned = tampered(12, {}, seeded('seed/signing'))
const linkTo7For8 = tampered(12, { links: linksOf(12).with(2, b64u(main.hashes[6])) })
const linkTo8Wrong = tampered(12, { links: linksOf(12).with(2, b64u(seeded('link'))) })

const chainsFile = vectorFile('chains.json', {
  about: 'a client that has pinned pin (null: nothing) takes head with chain: pinned is its new pin, nextLinks the links of the head that it would make next.',
  spec: 'heads.md',
  run: ({ account, identityPublic, pin, head, chain }) => {
    const known = pin && { ...pin, hash: hex(pin.hash), ancestors: pin.ancestors.map(each => ({ ...each, hash: hex(each.hash) })) }
    const result = followChain(account, hex(identityPublic), known, head, chain)
    const next = { ...payloadOf(result.pin.number + 1), links: result.nextLinks.map(b64u) }
    readHead(signHead(next, identitySeed), hex(identityPublic))
    return {
      pinned: { number: result.pin.number, hash: h(result.pin.hash), ancestors: result.pin.ancestors.map(each => ({ ...each, hash: h(each.hash) })) },
      nextLinks: result.nextLinks.map(h),
    }
  },
  cases: [
    ...[[1, 0], [2, 0], [7, 0], [8, 0], [13, 0], [64, 0], [2, 1], [3, 2], [4, 1], [8, 4], [8, 1], [9, 1], [13, 5], [16, 15], [40, 3], [64, 1], [64, 63]].map(([newest, pinned]) =>
      ok(`${newest} from ${pinned}`, pinned === 0 ? 'a client that has seen nothing learns the ancestors too' : `by way of ${chainNumbers(newest, pinned).join(', ')}`, follow(newest, pinned))),
    ok('the pinned head again', 'nothing new', follow(8, 8)),
    refused('lower number', 'below the pin', 'rolled-back', follow(7, 8)),
    refused('lower number of another branch', 'below the pin', 'rolled-back', follow(7, 8, forkAt4)),
    refused('head 1 again', 'back to the start', 'rolled-back', follow(1, 64)),
    refused('same number, other head', 'two heads of one number', 'forked', follow(8, 8, forkAt4)),
    refused('next number, other branch', 'it does not link to the pin', 'forked', follow(9, 8, forkAt4)),
    refused('far ahead, other branch', 'the chain does not lead to the pin', 'forked', follow(40, 8, forkAt4)),
    refused('other branch, our chain', 'a head that does not link to the chain shown', 'forked', follow(12, 10, forkAt9, { chain: chainOf(12, 10) })),
    refused('our head, other chain', 'a chain that the head does not link to', 'forked', follow(31, 8, main, { chain: chainOf(31, 8, forkAt15) })),
    refused('link to the pin is wrong', 'the last step counts too', 'forked', follow(13, 8, linkTo8Wrong)),
    refused('chain missing', 'a head alone does not show where it comes from', 'chain', follow(13, 5, main, { chain: [] })),
    refused('one head left out', 'the numbers are those of section 4', 'chain', follow(13, 5, main, { chain: chainOf(13, 5).toSpliced(1, 1) })),
    refused('last head left out', 'the numbers are those of section 4', 'chain', follow(13, 5, main, { chain: chainOf(13, 5).slice(0, -1) })),
    refused('one head too many', 'the numbers are those of section 4', 'chain', follow(13, 5, main, { chain: [...chainOf(13, 5), main.jws[4]] })),
    refused('chain beside the pinned head', 'there is nothing to show', 'chain', follow(8, 8, main, { chain: [main.jws[6]] })),
    refused('two heads swapped', 'from new to old', 'chain', follow(13, 5, main, { chain: chainOf(13, 5).toReversed() })),
    refused('shorter steps', 'only the longest steps count', 'chain', follow(8, 4, main, { chain: [7, 6, 5].map(number => main.jws[number - 1]) })),
    refused('link to another number', 'a link leads to the number that it stands for', 'chain', follow(13, 5, linkTo7For8, { chain: [linkTo7For8.jws[11], main.jws[6], main.jws[5]] })),
    refused('the newest twice', 'the chain starts behind the newest', 'chain', follow(8, 4, main, { chain: [main.jws[7]] })),
    refused('other account', 'another account of the same signer', 'account', follow(12, 8, otherAccount)),
    refused('other account in the chain', 'another account on the way', 'account', follow(13, 8, otherAccount)),
    refused('link missing in the chain', 'every head is what section 3 says', 'links', follow(13, 8, linkMissing)),
    refused('signed by another in the chain', 'every head is signed by the identity keypair', 'signature', follow(13, 8, notSigned)),
    refused('newest signed by another', 'every head is signed by the identity keypair', 'signature', follow(12, 8, notSigned)),
    refused('other identity', 'the identity is the one that the client knows', 'signature', { ...follow(13, 8), identityPublic: h(publicKeyOf(seeded('seed/signing'))) }),
    refused('first sight, chain missing', 'a client that has seen nothing checks the chain too', 'chain', follow(13, 0, main, { chain: [] })),
    refused('first sight, other chain', 'a client that has seen nothing checks the chain too', 'forked', follow(31, 0, main, { chain: chainOf(31, 0, forkAt15) })),
  ],
})

const lostAt = (number, lost) => signHead({ ...plain(number), lost }, identitySeed)
const lostCase = (pin, lost, before, number = 6) => ({
  identityPublic: h(identityPublic), before: lostAt(number - 1, before), head: lostAt(number, lost), pin: { number: pin[0], hash: h(seeded(`${pin[1] ?? 'lost'}/${pin[0]}`)) },
})
const [new15, older, ...rest] = [given(15, 5), ...[4, 3, 2, 1].map(follows => given(9, follows))]
const seven = [...Array(7).keys()].map(index => given(40 + index, 62 - index))

const lostFile = vectorFile('lost-heads.json', {
  about: 'carriesOn: whether head names what was given up as it must after before; namesPin: whether it names pin, the head that a client has seen.',
  spec: 'heads.md',
  run: ({ identityPublic, before, head, pin }) => {
    const [then, now] = [before, head].map(jws => readHead(jws, hex(identityPublic)))
    return { carriesOn: carriesOn(now, then), namesPin: namesLost(now, { number: pin.number, hash: hex(pin.hash) }) }
  },
  cases: [
    ok('nothing lost', 'names nothing, as before', lostCase([15], undefined, undefined)),
    ok('the first', 'the head that was given up', lostCase([15], [new15], undefined)),
    ok('an ancestor', 'one that is named with it', lostCase([12], [new15], undefined)),
    ok('the farthest ancestor', 'one that is named with it', lostCase([8], [new15], undefined)),
    ok('between the ancestors', 'not named: a choice of its own', lostCase([13], [new15], undefined)),
    ok('after it', 'has seen more than what was given up', lostCase([16], [new15], undefined)),
    ok('same number, other head', 'the hash counts', lostCase([15, 'main'], [new15], undefined)),
    ok('same number as an ancestor, other head', 'the hash counts', lostCase([12, 'main'], [new15], undefined)),
    ok('carried on', 'every later head names it too', lostCase([9], [older, ...rest], [older, ...rest])),
    ok('one more', 'in front of those before', lostCase([9], [new15, older, ...rest], [older, ...rest])),
    ok('eighth', 'as many as there may be', lostCase([46], [given(63, 63), ...seven], seven, 64)),
    ok('ninth', 'the oldest goes', lostCase([46], [given(63, 63), ...eight.slice(1, 8)], eight.slice(1, 9), 64)),
    ok('dropped', 'a later head has to carry it on', lostCase([15], undefined, [older, ...rest])),
    ok('one dropped', 'a later head has to carry on all', lostCase([9], rest, [older, ...rest])),
    ok('one more and one dropped', 'there was room', lostCase([15], [new15, ...rest], [older, ...rest])),
    ok('one changed', 'as it was', lostCase([9], [{ ...older, hash: b64u(seeded('other')) }, ...rest], [older, ...rest])),
    ok('one late', 'only the head after the restored one says so first', lostCase([9], [older, ...rest], rest)),
  ],
})

export default [headsFile, numbersFile, chainsFile, lostFile]
