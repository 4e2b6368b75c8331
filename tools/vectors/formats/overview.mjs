// docs/spec/envelopes.md, "Key overview".
import { day, objectOf, oneOf, optional, parseJson, publicKey, text } from './json.mjs'
import { refuseUnless } from './refusal.mjs'

export const roles = {
  'personal-dek': 'cobblestone-256',
  'sharing-dek': 'cobblestone-256',
  identity: 'ed25519',
  signing: 'ed25519',
}

const label = value => {
  const size = Buffer.byteLength(text(value))
  refuseUnless(size >= 1 && size <= 128 && !/\p{Cc}/u.test(value), 'value')
  return value
}

const members = objectOf({
  purpose: oneOf(...Object.keys(roles)),
  type: text,
  state: oneOf('pre-activation', 'active', 'deactivated', 'compromised'),
  label: optional(label),
  created: day,
  public: optional(publicKey),
})

export function readOverview(data) {
  const overview = members(parseJson(data))
  refuseUnless(overview.type === roles[overview.purpose], 'value')
  refuseUnless(overview.purpose !== 'identity' || overview.state === 'active', 'value')
  refuseUnless((overview.type === 'ed25519') === (overview.public !== undefined), 'member')
  return overview
}
