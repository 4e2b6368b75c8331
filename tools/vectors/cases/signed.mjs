import { b64u, bytes, hex, readB64u, sha512, utf8 } from '../formats/bytes.mjs'
import { base58, contentStatement, documentOf, identifierOf, identifierOn, jwkIdentifierOf, resolve, signStatement, signStatementOn, verifyContent } from '../formats/did.mjs'
import { curves, jwkOf, publicKeyOf as publicKeyOn, withOtherS } from '../formats/ecdsa.mjs'
import { mixed, publicKeyOf, sign, underMixedKey, underNeutralKey, withLargeS, withMixedR, withNeutralR, x25519PublicKeyOf } from '../formats/ed25519.mjs'
import { hashOfJws, kinds, openJws, signingInput, signJws, signJwsOn } from '../formats/jws.mjs'
import { flip, h, ok, readBytes, refused, seeded, vectorFile } from './case.mjs'

const [login, proof, head, content] = kinds
const seed = seeded('seed/identity')
const publicKey = publicKeyOf(seed)
const payload = utf8('{"example":1}')
const jws = signJws(head, payload, seed)
const [encodedHeader, encodedPayload, encodedSignature] = jws.split('.')
const signature = readB64u(encodedSignature)
const input = signingInput(head, payload)

/** Encodings of points of small order, by their order. */
const small = {
  1: bytes(Buffer.of(1), Buffer.alloc(31)),
  2: bytes(Buffer.of(0xec), Buffer.alloc(30, 0xff), Buffer.of(0x7f)),
  4: Buffer.alloc(32),
  8: hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
}
const neutralAboveP = bytes(Buffer.of(0xee), Buffer.alloc(30, 0xff), Buffer.of(0x7f))
const neutralWithSign = bytes(Buffer.of(1), Buffer.alloc(30), Buffer.of(0x80))
const offCurve = bytes(Buffer.of(2), Buffer.alloc(31))

const withHeader = (headerText, of = payload) => signJws(head, of, seed, headerText)
const withSignature = changed => `${input}.${b64u(changed)}`
const nonce = seeded('seed/nonce')

/** A payload whose signature under the mixed key also passes without the cofactor. */
const mixedKey = mixed(publicKey, small[8])
const underMixed = (() => {
  for (let number = 1; ; number++) {
    const data = utf8(`{"example":${number}}`)
    const { signature, passes } = underMixedKey(mixedKey, seed, utf8(signingInput(head, data)), nonce)
    if (passes) return `${signingInput(head, data)}.${b64u(signature)}`
  }
})()

const others = Object.keys(curves)
const secretOn = type => seeded(`seed/${type}`)
const keyOn = type => publicKeyOn(type, secretOn(type))
const jwsOn = (type, headerText) => signJwsOn(type, content, payload, secretOn(type), headerText)
const inputsOn = (type, of, kind = content, key = keyOn(type)) => ({ kind, type, publicKey: h(key), jws: of })
const replacedOn = (type, changed) => { const of = jwsOn(type); return `${of.slice(0, of.lastIndexOf('.'))}.${b64u(changed)}` }
const signatureOn = type => readB64u(jwsOn(type).split('.')[2])

const inputs = (of, kind = head, key = publicKey) => ({ kind, publicKey: h(key), jws: of })
const bad = (name, property, of, key) => refused(name, property, 'signature', inputs(of, head, key))
const badKey = (name, property, of, key) => refused(name, property, 'key', inputs(of, head, key))
const badHeader = (name, property, of, kind) => refused(name, property, 'header', inputs(of, kind))
const badForm = (name, property, of) => refused(name, property, 'encoding', inputs(of))

const signedFile = vectorFile('signed-objects.json', {
  about: 'jws of the expected kind verifies under publicKey, which is of the type (ed25519 where none is said), and gives payload; hash is SHA-256 of what was signed. Whoever holds seed writes the same jws.',
  spec: 'signed-objects.md',
  run: ({ kind, type, seed, publicKey, jws }) => {
    const payload = openJws(kind, jws, hex(publicKey), type)
    if (seed && signJws(kind, payload, hex(seed)) !== jws) throw new Error('signed otherwise')
    return { payload: payload.toString(), hash: h(hashOfJws(jws)) }
  },
  cases: [
    ...kinds.map(kind => ok(kind, 'a kind', { seed: h(seed), ...inputs(signJws(kind, payload, seed), kind) })),
    ok('payload as it was sent', 'white space, escapes and the order of members stay', { seed: h(seed), ...inputs(signJws(head, utf8(' { "b" : "\\u00e9\u00e9" , "a" : [ ] }\n'), seed)) }),
    ok('other signer', 'another seed', { seed: h(nonce), ...inputs(signJws(head, payload, nonce), head, publicKeyOf(nonce)) }),
    ...kinds.flatMap(signedKind => kinds.filter(kind => kind !== signedKind).map(kind =>
      badHeader(`${signedKind} as ${kind}`, 'a signature of one kind is none of another', signJws(signedKind, payload, seed), kind))),
    badHeader('other order', 'the header is fixed, byte for byte', withHeader(`{"typ":"${head}","alg":"Ed25519"}`)),
    badHeader('white space', 'the header is fixed, byte for byte', withHeader(`{"alg": "Ed25519", "typ": "${head}"}`)),
    badHeader('alg none', 'an unsigned object', `${b64u(utf8(`{"alg":"none","typ":"${head}"}`))}.${encodedPayload}.`),
    badHeader('alg none, signed', 'nothing is taken from the header', withHeader(`{"alg":"none","typ":"${head}"}`)),
    badHeader('alg EdDSA', 'the older name of the algorithm', withHeader(`{"alg":"EdDSA","typ":"${head}"}`)),
    badHeader('alg HS256', 'the public key is no HMAC key', withHeader(`{"alg":"HS256","typ":"${head}"}`)),
    badHeader('kid', 'an extra member', withHeader(`{"alg":"Ed25519","typ":"${head}","kid":"1"}`)),
    badHeader('jwk', 'a key in the header is no key', withHeader(`{"alg":"Ed25519","typ":"${head}","jwk":{"kty":"OKP","crv":"Ed25519","x":"${b64u(publicKey)}"}}`)),
    badHeader('crit', 'an extension that must be understood', withHeader(`{"alg":"Ed25519","typ":"${head}","crit":["b64"],"b64":false}`)),
    badHeader('duplicate typ', 'two kinds at once', withHeader(`{"alg":"Ed25519","typ":"${login}","typ":"${head}"}`)),
    badHeader('typ absent', 'no kind', withHeader('{"alg":"Ed25519"}')),
    badHeader('typ in capitals', 'the header is fixed, byte for byte', withHeader(`{"alg":"Ed25519","typ":"${head.toUpperCase()}"}`)),
    badHeader('typ without +jwt', 'another kind', withHeader('{"alg":"Ed25519","typ":"keystore-head"}')),
    badHeader('typ as a media type', 'another kind', withHeader(`{"alg":"Ed25519","typ":"application/${head}"}`)),
    badHeader('empty header', 'no header', `.${encodedPayload}.${encodedSignature}`),
    badForm('two parts', 'three parts', `${encodedHeader}.${encodedPayload}`),
    badForm('four parts', 'three parts', `${jws}.`),
    badForm('nothing', 'three parts', ''),
    badForm('JSON serialization', 'the compact form', JSON.stringify({ protected: encodedHeader, payload: encodedPayload, signature: encodedSignature })),
    badForm('padded signature', 'padding is refused', `${jws}==`),
    badForm('padded payload', 'padding is refused, signed or not', (padded => `${encodedHeader}.${padded}.${b64u(sign(seed, utf8(`${encodedHeader}.${padded}`)))}`)(`${b64u(utf8('{"a":1}'))}==`)),
    badForm('plain base64 in the signature', 'the alphabet of plain base64 is refused', signatureWith(/[-_]/, text => text.replaceAll('-', '+').replaceAll('_', '/'))),
    badForm('trailing bits in the signature', 'another text for the same bytes', `${jws.slice(0, -1)}${nextSymbol(jws.at(-1))}`),
    badForm('newline at the end', 'white space is refused', `${jws}\n`),
    badForm('blank in the payload', 'white space is refused', `${encodedHeader}. ${encodedPayload}.${encodedSignature}`),
    bad('signature absent', '64 bytes', `${input}.`),
    bad('signature of 63 bytes', '64 bytes', withSignature(signature.subarray(1))),
    bad('signature of 65 bytes', '64 bytes', withSignature(bytes(signature, Buffer.of(0)))),
    bad('signature of zeros', 'no signature', withSignature(Buffer.alloc(64))),
    bad('R flipped', 'every bit counts', withSignature(flip(signature, 0))),
    bad('S flipped', 'every bit counts', withSignature(flip(signature, 32))),
    bad('payload changed', 'the payload is signed', `${encodedHeader}.${b64u(utf8('{"example":2}'))}.${encodedSignature}`),
    bad('payload with a blank', 'the bytes are signed, not their meaning', `${encodedHeader}.${b64u(utf8('{"example": 1}'))}.${encodedSignature}`),
    bad('other key', 'another public key', jws, publicKeyOf(nonce)),
    bad('bare payload signed', 'the header is signed too', withSignature(sign(seed, payload))),
    bad('S + L', 'S is below the group order', withSignature(withLargeS(signature))),
    bad('R of order 1', 'R is of prime order', withSignature(withNeutralR(seed, small[1], utf8(input)))),
    bad('R of order 1, above p', 'R is canonical', withSignature(withNeutralR(seed, neutralAboveP, utf8(input)))),
    bad('R of order 1, with a sign', 'R is canonical', withSignature(withNeutralR(seed, neutralWithSign, utf8(input)))),
    bad('R of mixed order', 'R is of prime order: with the cofactor this one would pass', withSignature(withMixedR(seed, small[8], utf8(input), nonce))),
    ...[1, 2, 4, 8].map(order => badKey(`public key of order ${order}`, 'the public key is of prime order', withSignature(underNeutralKey(small[order], utf8(input), nonce)), small[order])),
    badKey('public key of order 1, above p', 'the public key is canonical', withSignature(underNeutralKey(neutralAboveP, utf8(input), nonce)), neutralAboveP),
    badKey('public key of order 1, with a sign', 'the public key is canonical', withSignature(underNeutralKey(neutralWithSign, utf8(input), nonce)), neutralWithSign),
    badKey('public key of mixed order', 'the public key is of prime order: this one passes with and without the cofactor', underMixed, mixedKey),
    badKey('public key off the curve', 'the public key is a point', jws, offCurve),
    ...others.flatMap(type => [
      ok(`${content} on ${type}`, 'what a person signs may be on another curve', inputsOn(type, jwsOn(type))),
      ok(`${type}, higher s`, 'a verifier takes both', inputsOn(type, replacedOn(type, withOtherS(type, signatureOn(type))))),
      refused(`${type}, alg Ed25519`, 'the key decides the algorithm', 'header', inputsOn(type, jwsOn(type, `{"alg":"Ed25519","typ":"${content}"}`))),
      refused(`${type}, alg of the other`, 'the key decides the algorithm', 'header', inputsOn(type, jwsOn(type, `{"alg":"${curves[others.find(other => other !== type)].alg}","typ":"${content}"}`))),
      refused(`${type}, another kind`, 'the other kinds are signed with Ed25519 alone', 'header', inputsOn(type, signJwsOn(type, head, payload, secretOn(type)), head)),
      refused(`${type}, another kind under the header of Ed25519`, 'the other kinds are signed with Ed25519 alone', 'header', inputsOn(type, signJwsOn(type, head, payload, secretOn(type), `{"alg":"Ed25519","typ":"${head}"}`), head)),
      refused(`${type}, r flipped`, 'every bit counts', 'signature', inputsOn(type, replacedOn(type, flip(signatureOn(type), 0)))),
      refused(`${type}, s flipped`, 'every bit counts', 'signature', inputsOn(type, replacedOn(type, flip(signatureOn(type), 63)))),
      refused(`${type}, zeros`, 'r and s are above zero', 'signature', inputsOn(type, replacedOn(type, Buffer.alloc(64)))),
      refused(`${type}, 63 bytes`, '64 bytes', 'signature', inputsOn(type, replacedOn(type, signatureOn(type).subarray(0, 63)))),
      refused(`${type}, other key`, 'another public key', 'signature', inputsOn(type, jwsOn(type), content, publicKeyOn(type, nonce))),
      refused(`${type}, key with another y`, 'the first byte says which y', 'signature', inputsOn(type, jwsOn(type), content, bytes(Buffer.of(keyOn(type)[0] ^ 1), keyOn(type).subarray(1)))),
      refused(`${type}, key without its first byte`, '33 bytes', 'key', inputsOn(type, jwsOn(type), content, keyOn(type).subarray(1))),
    ]),
    refused('secp256k1, key off the curve', 'the public key is a point', 'key', inputsOn('secp256k1', jwsOn('secp256k1'), content, bytes(Buffer.of(2), Buffer.alloc(31), Buffer.of(5)))),
  ],
})

function signatureWith(pattern, change) {
  for (let number = 1; ; number++) {
    const made = signJws(head, utf8(`{"example":${number}}`), seed)
    const at = made.lastIndexOf('.')
    if (pattern.test(made.slice(at))) return made.slice(0, at) + change(made.slice(at))
  }
}

function nextSymbol(symbol) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(symbol) + 1]
}

const did = identifierOf(publicKey)
const tail = did.slice('did:key:z'.length)
const didFile = vectorFile('dids.json', {
  about: 'did names publicKey, of that type, and has document; publicKey has did, where it is a did:key. A key that agrees on secrets alone is named in the document and nowhere else.',
  spec: 'dids.md',
  run: ({ did }) => {
    const { type, key, members, signs } = resolve(did)
    if (!members && identifierOn(type, key) !== did) throw new Error('another identifier')
    return { ...(signs && { type, publicKey: h(key) }), document: documentOf(did) }
  },
  cases: [
    ok('identity', 'a keypair', { did }),
    ok('signing', 'another keypair', { did: identifierOf(publicKeyOf(seeded('seed/signing'))) }),
    ok('seed of zeros', 'the first of the published ones', { did: identifierOf(publicKeyOf(Buffer.alloc(32))) }),
    ...others.map(type => ok(`on ${type}`, 'a key on another curve', { did: identifierOn(type, keyOn(type)) })),
    ok('X25519 key', 'a key that signs nothing', { did: identifierOn('x25519', x25519PublicKeyOf(seed)) }),
    ...['ed25519', ...others].map(type => ok(`did:jwk of ${type}`, 'the key as JWK', { did: jwkIdentifierOf(type, type === 'ed25519' ? publicKey : keyOn(type)) })),
    ok('did:jwk in another order', 'the text is the identifier, whatever the order', { did: jwkIdentifierOf('p-256', keyOn('p-256'), JSON.stringify(Object.fromEntries(Object.entries(jwkOf('p-256', keyOn('p-256'))).reverse()))) }),
    ok('did:jwk for encryption', 'a key that signs nothing', { did: jwkIdentifierOf('p-256', keyOn('p-256'), JSON.stringify({ ...jwkOf('p-256', keyOn('p-256')), use: 'enc' })) }),
    refused('did:jwk with d', 'a private key is no identifier', 'member', { did: jwkIdentifierOf('p-256', keyOn('p-256'), JSON.stringify({ ...jwkOf('p-256', keyOn('p-256')), d: b64u(secretOn('p-256')) })) }),
    refused('did:jwk off the curve', 'x and y are of one point', 'key', { did: jwkIdentifierOf('p-256', keyOn('p-256'), JSON.stringify({ ...jwkOf('p-256', keyOn('p-256')), crv: 'secp256k1' })) }),
    refused('did:jwk of RSA', 'another kind of key', 'member', { did: jwkIdentifierOf('p-256', keyOn('p-256'), '{"kty":"RSA","n":"AQ","e":"AQ"}') }),
    refused('did:jwk of Ed25519 for encryption', 'it only signs', 'value', { did: jwkIdentifierOf('ed25519', publicKey, JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: b64u(publicKey), use: 'enc' })) }),
    refused('did:jwk, padded', 'b64u as the notation has it', 'encoding', { did: `${jwkIdentifierOf('ed25519', publicKey)}=` }),
    refused('secp256k1 key off its curve', 'no point of the curve', 'key', { did: identifierOn('secp256k1', bytes(Buffer.of(2), Buffer.alloc(31), Buffer.of(5))) }),
    refused('P-256 key of 32 bytes', 'a compressed point', 'length', { did: identifierOf(publicKey, hex('8024')) }),
    refused('P-384 key', 'another kind of key', 'prefix', { did: identifierOf(publicKey, hex('8124')) }),
    refused('other method', 'another DID method', 'prefix', { did: did.replace('did:key:', 'did:pkh:') }),
    refused('capital scheme', 'the prefix is that, letter for letter', 'prefix', { did: did.replace('did', 'DID') }),
    refused('no scheme', 'the prefix belongs to it', 'prefix', { did: `z${tail}` }),
    refused('blank before', 'white space is refused', 'prefix', { did: ` ${did}` }),
    refused('hex', 'f is another base', 'encoding', { did: `did:key:fed01${h(publicKey)}` }),
    refused('base64url', 'u is another base', 'encoding', { did: `did:key:u${b64u(bytes(hex('ed01'), publicKey))}` }),
    refused('no base', 'z says base58btc', 'encoding', { did: `did:key:${tail}` }),
    refused('capital Z', 'Z is another base', 'encoding', { did: `did:key:Z${tail}` }),
    refused('symbol 0', '0 is no base58 symbol', 'encoding', { did: `did:key:z${tail.slice(0, -1)}0` }),
    refused('symbol l', 'l is no base58 symbol', 'encoding', { did: `did:key:z${tail.slice(0, -1)}l` }),
    refused('fragment', 'a DID URL is no DID', 'encoding', { did: `${did}#z${tail}` }),
    refused('query', 'a DID URL is no DID', 'encoding', { did: `${did}?versionId=1` }),
    refused('version', 'a version is not part of this form', 'encoding', { did: did.replace('did:key:', 'did:key:1.1:') }),
    refused('newline after', 'white space is refused', 'encoding', { did: `${did}\n` }),
    refused('leading zero', 'a zero in front is another length', 'length', { did: `did:key:z1${tail}` }),
    refused('33 bytes', 'a byte too many', 'length', { did: identifierOf(bytes(publicKey, Buffer.of(0))) }),
    refused('31 bytes', 'a byte too few', 'length', { did: identifierOf(publicKey.subarray(0, 31)) }),
    refused('nothing', 'no key', 'length', { did: 'did:key:z' }),
    refused('code without its second byte', 'another kind of key', 'prefix', { did: `did:key:z${base58(bytes(hex('ed02'), publicKey))}` }),
    refused('off the curve', 'no point of the curve', 'key', { did: identifierOf(offCurve) }),
    ...[1, 2, 4, 8].map(order => refused(`order ${order}`, 'a point of prime order', 'key', { did: identifierOf(small[order]) })),
    refused('mixed order', 'a point of prime order', 'key', { did: identifierOf(mixedKey) }),
    refused('above p', 'a point in canonical form', 'key', { did: identifierOf(neutralAboveP) }),
  ],
})

const signingSeed = seeded('seed/signing')
const signer = identifierOf(publicKeyOf(signingSeed))
const text = utf8('I have read this and agree.\n')
const statement = contentStatement(signer, 1_767_312_000, text)
const statementInputs = (changes = {}, by = signingSeed, rest = {}) =>
  ({ did: signer, content: h(text), jws: signStatement({ ...statement, ...changes }, by), ...rest })
const long = { repeat: h(seeded('pattern', 16)), length: 100_000 }

const contentFile = vectorFile('signed-content.json', {
  about: 'jws is the statement of did, the expected signer, about content; iat is when he says he made it. Bytes may be { repeat, length }.',
  spec: 'signed-objects.md',
  run: ({ did, content, jws }) => ({ iat: verifyContent(did, jws, readBytes(content)).iat }),
  cases: [
    ok('text', 'a short text', statementInputs()),
    ok('nothing', 'no content can be signed too', { did: signer, content: '', jws: signStatement(contentStatement(signer, 1, Buffer.alloc(0)), signingSeed) }),
    ok('long', 'more than one buffer', { did: signer, content: long, jws: signStatement(contentStatement(signer, 1_767_312_000, readBytes(long)), signingSeed) }),
    ...others.flatMap(type => [[`on ${type}`, identifierOn(type, keyOn(type))], [`as did:jwk on ${type}`, jwkIdentifierOf(type, keyOn(type))]].map(([name, did]) =>
      ok(name, 'a signer on another curve', { did, content: h(text), jws: signStatementOn(type, contentStatement(did, 1_767_312_000, text), secretOn(type)) }))),
    refused('did:key expected of a did:jwk', 'the issuer is the expected signer, of one key or not', 'issuer', { did: identifierOn('p-256', keyOn('p-256')), content: h(text), jws: signStatementOn('p-256', contentStatement(jwkIdentifierOf('p-256', keyOn('p-256')), 1_767_312_000, text), secretOn('p-256')) }),
    refused('content changed', 'the hash is that of the content', 'content', statementInputs({}, signingSeed, { content: h(flip(text, 0)) })),
    refused('content longer', 'the length is that of the content', 'size', statementInputs({}, signingSeed, { content: h(bytes(text, Buffer.of(0x0a))) })),
    refused('size wrong', 'the size is checked beside the hash', 'size', statementInputs({ size: text.length + 1 })),
    refused('other hash', 'the hash is checked beside the size', 'content', statementInputs({ sha512: b64u(sha512(utf8('x'))) })),
    refused('other signer expected', 'the key is that of the expected signer', 'signature', statementInputs({}, signingSeed, { did })),
    refused('signed by another', 'the issuer alone does not make a statement his', 'signature', statementInputs({}, seed)),
    refused('other issuer named', 'the issuer is the expected signer', 'issuer', statementInputs({ iss: did })),
    refused('issuer with fragment', 'the issuer is a DID, not a key of it', 'issuer', statementInputs({ iss: `${signer}#${signer.slice(8)}` })),
    refused('other kind', 'a proof of something else is no statement', 'header', { ...statementInputs(), jws: signJws(proof, utf8(JSON.stringify(statement)), signingSeed) }),
    refused('unknown member', 'members that the table has not are refused', 'member', statementInputs({ exp: 1 })),
    refused('size absent', 'every member must be there', 'member', statementInputs({ size: undefined })),
    refused('iat as text', 'an integer', 'value', statementInputs({ iat: '1767312000' })),
    refused('iat with a fraction', 'an integer', 'value', { ...statementInputs(), jws: signJws(content, utf8(JSON.stringify(statement).replace('1767312000', '1767312000.5')), signingSeed) }),
    refused('iat as 1e9', 'digits alone', 'value', { ...statementInputs(), jws: signJws(content, utf8(JSON.stringify(statement).replace('1767312000', '1e9')), signingSeed) }),
    refused('iat negative', 'no sign', 'value', statementInputs({ iat: -1 })),
    refused('size of 2^53', 'integers are below 2^53', 'value', statementInputs({ size: 2 ** 53 })),
    refused('hash of SHA-256', '64 bytes', 'value', statementInputs({ sha512: b64u(sha512(text).subarray(0, 32)) })),
    refused('hash in hex', 'b64u', 'value', statementInputs({ sha512: h(sha512(text)) })),
  ],
})

export default [signedFile, didFile, contentFile]
