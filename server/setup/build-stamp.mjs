/** Whether the built files are those of the present sources: a hash over their names, sizes and times of change. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './install.mjs'

const SOURCES = ['shared', 'server', 'web', 'package-lock.json']
const NOT_SOURCES = new Set(['node_modules', 'dist', 'captures'])
const BUILT = ['web/dist/index.html', 'server/dist/server.mjs', 'server/dist/agent.mjs']
const stampFile = path.join(root, 'server/dist/.sources')

export function buildIsFresh() {
  if (BUILT.some((file) => !existsSync(path.join(root, file))) || !existsSync(stampFile)) return false
  return readFileSync(stampFile, 'utf8') === sourcesHash()
}

/** `sources` as they were before the build: an edit meanwhile must count as new. */
export function writeBuildStamp(/** @type {string} */ sources) {
  writeFileSync(stampFile, sources)
}

export function sourcesHash() {
  const hash = createHash('sha256')
  const visit = (/** @type {string} */ entry) => {
    const status = statSync(path.join(root, entry), { throwIfNoEntry: false })
    if (status === undefined) return // an editor's lock, which links to nothing
    if (status.isDirectory()) {
      for (const name of readdirSync(path.join(root, entry)).sort()) {
        if (!NOT_SOURCES.has(name)) visit(path.join(entry, name))
      }
    } else if (!/\.test\.tsx?$/.test(entry)) hash.update(`${entry}\0${status.size}\0${status.mtimeMs}\n`)
  }
  for (const source of SOURCES) visit(source)
  return hash.digest('hex')
}
