/** `npm run bench`: what simulated hosts cost on this machine. A number behind it says how many, another how many seconds. */
import { spawnSync } from 'node:child_process'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('all')
if (!buildIsFresh()) build()

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'server/bench/simulated-fleet.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
process.exit(status ?? 1)
