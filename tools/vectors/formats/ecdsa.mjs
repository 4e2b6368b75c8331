// ECDSA with SHA-256 on P-256 and secp256k1, with the refusals of docs/spec/signed-objects.md. Node's crypto verifies; enough of the curves
// is here to read compressed points and to sign in one way (RFC 6979), so that every run writes the same bytes. Nothing secret comes here.
import { createHmac, createPublicKey, verify as nodeVerify } from 'node:crypto'
import { b64u, bytes, sha256 } from './bytes.mjs'
import { refuseUnless } from './refusal.mjs'

/** SEC 2, sections 2.4.2 and 2.4.1. */
export const curves = {
  'p-256': {
    alg: 'ES256', crv: 'P-256', code: '8024', a: -3n,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  },
  secp256k1: {
    alg: 'ES256K', crv: 'secp256k1', code: 'e701', a: 0n,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    b: 7n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  },
}
const baseSign = { 'p-256': 3, secp256k1: 2 }

const number = data => BigInt(`0x${Buffer.from(data).toString('hex')}`)
export const bytes32 = value => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const mod = (value, m) => ((value % m) + m) % m

function power(base, exponent, m) {
  let result = 1n
  for (base = mod(base, m); exponent > 0n; exponent >>= 1n, base = base * base % m)
    if (exponent & 1n) result = result * base % m
  return result
}
const invert = (value, m) => power(value, m - 2n, m)

/** { x, y } of a compressed point, or null if it is none. */
export function decodePoint(type, data) {
  const { p, a, b } = curves[type]
  if (data.length !== 33 || (data[0] !== 2 && data[0] !== 3)) return null
  const x = number(data.subarray(1))
  if (x >= p) return null
  const square = mod(x * x * x + a * x + b, p)
  const y = power(square, (p + 1n) / 4n, p)
  if (mod(y * y, p) !== square) return null
  return { x, y: (y & 1n) === BigInt(data[0] & 1) ? y : p - y }
}

const encodePoint = ({ x, y }) => bytes(Buffer.of((y & 1n) === 1n ? 3 : 2), bytes32(x))

function add(type, first, second) {
  if (!first || !second) return first ?? second
  const { p, a } = curves[type]
  if (first.x === second.x && mod(first.y + second.y, p) === 0n) return null
  const slope = first.x === second.x
    ? (3n * first.x * first.x + a) * invert(2n * first.y, p)
    : (second.y - first.y) * invert(second.x - first.x, p)
  const x = mod(slope * slope - first.x - second.x, p)
  return { x, y: mod(slope * (first.x - x) - first.y, p) }
}

function multiply(type, scalar, point) {
  let result = null
  for (; scalar > 0n; scalar >>= 1n, point = add(type, point, point))
    if (scalar & 1n) result = add(type, result, point)
  return result
}

const base = type => decodePoint(type, bytes(Buffer.of(baseSign[type]), bytes32(curves[type].x)))

export const publicKeyOf = (type, secret) => encodePoint(multiply(type, number(secret), base(type)))

/** The public members of a JWK, in the order that is written here. */
export function jwkOf(type, data) {
  const { x, y } = decodePoint(type, data)
  return { kty: 'EC', crv: curves[type].crv, x: b64u(bytes32(x)), y: b64u(bytes32(y)) }
}

function nonceOf(secret, hash, n) {
  const hmac = (key, ...parts) => createHmac('sha256', key).update(bytes(...parts)).digest()
  const seed = bytes(secret, bytes32(mod(number(hash), n)))
  let [k, v] = [Buffer.alloc(32), Buffer.alloc(32, 1)]
  for (const mark of [0, 1]) {
    k = hmac(k, v, Buffer.of(mark), seed)
    v = hmac(k, v)
  }
  return number(hmac(k, v)) // below n, but for a chance of 2^-32 at most; sign() checks its own work
}

/** r ‖ s with the lower s. */
export function sign(type, secret, data) {
  const { n } = curves[type]
  const hash = sha256(data)
  const k = nonceOf(secret, hash, n)
  const r = mod(multiply(type, k, base(type)).x, n)
  const s = mod(invert(k, n) * (number(hash) + r * number(secret)), n)
  const signature = bytes(bytes32(r), bytes32(s > n / 2n ? n - s : s))
  verify(type, publicKeyOf(type, secret), data, signature)
  return signature
}

/** The same signature with n - s in place of s. */
export const withOtherS = (type, signature) => bytes(signature.subarray(0, 32), bytes32(curves[type].n - number(signature.subarray(32))))

export function verify(type, raw, data, signature) {
  refuseUnless(decodePoint(type, raw) !== null, 'key')
  refuseUnless(signature.length === 64, 'signature')
  const key = createPublicKey({ key: jwkOf(type, raw), format: 'jwk' })
  refuseUnless(nodeVerify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature), 'signature')
}
