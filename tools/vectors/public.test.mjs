// The encoder against data that others published: node --test tools/vectors/public.test.mjs
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { b64u, expand, extract, hex, sha512 } from './formats/bytes.mjs'
import { documentOf, identifierOf, readBase58 } from './formats/did.mjs'
import { publicKeyOf, verify, x25519Agree } from './formats/ed25519.mjs'
import { open } from './formats/envelopes.mjs'
import { keySchedule, xwingDecapsulate, xwingEncapsulate, xwingPublicKeyOf } from './formats/hpke.mjs'
import { readWords, writeWords } from './formats/secrets.mjs'
import { Refusal } from './formats/refusal.mjs'

const folder = new URL('../../../shared/vectors/', import.meta.url)
const skip = existsSync(folder) ? false : 'the folder of public vectors is not here'
const read = name => JSON.parse(readFileSync(new URL(name, folder)))
const wycheproof = name => read(`wycheproof/${name}`).testGroups.flatMap(group => group.tests.map(each => ({ ...each, group })))

/** The result of a reader, or null where it refuses. Anything but a refusal is an error of ours. */
function outcome(action) {
  try {
    return action()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

test('chunked encryption opens what Wycheproof calls valid and nothing else', { skip }, () => {
  for (const each of wycheproof('c2sp_chunked_encryption_aes_256_gcm_test.json')) {
    if (each.key.length !== 64) continue // our keys are 32 bytes by type
    const message = inflateSync(hex(each.ct))
    const plaintext = outcome(() => open(hex(each.key), hex(each.ctx), Buffer.concat([Buffer.of(1), message])))
    assert.equal(plaintext !== null, each.result === 'valid', each.comment)
    if (plaintext !== null) assert.equal(sha512(plaintext).toString('hex'), each.msgSha512, each.comment)
  }
})

test('HKDF-SHA-512 gives what Wycheproof gives', { skip }, () => {
  for (const each of wycheproof('hkdf_sha512_test.json').filter(each => each.result === 'valid'))
    assert.equal(expand(extract(hex(each.salt), hex(each.ikm)), hex(each.info), each.size).toString('hex'), each.okm, each.comment)
})

test('Ed25519 takes what Wycheproof calls valid and nothing else', { skip }, () => {
  for (const each of wycheproof('ed25519_test.json')) {
    const taken = outcome(() => { verify(hex(each.group.publicKey.pk), hex(each.msg), hex(each.sig)); return true })
    assert.equal(taken ?? false, each.result === 'valid', `${each.tcId} ${each.comment}`)
  }
})

test('X25519 gives what Wycheproof gives, and refuses the all-zero result', { skip }, () => {
  for (const each of wycheproof('x25519_test.json')) {
    const shared = outcome(() => x25519Agree(hex(each.private), hex(each.public)))
    assert.equal(shared?.toString('hex') ?? '00'.repeat(32), each.shared, `${each.tcId} ${each.comment}`)
  }
})

test('did:key documents are the published ones', { skip }, () => {
  for (const [did, { seed, didDocument }] of Object.entries(read('did-key/ed25519-x25519.json'))) {
    assert.equal(identifierOf(publicKeyOf(hex(seed))), did)
    if (didDocument['@context'].length === 3) assert.deepEqual(documentOf(did), didDocument)
    else assert.deepEqual(asJwk(documentOf(did)), didDocument) // one of them shows the same keys in the suite jws-2020
  }
})

const asJwk = document => ({
  ...document,
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
  verificationMethod: document.verificationMethod.map(({ publicKeyBase58, ...method }, index) => ({
    ...method,
    type: 'JsonWebKey2020',
    publicKeyJwk: { kty: 'OKP', crv: ['Ed25519', 'X25519'][index], x: b64u(readBase58(publicKeyBase58)) },
  })),
})

test('twelve words are those of BIP-39', { skip }, () => {
  for (const [entropy, words] of read('bip39/vectors.json').english.filter(([entropy]) => entropy.length === 32)) {
    assert.equal(writeWords(hex(entropy)), words)
    assert.equal(readWords(words), words)
  }
})

test('X-Wing gives what its draft gives, in both directions', { skip }, () => {
  for (const each of read('xwing/test-vectors.json')) {
    assert.equal(xwingPublicKeyOf(hex(each.seed)).toString('hex'), each.pk)
    const { shared, encapsulation } = xwingEncapsulate(hex(each.pk), hex(each.eseed))
    assert.equal(encapsulation.toString('hex'), each.ct)
    assert.equal(shared.toString('hex'), each.ss)
    assert.equal(xwingDecapsulate(hex(each.seed), hex(each.ct)).toString('hex'), each.ss)
  }
})

test('the key schedule of HPKE is the published one', { skip }, () => {
  for (const each of read('hpke/hpke-pq.json').filter(each => each.kem_id === 0x647a && each.kdf_id === 1)) {
    const { key, nonce } = keySchedule(xwingDecapsulate(hex(each.skRm), hex(each.enc)), hex(each.info), each.aead_id)
    assert.equal(key.toString('hex'), each.key)
    assert.equal(nonce.toString('hex'), each.base_nonce)
  }
})
