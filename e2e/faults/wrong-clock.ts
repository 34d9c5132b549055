import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** Milliseconds by which the clocks of the server and of its agents are wrong. */
export interface Wrong {
  readonly server: number
  readonly agents: number
}

export interface WrongClock {
  readonly environment: { readonly NODE_OPTIONS: string }
  /** From now on, within a tenth of a second. */
  set(wrong: Wrong): Promise<void>
  remove(): Promise<void>
}

/**
 * Put beside a program, its clock of the day jumps as settimeofday(2) lets it; timers and the monotonic clock do not, on a real machine
 * either. Children get it by NODE_OPTIONS.
 */
const SHIM = `import { readFileSync } from 'node:fs'
const file = new URL('./wrong.json', import.meta.url)
const kind = process.argv[1]?.endsWith('server.mjs') ? 'server' : 'agents'
let offset = 0
const look = () => { try { offset = JSON.parse(readFileSync(file, 'utf8'))[kind] } catch {} }
look()
setInterval(look, 100).unref()
const Real = Date
const now = () => Real.now() + offset
globalThis.Date = class Date extends Real {
  constructor(...given) { if (given.length === 0) super(now()); else super(...given) }
  static now() { return now() }
}
`

export const makeWrongClock = async (): Promise<WrongClock> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-clock-'))
  const shim = path.join(folder, 'shim.mjs')
  const file = path.join(folder, 'wrong.json')
  await writeFile(shim, SHIM)
  const set = async (wrong: Wrong): Promise<void> => {
    await writeFile(`${file}.new`, JSON.stringify(wrong))
    await rename(`${file}.new`, file)
  }
  await set({ server: 0, agents: 0 })
  return {
    environment: { NODE_OPTIONS: `--import=${pathToFileURL(shim).href}` },
    set,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
