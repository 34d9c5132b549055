import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import type { KernelFs, Result } from '../kernel/kernel-fs.ts'
import { isAbsent } from '../kernel/reading.ts'
import type { HostPrograms, ProgramResult } from '../programs/programs.ts'
import type { ProviderHost, Redact } from './provider.ts'
import { redactSecrets } from './redact-secrets.ts'
import type { RememberedRuns } from './remembered-runs.ts'

/** What is known of the host already, from one look at its kernel. */
export type HostFacts = Pick<ProviderHost, 'kernel' | 'operatingSystem' | 'livepatches' | 'modules'>

export interface ProviderHostOptions {
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly facts: HostFacts
  readonly now: () => number
  /** Under whose name what was read is kept. */
  readonly keptFor: string
  /** Once aborted, the host answers ECANCELED and keeps nothing more. */
  readonly signal: AbortSignal
  /** From one reading to the next; without it each program is run each time. */
  readonly remembered?: RememberedRuns
}

export interface OpenedHost {
  readonly host: ProviderHost
  /** What was read and run so far, in that order, the newest text of each; without secrets. */
  kept(): RawFile[]
}

const READ_BYTES_DEFAULT = 256 * 1024
const READ_BYTES_MAX = 4 * 1024 * 1024
const RUN_MS_DEFAULT = 10_000
const RUN_MS_MAX = 30_000
const RUN_BYTES_MAX = 1024 * 1024
const RUNS_MAX = 64
/** The kernel's files are read at once, without the event loop: many of them would hold up the looks at sysfs. */
const READS_PER_TURN = 256

const KEPT_FILES_MAX = 64
const KEPT_CHARACTERS_MAX = 16_384
/** Of one provider, so that several fit into a snapshot beside the kernel's own files. */
const KEPT_CHARACTERS_TOTAL_MAX = 96 * 1024
const PATH_CHARACTERS_MAX = 256

/** A provider's way to a host: it reads, within limits, and what it read is kept once secrets have been taken out. */
export const createProviderHost = (options: ProviderHostOptions): OpenedHost => {
  const { fs, programs, facts, signal, remembered } = options
  const kept = new Map<string, RawFile>()
  let keptCharacters = 0
  let runs = 0
  let reads = 0

  const keep = (path: string, text: string | null, rest: Omit<RawFile, 'path' | 'content' | 'provider'>) => {
    const key = redactSecrets(path).slice(0, PATH_CHARACTERS_MAX)
    if (signal.aborted || (kept.size >= KEPT_FILES_MAX && !kept.has(key))) return
    keptCharacters -= kept.get(key)?.content?.length ?? 0
    const room = Math.min(KEPT_CHARACTERS_MAX, KEPT_CHARACTERS_TOTAL_MAX - keptCharacters)
    const content = text?.slice(0, room) ?? null
    keptCharacters += content?.length ?? 0
    const truncated = rest.truncated || (text?.length ?? 0) > room
    kept.set(key, { path: key, content, ...rest, truncated, provider: options.keptFor })
  }

  const keepRun = (commandLine: string, result: ProgramResult) => {
    if (!result.ok && isAbsent(result)) return
    const { errno, exitCode, truncated } = result.ok
      ? { ...result, errno: null }
      : { ...result, exitCode: null, truncated: false }
    const printed = bothStreams(result)
    const started = result.ok || printed !== ''
    keep(commandLine, started ? printed : null, { errno, exitCode, truncated })
  }

  const mayRead = async (): Promise<boolean> => {
    reads += 1
    if (reads % READS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    return !signal.aborted
  }

  return {
    kept: () => [...kept.values()],
    host: {
      ...facts,
      now: options.now,

      async readText(path, { redact, bytesMax = READ_BYTES_DEFAULT, unlisted = false } = {}) {
        if (!(await mayRead())) return CANCELED
        const limit = Math.min(bytesMax, READ_BYTES_MAX)
        const result = await fs.read(path, limit)
        if (!result.ok) {
          if (!unlisted && !isAbsent(result)) keep(path, null, { errno: result.errno, truncated: false })
          return result
        }
        const value = redacted(result.value, redact)
        // A byte is at least one character, so that a text as long as the limit may have been cut.
        if (!unlisted) keep(path, value, { errno: null, truncated: Buffer.byteLength(result.value) >= limit })
        return { ok: true, value }
      },

      async list(path) {
        return (await mayRead()) ? fs.list(path) : CANCELED
      },

      async exists(path) {
        if (!(await mayRead())) return false
        // Opening tells; a directory, or a file that may not be read, is there as well.
        const result = await fs.read(path, 1)
        return result.ok || !(isAbsent(result) || result.errno === 'ENOTDIR')
      },

      async run(program, args, { redact, timeMs = RUN_MS_DEFAULT, bytesMax = RUN_BYTES_MAX, dependsOn } = {}) {
        if (signal.aborted) return notRun('ECANCELED', 'Its time was over.')
        const commandLine = [program, ...args].join(' ')
        const again = dependsOn === undefined ? null : remembered?.recall(commandLine, dependsOn, options.now())
        if (again) {
          keepRun(commandLine, again)
          return again
        }
        runs += 1
        if (runs > RUNS_MAX) return notRun('EDQUOT', `It has run ${RUNS_MAX} programs already.`)
        const limits = { timeMs: Math.min(timeMs, RUN_MS_MAX), bytesMax: Math.min(bytesMax, RUN_BYTES_MAX) }
        const raw = await programs.run(program, args, limits)
        const result: ProgramResult = {
          ...raw,
          stdout: redacted(raw.stdout, redact),
          stderr: redacted(raw.stderr, redact),
        }
        if (dependsOn !== undefined) remembered?.keep(commandLine, dependsOn, options.now(), result)
        keepRun(commandLine, result)
        return result
      },
    },
  }
}

const CANCELED: Result<never> = { ok: false, errno: 'ECANCELED' }

const notRun = (errno: string, detail: string): ProgramResult => ({ ok: false, errno, detail, stdout: '', stderr: '' })

const redacted = (text: string, redact: Redact | undefined): string => redactSecrets(redact ? redact(text) : text)

const bothStreams = ({ stdout, stderr }: ProgramResult): string =>
  stdout === '' || stderr === '' || stdout.endsWith('\n') ? stdout + stderr : `${stdout}\n${stderr}`
