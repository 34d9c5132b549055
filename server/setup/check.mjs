/** `npm run check`: types, lint and format, import arrows, dead code, sizes. Runs all and fails when one does. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('all')
if (!buildIsFresh()) build()

const bin = (/** @type {string} */ name) => path.join(root, 'node_modules/.bin', name)
// By path: TypeScript 7 checks types, while dependency-cruiser reads with 5.9, and both call their program `tsc`.
const tsc = [process.execPath, path.join(root, 'node_modules/typescript-7/bin/tsc'), '--noEmit', '-p']
/** @type {Record<string, string[]>} */
const CHECKS = {
  'types of server, shared and e2e': [...tsc, 'tsconfig.json'],
  'types of web': [...tsc, 'web/tsconfig.json'],
  'lint and format': [bin('biome'), 'check', '--error-on-warnings', '.'],
  'import arrows': [bin('depcruise'), '--config', '.dependency-cruiser.mjs', 'shared', 'server', 'web/src', 'e2e'],
  'dead code': [bin('knip')],
  sizes: [bin('size-limit')],
}

const failed = []
for (const [name, [program = '', ...args]] of Object.entries(CHECKS)) {
  console.log(`\n— ${name}`)
  if (spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status !== 0) failed.push(name)
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`)
process.exit(failed.length === 0 ? 0 : 1)
