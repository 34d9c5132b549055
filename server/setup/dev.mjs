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
const children = [
  spawn(process.execPath, [bin('tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', 'server/start/main.ts'], {
    cwd: root,
    stdio: 'inherit',
  }),
  spawn(process.execPath, [bin('vite/bin/vite.js'), 'web', '--host', '127.0.0.1'], { cwd: root, stdio: 'inherit' }),
]
const stop = () => {
  for (const child of children) child.kill('SIGTERM')
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
for (const child of children) child.once('exit', stop)
