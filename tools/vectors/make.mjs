// Writes testdata/vectors, or with --check says whether what lies there is what this would write. See README.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import notation from './cases/notation.mjs'
import secrets from './cases/secrets.mjs'
import keyFiles from './cases/key-files.mjs'
import envelopes from './cases/envelopes.mjs'
import chunks from './cases/chunks.mjs'
import overviews from './cases/overviews.mjs'
import signed from './cases/signed.mjs'
import trees from './cases/trees.mjs'
import heads from './cases/heads.mjs'
import deletions from './cases/deletions.mjs'
import audit from './cases/audit.mjs'
import vaultHeads from './cases/vault-heads.mjs'
import vaultObjects from './cases/vault-objects.mjs'
import witnesses from './cases/witnesses.mjs'
import exports from './cases/exports.mjs'
import vaultExports from './cases/vault-exports.mjs'
import signin from './cases/signin.mjs'
import admission from './cases/admission.mjs'
import didSignIn from './cases/did-sign-in.mjs'
import hpke from './cases/hpke.mjs'
import relationships from './cases/relationships.mjs'
import shares from './cases/shares.mjs'
import recovery from './cases/recovery.mjs'

const folder = new URL('../../testdata/vectors/', import.meta.url)
const files = [notation, secrets, keyFiles, envelopes, chunks, overviews, signed, trees, heads, deletions, audit, vaultHeads, vaultObjects, witnesses, exports, vaultExports, signin, admission, didSignIn, hpke, relationships, shares, recovery].flat()

if (process.argv[2] === '--check') {
  const differing = files.filter(({ file, text }) => !existsSync(new URL(file, folder)) || readFileSync(new URL(file, folder), 'utf8') !== text).map(({ file }) => file)
  const strange = readdirSync(folder).filter(name => name.endsWith('.json') && !files.some(({ file }) => file === name))
  for (const name of [...differing, ...strange]) console.error(`${name} is not what tools/vectors makes`)
  process.exitCode = differing.length + strange.length === 0 ? 0 : 1
} else {
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of files) writeFileSync(new URL(file, folder), text)
}
console.log(`${files.length} files, ${files.reduce((sum, { count }) => sum + count, 0)} cases`)
