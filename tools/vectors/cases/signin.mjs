import { b64u, bytes, hex, utf8 } from '../formats/bytes.mjs'
import { publicKeyOf } from '../formats/ed25519.mjs'
import { signJws } from '../formats/jws.mjs'
import {
  guestSignatureOf, keyIdOf, readSignIn, servicePrivate, sessionKey, signatureOf, signGuestRequest, signRequest, verifyGuestRequest, verifyRequest, x25519PublicKeyOf,
} from '../formats/signin.mjs'
import { flip, h, ok, readBytes, refused, seeded, seededId, vectorFile } from './case.mjs'

const origin = 'https://keys.example.org'
const serviceSecret = seeded('service secret')
const account = seededId('account')
const session = seededId('session')
const keyId = keyIdOf(1, account, session)
const clientPrivate = seeded('x25519/client')
const base = { origin, serviceSecret: h(serviceSecret), generation: 1, account, session, clientPrivate: h(clientPrivate) }

const lowOrder = {
  'all zero': Buffer.alloc(32),
  'order 1': bytes(Buffer.of(1), Buffer.alloc(31)),
  'order 8': hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
  'p, which is zero': bytes(Buffer.of(0xed), Buffer.alloc(30, 0xff), Buffer.of(0x7f)),
}

const sessionsFile = vectorFile('session-keys.json', {
  about: 'a client with clientPrivate and a service with serviceSecret come to sessionKey. A case with clientPublic or serverPublic has the public key that one side received.',
  spec: 'sign-in.md',
  run: ({ origin, serviceSecret, generation, account, session, clientPrivate, clientPublic, serverPublic }) => {
    const keyId = keyIdOf(generation, account, session)
    const client = clientPublic ? hex(clientPublic) : x25519PublicKeyOf(hex(clientPrivate))
    if (serverPublic) return { sessionKey: h(sessionKey(hex(clientPrivate), hex(serverPublic), origin, keyId, client, hex(serverPublic)).key) }
    const service = servicePrivate(hex(serviceSecret), keyId, client)
    const server = x25519PublicKeyOf(service)
    const { shared, key } = sessionKey(service, client, origin, keyId, client, server)
    if (!sessionKey(hex(clientPrivate), server, origin, keyId, client, server).key.equals(key)) throw new Error('two keys')
    return { keyId, servicePrivate: h(service), ...(clientPublic ? {} : { clientPublic: h(client) }), serverPublic: h(server), shared: h(shared), sessionKey: h(key) }
  },
  cases: [
    ok('session', 'both sides derive one key', base),
    ok('loopback', 'an origin with a port', { ...base, origin: 'http://127.0.0.1:5080' }),
    ok('other origin', 'the origin is bound', { ...base, origin: 'https://keys.example.com' }),
    ok('other session', 'the key id is bound', { ...base, session: seededId('other session') }),
    ok('other account', 'the key id names the account', { ...base, account: seededId('other account') }),
    ok('generation 255', 'the key id names the generation of the secret', { ...base, generation: 255 }),
    ok('other service secret', 'a new secret, a new key', { ...base, serviceSecret: h(seeded('other service secret')) }),
    ok('other client key', 'a new session, a new key', { ...base, clientPrivate: h(seeded('x25519/other client')) }),
    ...Object.entries(lowOrder).map(([name, key]) => refused(`client key: ${name}`, 'the service refuses a shared secret of zeros', 'shared-secret', { ...base, clientPublic: h(key) })),
    ...Object.entries(lowOrder).map(([name, key]) => refused(`server key: ${name}`, 'the client refuses a shared secret of zeros', 'shared-secret', { ...base, serverPublic: h(key) })),
  ],
})

const key = h(seeded('session key'))
const nonce = b64u(seeded('request nonce', 16))
const created = 1_767_312_000
const request = { method: 'POST', authority: 'keys.example.org', path: '/v1/changes', query: '', body: h(utf8('{"head":"x","put":[],"delete":[]}')) }
const get = { method: 'GET', authority: 'keys.example.org', path: '/v1/changes', query: '?since=412', body: '' }
const signing = { sessionKey: key, created, nonce, keyId }
const decoded = ({ body, ...rest }) => ({ ...rest, body: readBytes(body) })

const signed = (name, property, request, changes = {}) => ok(name, property, { request, ...signing, ...changes })
const requestsFile = vectorFile('requests.json', {
  about: 'request, signed with sessionKey at created (seconds) with nonce and keyId, has signatureBase and three header values.',
  spec: 'sign-in.md',
  run: ({ request, sessionKey, created, nonce, keyId }) => {
    const { base, ...headers } = signRequest(decoded(request), hex(sessionKey), { created, nonce, keyId })
    const read = verifyRequest(decoded(request), headers, hex(sessionKey))
    if (read.keyId !== keyId || read.nonce !== nonce || read.created !== created) throw new Error('read otherwise')
    return { signatureBase: base, ...headers }
  },
  cases: [
    signed('POST with body', 'no query', request),
    signed('GET with query', 'the digest of the empty string', get),
    signed('GET without query', 'an absent query is ?', { ...get, path: '/v1/account', query: '' }),
    signed('DELETE', 'neither query nor body', { ...get, method: 'DELETE', path: '/v1/sessions/current', query: '' }),
    signed('two parameters', 'the query as it was sent', { ...get, query: '?since=412&x=%20+%2F' }),
    signed('escaped path', 'the path as it was sent', { ...get, path: '/v1/keys/%7E~' }),
    signed('port', 'a port that is not the scheme\'s own', { ...get, authority: '127.0.0.1:5080' }),
    signed('long body', 'a body of more than one buffer', { ...request, body: { repeat: h(seeded('pattern', 16)), length: 100_000 } }),
    signed('other key id', 'the key id is signed', get, { keyId: keyIdOf(2, account, seededId('other session')) }),
    signed('other time', 'the time is signed', get, { created: created + 1 }),
    signed('other nonce', 'the nonce is signed', get, { nonce: b64u(seeded('other nonce', 16)) }),
  ],
})

const headersOf = (of = request, from = signing) => {
  const { base, ...headers } = signRequest(decoded(of), hex(from.sessionKey), from)
  return headers
}
const valid = headersOf()
const bad = (name, property, reason, { request: of = request, headers = {}, sessionKey = key } = {}) =>
  refused(name, property, reason, { request: of, sessionKey, ...valid, ...headers })

/** A well-made signature over Signature-Input as it should not be. */
function badInput(name, property, change) {
  const signatureInput = change(valid.signatureInput)
  const signature = signatureOf(decoded(request), hex(key), signatureInput.slice(signatureInput.indexOf('=') + 1))
  return bad(name, property, 'signature-input', { headers: { signatureInput, signature } })
}

const refusedFile = vectorFile('requests-refused.json', {
  about: 'a service that has sessionKey refuses request with these three header values, whatever its clock says.',
  spec: 'sign-in.md',
  run: ({ request, sessionKey, contentDigest, signatureInput, signature }) =>
    verifyRequest(decoded(request), { contentDigest, signatureInput, signature }, hex(sessionKey)),
  cases: [
    ok('POST with body', 'this one is taken', { request, sessionKey: key, ...valid }),
    bad('other method', 'the method is signed', 'signature', { request: { ...request, method: 'PUT' } }),
    bad('method in small letters', 'the method is signed as it is', 'signature', { request: { ...request, method: 'post' } }),
    bad('other authority', 'the authority is signed', 'signature', { request: { ...request, authority: 'keys.example.com' } }),
    bad('authority with port', 'the authority is signed', 'signature', { request: { ...request, authority: 'keys.example.org:8443' } }),
    bad('other path', 'the path is signed', 'signature', { request: { ...request, path: '/v1/slots' } }),
    bad('path with a slash', 'the path is signed as it is', 'signature', { request: { ...request, path: '/v1/changes/' } }),
    bad('query added', 'the query is signed, also where there is none', 'signature', { request: { ...request, query: '?since=1' } }),
    bad('query dropped', 'the query is signed', 'signature', { request: { ...get, query: '' }, headers: headersOf(get) }),
    bad('query changed', 'the query is signed', 'signature', { request: { ...get, query: '?since=411' }, headers: headersOf(get) }),
    bad('body changed', 'the body is what the digest says', 'digest', { request: { ...request, body: h(flip(hex(request.body), 0)) } }),
    bad('body dropped', 'the body is what the digest says', 'digest', { request: { ...request, body: '' } }),
    bad('body and digest changed', 'the digest is signed', 'signature', { request: { ...request, body: '7b7d' }, headers: { contentDigest: headersOf({ ...request, body: '7b7d' }).contentDigest } }),
    bad('digest of SHA-512', 'the digest is SHA-256', 'digest', { headers: { contentDigest: 'sha-512=:z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==:' } }),
    bad('two digests', 'one digest', 'digest', { headers: { contentDigest: `${valid.contentDigest}, sha-512=:AA==:` } }),
    bad('digest absent', 'the digest must be there', 'digest', { headers: { contentDigest: '' } }),
    bad('other session key', 'another session', 'signature', { sessionKey: h(seeded('other session key')) }),
    bad('signature flipped', 'every bit counts', 'signature', { headers: { signature: `sig=:${flip(Buffer.from(valid.signature.slice(5, -1), 'base64'), -1).toString('base64')}:` } }),
    bad('signature cut', '32 bytes', 'signature', { headers: { signature: `sig=:${Buffer.from(valid.signature.slice(5, -1), 'base64').subarray(0, 16).toString('base64')}:` } }),
    bad('signature empty', '32 bytes', 'signature', { headers: { signature: 'sig=::' } }),
    bad('signature absent', 'it must be there', 'signature', { headers: { signature: '' } }),
    bad('signature without padding', 'base64 in this header is padded', 'signature', { headers: { signature: `${valid.signature.slice(0, -2)}:` } }),
    bad('signature of another label', 'the label is sig', 'signature', { headers: { signature: valid.signature.replace('sig', 'sig1') } }),
    bad('two signatures', 'one signature', 'signature', { headers: { signature: `${valid.signature}, x=:AA==:` } }),
    bad('other time', 'the time is signed', 'signature', { headers: { signatureInput: valid.signatureInput.replace(`created=${created}`, `created=${created + 1}`) } }),
    bad('other nonce', 'the nonce is signed', 'signature', { headers: { signatureInput: valid.signatureInput.replace(nonce, b64u(seeded('other nonce', 16))) } }),
    bad('other key id', 'the key id is signed', 'signature', { headers: { signatureInput: valid.signatureInput.replace(keyId, keyIdOf(1, account, seededId('other session'))) } }),
    badInput('input absent', 'it must be there', () => ''),
    badInput('other label', 'the label is sig', input => input.replace('sig=', 'sig1=')),
    badInput('two inputs', 'one input', input => `${input}, x=("@method")`),
    badInput('blank', 'one form', input => input.replace('sig=(', 'sig= (')),
    badInput('component missing', 'all five', input => input.replace(' "content-digest"', '')),
    badInput('no components', 'all five', input => input.replace(/\(.*\)/, '()')),
    badInput('component too many', 'these five', input => input.replace(' "content-digest"', ' "content-digest" "content-type"')),
    badInput('other order', 'in this order', input => input.replace('"@method" "@authority"', '"@authority" "@method"')),
    badInput('target URI', 'other components', input => input.replace('"@path" "@query"', '"@target-uri"')),
    badInput('component with a parameter', 'no parameters at components', input => input.replace('"@query"', '"@query";req')),
    badInput('created missing', 'all four parameters', input => input.replace(`;created=${created}`, '')),
    badInput('nonce missing', 'all four parameters', input => input.replace(`;nonce="${nonce}"`, '')),
    badInput('key id missing', 'all four parameters', input => input.replace(`;keyid="${keyId}"`, '')),
    badInput('alg missing', 'all four parameters', input => input.replace(';alg="hmac-sha256"', '')),
    badInput('parameters in another order', 'in this order', input => input.replace(/(;created=\d+)(;nonce="[^"]+")/, '$2$1')),
    badInput('parameter too many', 'these four', input => `${input};tag="x"`),
    badInput('expires', 'these four', input => input.replace(';nonce', `;expires=${created + 60};nonce`)),
    badInput('parameter twice', 'once', input => `${input};alg="hmac-sha256"`),
    badInput('other alg', 'no other algorithm', input => input.replace('hmac-sha256', 'ed25519')),
    badInput('alg in capitals', 'one form', input => input.replace('hmac-sha256', 'HMAC-SHA256')),
    badInput('created as a text', 'an integer', input => input.replace(`created=${created}`, `created="${created}"`)),
    badInput('created with a fraction', 'an integer', input => input.replace(`created=${created}`, `created=${created}.0`)),
    badInput('created negative', 'no sign', input => input.replace(`created=${created}`, `created=-${created}`)),
    badInput('created with a zero in front', 'one form', input => input.replace(`created=${created}`, `created=0${created}`)),
    badInput('nonce of 15 bytes', '16 bytes', input => input.replace(nonce, b64u(seeded('15', 15)))),
    badInput('nonce of 17 bytes', '16 bytes', input => input.replace(nonce, b64u(seeded('17', 17)))),
    badInput('nonce padded', 'b64u', input => input.replace(nonce, `${nonce}==`)),
    badInput('nonce with trailing bits', 'one text for 16 bytes', input => input.replace(nonce, `${nonce.slice(0, -1)}${nextLetter(nonce.at(-1))}`)),
    badInput('key id of 32 bytes', '33 bytes', input => input.replace(keyId, b64u(seeded('32', 32)))),
    badInput('key id as a token', 'a quoted text', input => input.replace(`"${keyId}"`, keyId)),
    badInput('single quotes', 'double quotes', input => input.replaceAll('"', '\'')),
  ],
})

function nextLetter(letter) {
  return String.fromCharCode(letter.charCodeAt(0) + 1)
}

const loginSeed = seeded('seed/login')
const [login, proof] = ['keystore-login+jwt', 'keystore-proof+jwt']
const common = { aud: origin, nonce: 'an-opaque.nonce_of~the service', sub: b64u(seeded('locator')), iat: created }
const assertion = { ...common, key: b64u(x25519PublicKeyOf(clientPrivate)) }
const proofOf = { ...common, head: b64u(seeded('head hash')) }
const payload = (kind, from, changes = {}, seed = loginSeed) =>
  ({ kind, publicKey: h(publicKeyOf(loginSeed)), jws: signJws(kind, utf8(JSON.stringify({ ...from, ...changes })), seed) })
const rawPayload = (pattern, by) => ({ ...payload(login, assertion), jws: signJws(login, utf8(JSON.stringify(assertion).replace(pattern, by)), loginSeed) })
const value = (name, property, made) => refused(name, property, 'value', made)
const member = (name, property, made) => refused(name, property, 'member', made)

const statementsFile = vectorFile('sign-in-statements.json', {
  about: 'jws is an assertion or a proof (kind says which) by the login keypair with publicKey, and says payload, bytes in hex. Audience, nonce and time are for the service to judge.',
  spec: 'sign-in.md',
  run: ({ kind, publicKey, jws }) => {
    const read = readSignIn(kind, jws, hex(publicKey))
    return { payload: Object.fromEntries(Object.entries(read).map(([name, value]) => [name, Buffer.isBuffer(value) ? h(value) : value])) }
  },
  cases: [
    ok('assertion', 'signing in', payload(login, assertion)),
    ok('proof', 'a privileged call', payload(proof, proofOf)),
    ok('loopback', 'an origin with a port', payload(login, assertion, { aud: 'http://127.0.0.1:5080' })),
    ok('longest nonce', '128 characters', payload(login, assertion, { nonce: 'n'.repeat(128) })),
    ok('other order', 'the order of members is free', payload(proof, Object.fromEntries(Object.entries(proofOf).reverse()))),
    refused('assertion as proof', 'a signature of one kind is none of another', 'header', { ...payload(login, assertion), kind: proof }),
    refused('proof as assertion', 'a signature of one kind is none of another', 'header', { ...payload(proof, proofOf), kind: login }),
    refused('signed by another', 'the login keypair of the slot signs', 'signature', payload(login, assertion, {}, seeded('seed/other login'))),
    member('proof without head', 'every member must be there', payload(proof, common)),
    member('assertion without key', 'every member must be there', payload(login, common)),
    member('assertion with head', 'members that the table has not are refused', payload(login, { ...assertion, ...proofOf })),
    member('proof with key', 'members that the table has not are refused', payload(proof, { ...assertion, ...proofOf })),
    member('audience absent', 'every member must be there', payload(login, assertion, { aud: undefined })),
    member('nonce null', 'null is absent', payload(login, assertion, { nonce: null })),
    member('exp', 'members that the table has not are refused', payload(login, assertion, { exp: created + 60 })),
    member('duplicate audience', 'a second member of one name', rawPayload('{', '{"aud":"https://evil.example",')),
    value('audience as a list', 'a text', payload(login, assertion, { aud: [origin] })),
    value('nonce too long', '129 characters', payload(login, assertion, { nonce: 'n'.repeat(129) })),
    value('empty nonce', 'at least one character', payload(login, assertion, { nonce: '' })),
    value('nonce as a number', 'a text', payload(login, assertion, { nonce: 1 })),
    value('locator of 31 bytes', '32 bytes', payload(login, assertion, { sub: b64u(seeded('31', 31)) })),
    value('locator padded', 'b64u', payload(login, assertion, { sub: `${common.sub}=` })),
    value('key of 33 bytes', '32 bytes', payload(login, assertion, { key: b64u(seeded('33', 33)) })),
    value('head of 31 bytes', '32 bytes', payload(proof, proofOf, { head: b64u(seeded('31', 31)) })),
    value('time as text', 'an integer', payload(login, assertion, { iat: String(created) })),
    value('time with a fraction', 'an integer', rawPayload(`${created}`, `${created}.5`)),
    value('time negative', 'no sign', payload(login, assertion, { iat: -1 })),
    value('time of 2^53', 'integers are below 2^53', payload(login, assertion, { iat: 2 ** 53 })),
    refused('trailing data', 'nothing follows', 'json', rawPayload(/$/, ' null')),
    refused('byte order mark', 'no byte order mark', 'json', rawPayload(/^/, '\ufeff')),
    refused('not JSON', 'a text that is no JSON', 'json', { ...payload(login, assertion), jws: signJws(login, utf8('aud=https://keys.example.org'), loginSeed) }),
  ],
})

const guestSeed = seeded('guest')
const guestFrom = { created, nonce, channel: seededId('channel') }
const leave = { ...request, authority: 'vault.example.org', path: '/v1/channel', body: h(utf8('{"id":"x","sealed":"AQ"}')) }
const look = { ...get, authority: 'vault.example.org', path: '/v1/channel', query: '?after=3&wait=30' }
const guestHeaders = (of, seed = guestSeed) => signGuestRequest(decoded(of), seed, guestFrom)
const guestTaken = (name, property, of) => ok(name, property, { request: of, seed: h(guestSeed), guestKey: h(publicKeyOf(guestSeed)), ...guestHeaders(of) })
const guestBad = (name, property, reason, { request: of = leave, headers = {}, guestKey = h(publicKeyOf(guestSeed)) } = {}) =>
  refused(name, property, reason, { request: of, guestKey, ...guestHeaders(leave), ...headers })

/** A well-made signature over Signature-Input as it should not be. */
function guestBadInput(name, property, change) {
  const signatureInput = change(guestHeaders(leave).signatureInput)
  const signature = guestSignatureOf(decoded(leave), guestSeed, signatureInput.slice(signatureInput.indexOf('=') + 1))
  return guestBad(name, property, 'signature-input', { headers: { signatureInput, signature } })
}

const guestsFile = vectorFile('guest-requests.json', {
  about: 'a Vault whose channel has guestKey takes request with these three header values as that of channel, or refuses it, whatever its clock says. Where seed is there, it is the private half, and signing again at created with nonce gives the same values.',
  spec: 'sign-in.md',
  run: ({ request, seed, guestKey, contentDigest, signatureInput, signature }) => {
    const from = verifyGuestRequest(decoded(request), { contentDigest, signatureInput, signature }, hex(guestKey))
    if (seed && signGuestRequest(decoded(request), hex(seed), from).signature !== signature) throw new Error('two signatures')
    return from
  },
  cases: [
    guestTaken('POST', 'a letter is left', leave),
    guestTaken('GET', 'letters are looked for', look),
    guestBad('other method', 'the method is signed', 'signature', { request: { ...leave, method: 'PUT' } }),
    guestBad('other authority', 'the authority is signed', 'signature', { request: { ...leave, authority: 'vault.example.com' } }),
    guestBad('query added', 'the query is signed', 'signature', { request: { ...leave, query: '?after=0' } }),
    guestBad('body changed', 'the body is what the digest says', 'digest', { request: { ...leave, body: h(flip(hex(leave.body), 0)) } }),
    guestBad('other key', 'the key is that of the channel', 'signature', { guestKey: h(publicKeyOf(seeded('other guest'))) }),
    guestBad('signed by another', 'the key is that of the channel', 'signature', { headers: guestHeaders(leave, seeded('other guest')) }),
    guestBad('signature cut', '64 bytes', 'signature', { headers: { signature: `sig=:${Buffer.from(guestHeaders(leave).signature.slice(5, -1), 'base64').subarray(0, 32).toString('base64')}:` } }),
    guestBad('other channel', 'the channel is signed', 'signature', { headers: { signatureInput: guestHeaders(leave).signatureInput.replace(guestFrom.channel, seededId('other channel')) } }),
    guestBadInput('channel in capitals', 'an id has one form', input => input.replace(guestFrom.channel, guestFrom.channel.toUpperCase())),
    guestBadInput('a key id of a session', 'the key id is a channel', input => input.replace(guestFrom.channel, keyId)),
    guestBadInput('hmac-sha256', 'the algorithm is ed25519', input => input.replace('ed25519', 'hmac-sha256')),
    guestBadInput('no algorithm', 'all four parameters', input => input.replace(';alg="ed25519"', '')),
  ],
})

export default [sessionsFile, requestsFile, refusedFile, statementsFile, guestsFile]
