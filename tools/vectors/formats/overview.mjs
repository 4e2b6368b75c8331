// docs/spec/envelopes.md, "Key overview".
import { curves, decodePoint } from './ecdsa.mjs'
import { byteString, day, id, objectOf, oneOf, optional, origin, parseJson, plainText, publicKey, text } from './json.mjs'
import { refuseUnless } from './refusal.mjs'

export const roles = {
  'personal-dek': 'cobblestone-256',
  'sharing-dek': 'cobblestone-256',
  identity: 'ed25519',
  signing: 'ed25519',
  'vault-sign-in': 'ed25519',
  'vault-head': 'ed25519',
}
const ofVault = ['vault-sign-in', 'vault-head']

const members = objectOf({
  purpose: oneOf(...Object.keys(roles)),
  type: text,
  state: oneOf('pre-activation', 'active', 'deactivated', 'compromised'),
  label: optional(plainText(128)),
  created: day,
  public: optional(value => value),
  service: optional(objectOf({ origin, account: id })),
})

export function readOverview(data) {
  const overview = members(parseJson(data))
  const curve = overview.purpose === 'signing' && curves[overview.type] !== undefined
  refuseUnless(curve || overview.type === roles[overview.purpose], 'value')
  refuseUnless(!['identity', ...ofVault].includes(overview.purpose) || overview.state === 'active', 'value')
  refuseUnless(!ofVault.includes(overview.purpose) || (overview.service !== undefined && overview.label === undefined), 'member')
  refuseUnless(overview.service === undefined || ['personal-dek', ...ofVault].includes(overview.purpose), 'member')
  refuseUnless(overview.service === undefined || overview.service.origin.length <= 72, 'value')
  refuseUnless((overview.type !== 'cobblestone-256') === (overview.public !== undefined), 'member')
  if (overview.public === undefined) return overview
  const key = curve ? byteString(33)(overview.public) : publicKey(overview.public)
  refuseUnless(!curve || decodePoint(overview.type, key) !== null, 'value')
  return { ...overview, public: key }
}
