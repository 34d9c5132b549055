/** `npm run build`: the pages (web/dist), the server and the agent (server/dist). */
import path from 'node:path'
import { sourcesHash, writeBuildStamp } from './build-stamp.mjs'
import { ensureInstalled, root, run } from './install.mjs'

export function build() {
  const sources = sourcesHash()
  run(process.execPath, [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--logLevel', 'warn'])
  run(process.execPath, ['--import', 'tsx', 'server/build/build-all.ts'])
  writeBuildStamp(sources)
}

if (process.argv[1] === import.meta.filename) {
  ensureInstalled('application')
  build()
}
