/**
 * `npm run bench`: what the program costs on this machine, part by part, beside what one would take instead or the bare limit. A part's
 * name behind it runs that one, and numbers behind the name are the part's own; its file says which. Results of a whole run stand in
 * docs/benchmarks.md and docs/benchmarks; `--keep` puts those of other numbers there too.
 */
import { spawn } from 'node:child_process'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('all')
const { tsImport } = await import('tsx/esm/api')
const { PARTS, readLine } = await tsImport('../bench/parts.ts', import.meta.url)
const asked = readLine(process.argv.slice(2))
if ('unknown' in asked) {
  console.error(`There is no part called ${asked.unknown}. Parts: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}
if (!buildIsFresh()) build()

let stopped = false
/** @type {import('node:child_process').ChildProcess | undefined} */
let child
// Ctrl+C reaches both by the terminal; whoever ends this process alone means the program, its database and its folder too.
process.on('SIGINT', () => {
  stopped = true
})
process.on('SIGTERM', () => {
  stopped = true
  child?.kill('SIGTERM')
})

const missed = []
for (const part of asked.parts) {
  if (stopped) break
  console.log(`\n${part}`)
  const running = spawn(process.execPath, ['--import', 'tsx', PARTS[part], ...asked.words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(asked.keep && { REBOOTLESS_BENCH_KEEP: '1' }) },
  })
  child = running
  const status = await new Promise((resolve) => running.once('exit', resolve))
  if (status !== 0) missed.push(part)
}
if (asked.parts.length > 1 && missed.length > 0) console.log(`\nNot as they have to be: ${missed.join(', ')}`)
process.exit(stopped || missed.length > 0 ? 1 : 0)
