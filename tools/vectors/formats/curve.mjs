// Enough of edwards25519 (RFC 8032 section 5.1) for what Node's crypto does not tell: are these 32 bytes the canonical encoding of a point
// of prime order? Not constant time; nothing secret comes here.
const p = 2n ** 255n - 19n
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

const mod = value => ((value % p) + p) % p

function power(base, exponent) {
  let result = 1n
  for (base = mod(base); exponent > 0n; exponent >>= 1n, base = base * base % p)
    if (exponent & 1n) result = result * base % p
  return result
}

const invert = value => power(value, p - 2n)
const d = mod(-121665n * invert(121666n))

export const fromLittleEndian = data => BigInt(`0x${Buffer.from(data).reverse().toString('hex')}`)
export const toLittleEndian = value => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()

/** A point { x, y, z, t } in extended coordinates, or null if the 32 bytes are not the one encoding of a point. */
export function decodePoint(data) {
  if (data.length !== 32) return null
  const encoded = fromLittleEndian(data)
  const sign = encoded >> 255n
  const y = encoded & (2n ** 255n - 1n)
  if (y >= p) return null
  const square = mod((y * y - 1n) * invert(d * y * y + 1n))
  let x = power(square, (p + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * power(2n, (p - 1n) / 4n))
  if (mod(x * x) !== square) return null
  if (x === 0n && sign === 1n) return null
  if ((x & 1n) !== sign) x = p - x
  return { x, y, z: 1n, t: mod(x * y) }
}

export function encodePoint({ x, y, z }) {
  const inverse = invert(z)
  return toLittleEndian(mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n))
}

const neutral = { x: 0n, y: 1n, z: 1n, t: 0n }

export function add(first, second) {
  const a = (first.y - first.x) * (second.y - second.x) % p
  const b = (first.y + first.x) * (second.y + second.x) % p
  const c = 2n * first.t * d * second.t % p
  const e = 2n * first.z * second.z % p
  const [f, g, h, i] = [b - a, e - c, e + c, b + a]
  return { x: mod(f * g), y: mod(h * i), z: mod(g * h), t: mod(f * i) }
}

function multiply(scalar, point) {
  let result = neutral
  for (; scalar > 0n; scalar >>= 1n, point = add(point, point))
    if (scalar & 1n) result = add(result, point)
  return result
}

const isNeutral = ({ x, y, z }) => x === 0n && y === z

export const hasPrimeOrder = data => {
  const point = decodePoint(data)
  return point !== null && !isNeutral(point) && isNeutral(multiply(groupOrder, point))
}

/** The Montgomery u of an Edwards point (RFC 7748 section 4.1), as X25519 writes it. */
export function montgomery(data) {
  const { y } = decodePoint(data)
  return toLittleEndian(mod((1n + y) * invert(1n - y)))
}
