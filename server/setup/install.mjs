/**
 * What a fresh clone needs before any of its own TypeScript can run. Plain JavaScript without packages, since it runs
 * when there are none.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** `application`: what the program runs and is built with; `all`: the tests' and checks' packages too. */
const SCOPES = { application: ['--workspace', 'shared', '--workspace', 'server', '--workspace', 'web'], all: [] }

/** Installs by the lock file alone, and only when it has changed since; package scripts never run (threat-model T34). */
export function ensureInstalled(/** @type {keyof typeof SCOPES} */ scope) {
  refuseOldNode()
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  const stampFile = path.join(root, 'node_modules', '.rebootless-installed')
  const handMade = path.join(root, 'node_modules', '.package-lock.json')
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (stamp === `${lock} all` || stamp === `${lock} ${scope}`) return
  // Whoever installed by hand, or for the tests, has more than a start needs; that must not shrink.
  if (scope === 'application' && (stamp.endsWith(' all') || (stamp === '' && existsSync(handMade)))) scope = 'all'
  console.log(`Installing packages (${scope === 'all' ? 'with those of the tests' : 'first start only'}) …`)
  run('npm', [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--include=dev',
    '--include=optional',
    ...SCOPES[scope],
  ])
  writeFileSync(stampFile, `${lock} ${scope}`)
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24) return
  console.error(
    `Rebootless needs Node.js 20 (from 20.19), 22 (from 22.12), or 24 and newer; this is ${process.versions.node}. ` +
      'Install one of these from nodejs.org.',
  )
  process.exit(1)
}

/** Runs a program to its end in the checkout; a failure ends this process with the same status. */
export function run(/** @type {string} */ program, /** @type {string[]} */ args) {
  const npmScript = process.env.npm_execpath
  const viaNpm = program === 'npm' && npmScript !== undefined
  const result = spawnSync(viaNpm ? process.execPath : program, viaNpm ? [npmScript, ...args] : args, {
    cwd: root,
    stdio: 'inherit',
  })
  if (result.error) {
    console.error(`${program} could not be started: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status ?? 1)
}
