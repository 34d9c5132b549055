/**
 * `npm run bench`: what simulated fleets cost on this machine, of 60, 1,000 and 10,000 hosts. Sizes with commas between
 * them choose others, and a number behind says how many seconds are measured. `flood` measures instead what one flooding
 * host costs another, `reconnect` how 10,000 agents come back at once, `rollout-step` what one step of a rollout costs,
 * `rollout-driver` the same over a database and through a restart, `exposure` what judging a fleet and its pages cost, `alert-step` what a step of alerts costs, and `rollout-page` how smoothly its page draws; numbers
 * behind these are theirs.
 */
import { spawn } from 'node:child_process'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('all')
if (!buildIsFresh()) build()

const [what = '', ...words] = process.argv.slice(2)
const [file, given] = ['flood', 'reconnect', 'rollout-step', 'rollout-driver', 'exposure', 'alert-step'].includes(what)
  ? [`server/bench/${what}.ts`, words]
  : what === 'rollout-page'
    ? [`e2e/bench/${what}.ts`, words]
    : ['server/bench/simulated-fleet.ts', process.argv.slice(2)]
const child = spawn(process.execPath, ['--import', 'tsx', file, ...given], {
  cwd: root,
  stdio: 'inherit',
})
// Ctrl+C reaches both by the terminal; whoever ends this process alone means the program, its database and its folder too.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('exit', (status) => process.exit(status ?? 1))
