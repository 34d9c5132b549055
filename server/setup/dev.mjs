/**
 * `npm run dev`: the program from its sources, started again when one changes, and the pages with hot reload in front
 * of it. The agent is bundled anew at each start, since it runs as a program of its own.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('all')
if (!buildIsFresh()) build()

const bin = (/** @type {string} */ file) => path.join(root, 'node_modules', file)
/**
 * In a group of its own: a signal that the terminal sends to everybody would reach the program twice, and the second
 * ends it before it has stopped its database.
 *
 * @param {string[]} args
 */
const start = (args) =>
  spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
const children = [
  start([bin('tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', 'server/start/main.ts']),
  start([bin('vite/bin/vite.js'), 'web', '--host', '127.0.0.1']),
]
let stopped = false
const stop = () => {
  if (stopped) return
  stopped = true
  for (const child of children) child.kill('SIGTERM')
}
// npm passes on what its group has got already: the second must not end this before the first has been seen to.
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
for (const child of children) child.once('exit', stop)
