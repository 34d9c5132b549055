/** `npm start`: installs and builds what is missing or old, then becomes the program. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIsFresh, writeBuildStamp } from './build-stamp.mjs'
import { ensureInstalled, root, run } from './install.mjs'

ensureInstalled('application')
if (!buildIsFresh()) {
  console.log('Building the pages, the server and the agent …')
  run(process.execPath, [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--logLevel', 'warn'])
  run(process.execPath, ['server/setup/build.mjs'])
  writeBuildStamp()
}
const program = path.join(root, 'server/dist/server.mjs')
if (!existsSync(program)) throw new Error(`${program} was not built`)
await import(pathToFileURL(program).href)
