import { b64u, sha256, utf8 } from '../formats/bytes.mjs'
import { identifierOf, identifierOn, jwkIdentifierOf } from '../formats/did.mjs'
import { answerAddress, checkOf, readLink, readStatement, statementFor } from '../formats/did-sign-in.mjs'
import { curves, publicKeyOf as publicKeyOn } from '../formats/ecdsa.mjs'
import { publicKeyOf, x25519PublicKeyOf } from '../formats/ed25519.mjs'
import { signJws, signJwsOn } from '../formats/jws.mjs'
import { ok, refused, seeded, vectorFile } from './case.mjs'

const kind = 'did-sign-in+jwt'
const seed = seeded('seed/did sign-in')
const did = identifierOf(publicKeyOf(seed))
const challenge = b64u(seeded('challenge', 100))
const app = 'https://app.example'
const page = `${app}/did`
const whole = text => `${text}&check=${checkOf(text)}`
const link = (purpose = 'sign-in', of = page, answering = challenge) => whole(`${of}#purpose=${purpose}&challenge=${answering}`)
const statement = statementFor(did, app, 'sign-in', link())
const signed = (changes = {}, by = seed, as = kind) => ({ link: link(), jws: signJws(as, utf8(JSON.stringify({ ...statement, ...changes })), by) })
const raw = (pattern, by) => ({ link: link(), jws: signJws(kind, utf8(JSON.stringify(statement).replace(pattern, by)), seed) })
const signedOn = (type, of, by = type) => ({ link: link(), jws: signJwsOn(by, kind, utf8(JSON.stringify({ ...statement, iss: of })), seeded(`seed/${by}`)) })
const answering = (shown, aud, purpose) => ({ ...signed(statementFor(did, aud, purpose, shown)), link: shown })
const keyOn = type => publicKeyOn(type, seeded(`seed/${type}`))
const member = (name, property, made) => refused(name, property, 'member', made)
const value = (name, property, made) => refused(name, property, 'value', made)

const statementsFile = vectorFile('did-sign-ins.json', {
  about: 'jws is a statement by the DID that it names, answers link, and says payload. Origin, purpose, time and first use are for the app to judge.',
  spec: 'did-sign-in.md',
  run: ({ link, jws }) => ({ payload: readStatement(jws, link) }),
  cases: [
    ok('sign-in', 'a DID signs in', signed()),
    ok('link', 'a DID is to be linked', answering(link('link'), app, 'link')),
    ok('loopback', 'an origin with a port', answering(link('sign-in', 'http://127.0.0.1:5410/did'), 'http://127.0.0.1:5410', 'sign-in')),
    ok('other order', 'the order of members is free', { link: link(), jws: signJws(kind, utf8(JSON.stringify(Object.fromEntries(Object.entries(statement).reverse()))), seed) }),
    ok('did:jwk', 'a did:jwk is one too', signed({ iss: jwkIdentifierOf('ed25519', publicKeyOf(seed)) })),
    ...Object.keys(curves).flatMap(type => [
      ok(`on ${type}`, 'a key on another curve', signedOn(type, identifierOn(type, keyOn(type)))),
      ok(`as did:jwk on ${type}`, 'likewise as did:jwk', signedOn(type, jwkIdentifierOf(type, keyOn(type)))),
    ]),
    refused('answers another challenge', 'the hash is that of the link', 'content', { ...signed(), link: link('sign-in', page, `${challenge}A`) }),
    refused('answers for another page', 'of the same origin, which may lead on elsewhere', 'content', { ...signed(), link: link('sign-in', `${app}/go/elsewhere`) }),
    refused('answers for another purpose', 'the purpose stands in the link too', 'content', { ...signed(), link: link('link') }),
    refused('hash of the challenge alone', 'the page is part of what is signed', 'content', signed({ challenge: b64u(sha256(utf8(challenge))) })),
    refused('another kind', 'a signature of one kind is none of another', 'header', signed({}, seed, 'signed-content+jwt')),
    refused('signed by another', 'the key is that of the DID', 'signature', signed({}, seeded('seed/another'))),
    refused('header of another curve', 'the key decides the algorithm', 'header', signedOn('p-256', did)),
    refused('X25519', 'a key that signs', 'key', signed({ iss: identifierOn('x25519', x25519PublicKeyOf(seeded('x25519'))) })),
    refused('did:web', 'the key follows from the DID', 'prefix', signed({ iss: 'did:web:example.org' })),
    member('no issuer', 'every member must be there', signed({ iss: undefined })),
    member('no audience', 'every member must be there', signed({ aud: undefined })),
    member('no purpose', 'every member must be there', signed({ purpose: undefined })),
    member('no challenge', 'every member must be there', signed({ challenge: undefined })),
    member('challenge null', 'null is absent', signed({ challenge: null })),
    member('subject', 'members that the table has not are refused: it names nobody else', signed({ sub: 'somebody' })),
    member('time', 'likewise', signed({ iat: 1_790_000_000 })),
    member('duplicate purpose', 'a second member of one name', raw('{', '{"purpose":"link",')),
    value('another purpose', 'sign-in or link', signed({ purpose: 'admin' })),
    value('purpose in capitals', 'letter for letter', signed({ purpose: 'Sign-In' })),
    value('purpose as a number', 'a text', signed({ purpose: 0 })),
    value('audience as a list', 'a text', signed({ aud: [app] })),
    value('audience with a slash', 'an origin in its one form', signed({ aud: `${app}/` })),
    value('audience in capitals', 'an origin in its one form', signed({ aud: 'https://APP.example' })),
    value('challenge in hex', 'b64u', signed({ challenge: Buffer.from(statement.challenge, 'base64url').toString('hex') })),
    value('challenge itself', '32 bytes', signed({ challenge })),
    refused('trailing data', 'nothing follows', 'json', raw(/$/, ' null')),
  ],
})

const response = signed().jws
const shown = text => ({ link: text, response })
const form = (name, property, text) => refused(name, property, 'encoding', shown(text))

const linksFile = vectorFile('did-sign-in-links.json', {
  about: 'link is what an app shows, read as page, origin, purpose and challenge; address is where response is brought.',
  spec: 'did-sign-in.md',
  run: ({ link, response }) => {
    const read = readLink(link)
    return { ...read, address: answerAddress(read.page, read.challenge, response) }
  },
  cases: [
    ok('sign-in', 'a link to sign in', shown(link())),
    ok('link', 'a link to link', shown(link('link'))),
    ok('path', 'any path', shown(link('sign-in', `${app}/account/did`))),
    ok('root', 'the path may be the root', shown(link('sign-in', `${app}/`))),
    ok('loopback', 'http on this machine', shown(link('sign-in', 'http://127.0.0.1:5080/did'))),
    ok('longest challenge', '2,048 characters', shown(link('sign-in', page, 'a'.repeat(2048)))),
    refused('challenge too long', '2,048 characters', 'length', shown(link('sign-in', page, 'a'.repeat(2049)))),
    refused('challenge empty', 'there is one', 'length', shown(link('sign-in', page, ''))),
    refused('longer than a link', '4,096 characters', 'length', shown(link('sign-in', `${app}/${'a'.repeat(4096)}`))),
    refused('http elsewhere', 'TLS but on this machine', 'value', shown(link('sign-in', 'http://app.example/did'))),
    refused('another purpose', 'sign-in or link', 'value', shown(link('admin'))),
    form('another scheme', 'https, or http', link('sign-in', 'ftp://app.example/did')),
    form('no path', 'the address in its one form', link('sign-in', app)),
    form('capitals', 'the address in its one form', link('sign-in', 'https://APP.example/did')),
    form('its own port', 'the address in its one form', link('sign-in', 'https://app.example:443/did')),
    form('dots', 'the address in its one form', link('sign-in', `${app}/a/../did`)),
    form('user', 'no user, which could be taken for the host', link('sign-in', 'https://app.example@other.example/did')),
    form('query', 'no query, which a server would log', whole(`${page}?purpose=sign-in#purpose=sign-in&challenge=${challenge}`)),
    form('no fragment', 'challenge and purpose stand in the fragment', page),
    form('no purpose', 'both are there', whole(`${page}#challenge=${challenge}`)),
    form('other order', 'in one order', whole(`${page}#challenge=${challenge}&purpose=sign-in`)),
    form('something behind', 'nothing follows', `${link()}&more=1`),
    form('padding', 'the characters of b64u', link('sign-in', page, `${challenge}=`)),
    form('no check', 'a link that ends with its challenge may have been cut', link().replace(/&check=.*/, '')),
    form('cut by one character', 'the check has 8', link().slice(0, -1)),
    refused('cut in the challenge', 'the check is over all before it', 'content', shown(`${page}#purpose=sign-in&challenge=${challenge.slice(1)}&check=${link().slice(-8)}`)),
    refused('another check', 'likewise', 'content', shown(link().slice(0, -8) + checkOf('another'))),
    form('percent', 'nothing is decoded', whole(`${page}#purpose=sign%2Din&challenge=%41`)),
    form('nothing', 'nothing is no link', ''),
  ],
})

export default [statementsFile, linksFile]
