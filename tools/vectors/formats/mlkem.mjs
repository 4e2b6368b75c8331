// ML-KEM-768 (FIPS 203): Node 20 has none of its own. Sizes in bytes.
import { createHash } from 'node:crypto'
import { bytes } from './bytes.mjs'

const q = 3329
const k = 3
const n = 256

export const encapsulationKeySize = 384 * k + 32
export const ciphertextSize = 32 * (10 * k + 4)

const g = data => {
  const digest = createHash('sha3-512').update(data).digest()
  return [digest.subarray(0, 32), digest.subarray(32)]
}
const h = data => createHash('sha3-256').update(data).digest()
const shake = (bits, data, outputLength) => createHash(`shake${bits}`, { outputLength }).update(data).digest()

const mod = value => ((value % q) + q) % q
const range = length => [...Array(length).keys()]
const reversed = index => parseInt(index.toString(2).padStart(7, '0').split('').reverse().join(''), 2)
const power = exponent => range(exponent).reduce(value => (value * 17) % q, 1)
const zetas = range(128).map(index => power(reversed(index)))
const gammas = range(128).map(index => power(2 * reversed(index) + 1))

function ntt(polynomial) {
  const f = [...polynomial]
  for (let index = 1, length = 128; length >= 2; length /= 2)
    for (let start = 0; start < n; start += 2 * length) {
      const zeta = zetas[index++]
      for (let at = start; at < start + length; at++) {
        const t = mod(zeta * f[at + length])
        f[at + length] = mod(f[at] - t)
        f[at] = mod(f[at] + t)
      }
    }
  return f
}

function inverseNtt(transformed) {
  const f = [...transformed]
  for (let index = 127, length = 2; length <= 128; length *= 2)
    for (let start = 0; start < n; start += 2 * length) {
      const zeta = zetas[index--]
      for (let at = start; at < start + length; at++) {
        const t = f[at]
        f[at] = mod(t + f[at + length])
        f[at + length] = mod(zeta * (f[at + length] - t))
      }
    }
  return f.map(value => mod(value * 3303))
}

const multiply = (a, b) => gammas.flatMap((gamma, index) => {
  const [a0, a1, b0, b1] = [a[2 * index], a[2 * index + 1], b[2 * index], b[2 * index + 1]]
  return [mod(a0 * b0 + mod(a1 * b1) * gamma), mod(a0 * b1 + a1 * b0)]
})
const add = (...polynomials) => range(n).map(at => mod(polynomials.reduce((sum, each) => sum + each[at], 0)))
const dot = (a, b) => add(...a.map((each, index) => multiply(each, b[index])))

function sampleUniform(rho, j, i) {
  const stream = shake(128, bytes(rho, Buffer.of(j, i)), 3 * 1024) // 672 bytes on average
  const coefficients = []
  for (let at = 0; coefficients.length < n; at += 3) {
    const [a, b] = [stream[at] + 256 * (stream[at + 1] % 16), (stream[at + 1] >> 4) + 16 * stream[at + 2]]
    coefficients.push(...[a, b].filter(each => each < q))
  }
  return coefficients.slice(0, n)
}

function sampleSmall(seed, counter) {
  const stream = shake(256, bytes(seed, Buffer.of(counter)), 128)
  const bit = at => (stream[at >> 3] >> (at & 7)) & 1
  return range(n).map(at => mod(bit(4 * at) + bit(4 * at + 1) - bit(4 * at + 2) - bit(4 * at + 3)))
}

function encode(width, values) {
  const output = Buffer.alloc(32 * width)
  values.forEach((value, index) => {
    for (let bit = 0; bit < width; bit++) if ((value >> bit) & 1) output[(index * width + bit) >> 3] |= 1 << ((index * width + bit) & 7)
  })
  return output
}
const decode = (width, data) => range(n).map(index =>
  range(width).reduce((value, bit) => value | (((data[(index * width + bit) >> 3] >> ((index * width + bit) & 7)) & 1) << bit), 0))
const compress = (width, values) => values.map(value => Math.floor((value * 2 ** (width + 1) + q) / (2 * q)) % 2 ** width)
const decompress = (width, values) => values.map(value => Math.floor((2 * value * q + 2 ** width) / 2 ** (width + 1)))
const parts = (data, width, count) => range(count).map(index => data.subarray(index * 32 * width, (index + 1) * 32 * width))

export function keyPair(d, z) {
  const [rho, sigma] = g(bytes(d, Buffer.of(k)))
  const secret = range(k).map(index => ntt(sampleSmall(sigma, index)))
  const noise = range(k).map(index => ntt(sampleSmall(sigma, k + index)))
  const t = range(k).map(i => add(dot(range(k).map(j => sampleUniform(rho, j, i)), secret), noise[i]))
  return { encapsulationKey: bytes(...t.map(each => encode(12, each)), rho), secret, z }
}

/** FIPS 203 section 7.2: length, and no coefficient of q or more. */
export const isEncapsulationKey = key =>
  key.length === encapsulationKeySize && parts(key, 12, k).every(part => decode(12, part).every(value => value < q))

function encrypt(encapsulationKey, message, r) {
  const t = parts(encapsulationKey, 12, k).map(part => decode(12, part))
  const rho = encapsulationKey.subarray(-32)
  const y = range(k).map(index => ntt(sampleSmall(r, index)))
  const u = range(k).map(i => add(inverseNtt(dot(range(k).map(j => sampleUniform(rho, i, j)), y)), sampleSmall(r, k + i)))
  const v = add(inverseNtt(dot(t, y)), sampleSmall(r, 2 * k), decompress(1, decode(1, message)))
  return bytes(...u.map(each => encode(10, compress(10, each))), encode(4, compress(4, v)))
}

export function encapsulate(encapsulationKey, message) {
  const [shared, r] = g(bytes(message, h(encapsulationKey)))
  return { shared, ciphertext: encrypt(encapsulationKey, message, r) }
}

export function decapsulate({ encapsulationKey, secret, z }, ciphertext) {
  const u = parts(ciphertext, 10, k).map(part => ntt(decompress(10, decode(10, part))))
  const v = decompress(4, decode(4, ciphertext.subarray(-128)))
  const w = inverseNtt(dot(secret, u))
  const message = encode(1, compress(1, v.map((value, at) => mod(value - w[at]))))
  const again = encapsulate(encapsulationKey, message)
  return again.ciphertext.equals(ciphertext) ? again.shared : shake(256, bytes(z, ciphertext), 32)
}
