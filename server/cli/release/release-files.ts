import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

export const SUMS = 'SHA256SUMS'
/** Files that people fetch without the rest of a release, so that each has a signature of its own. */
export const SIGNED_ALONE = ['agent.mjs', 'rebootless.mjs']
export const signatureOf = (name: string): string => `${name}.sig`

/** A release cannot be made, or what lies there is none: `message` says why. */
export class ReleaseError extends Error {}

const NAME = /^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)*$/
const SUM_LINE = /^([0-9a-f]{64}) {2}(.+)$/

/** SHA-256 (hex) of every file below a folder, by name with slashes, in order. @throws ReleaseError for what is no plain file */
export const readReleaseFiles = async (folder: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>()
  const visit = async (inner: string): Promise<void> => {
    const entries = await readdir(path.join(folder, inner), { withFileTypes: true })
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const name = path.posix.join(inner, entry.name)
      if (entry.isDirectory()) await visit(name)
      else if (entry.isFile()) found.set(name, await sha256OfFile(path.join(folder, name)))
      // A link would say of another file, perhaps of another place, what is said of this one.
      else throw new ReleaseError(`${name} is no plain file.`)
    }
  }
  await visit('')
  return found
}

export const sha256OfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** As `sha256sum -c` reads it. */
export const sumsText = (files: ReadonlyMap<string, string>): string =>
  [...files].map(([name, sha256]) => `${sha256}  ${name}\n`).join('')

/** @throws ReleaseError for a line that is none, a name that leads out of the folder, or one that stands twice */
export const readSums = (text: string): Map<string, string> => {
  const files = new Map<string, string>()
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, sha256 = '', name = ''] = SUM_LINE.exec(line) ?? []
    if (!NAME.test(name) || files.has(name)) throw new ReleaseError(`${SUMS} has a line that it may not have: ${line}`)
    files.set(name, sha256)
  }
  return files
}
