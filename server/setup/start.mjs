/** `npm start`: installs and builds what is missing or old, then becomes the program. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled('application')
if (!buildIsFresh()) {
  console.log('Building the pages, the server and the agent …')
  build()
}
await import(pathToFileURL(path.join(root, 'server/dist/server.mjs')).href)
