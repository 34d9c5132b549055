import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { architectureOf, type Capture, readCapture } from './capture.ts'
import { filesOfSnap } from './capture-files.ts'
import { type Moment, momentsOf } from './capture-moments.ts'
import { type FileTree, treeFs } from './tree-fs.ts'

/** One recorded kernel, played as if it ran now. */
export interface RecordedHost {
  fs: KernelFs
  /** Its own clock: the date as now, the monotonic one as on the recorded machine. */
  clock: Clock
  architecture: string
  hostName: string
  /** One sentence on what happens. */
  about: string
}

export interface RecordedScenario {
  kernel: string
  scenario: string
  /** The capture's folder. */
  folder: string
}

export interface RecordedOptions {
  /** The clock to play by. */
  clock: Clock
  /** How long the end is shown before it starts again, as another boot. */
  pauseMs?: number
  /** Where in the recording the first pass begins. */
  offsetMs?: number
}

const PAUSE_MS = 15_000

/** All captures below a folder, by kernel and scenario. */
export const recordedScenarios = async (root: string): Promise<RecordedScenario[]> => {
  const folders = async (path: string) =>
    (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  const found: RecordedScenario[] = []
  for (const kernel of await folders(root)) {
    for (const scenario of await folders(join(root, kernel))) {
      found.push({ kernel, scenario, folder: join(root, kernel, scenario) })
    }
  }
  return found
}

/** The few that show most: each machine, each way to stall, and a host at rest. */
export const DEFAULT_RECORDED: readonly (readonly [kernel: string, scenario: string])[] = [
  ['7.3.4+deb13', 'stall-killable'],
  ['6.12.117+deb12', 'replace-stalled'],
  ['6.12.117+deb12', 'stall-kthread'],
  ['7.3.4+deb13', 'stack-two'],
  ['6.1.0-56', 'force-unpatch'],
  ['7.3.4-arm64', 'stall-uninterruptible'],
  ['7.3.4-s390x', 'load-module-object'],
  ['7.3.4-ppc64le', 'stall-interruptible'],
  ['6.1.0-56', 'idle'],
]

export const openRecorded = async (folder: string, options: RecordedOptions): Promise<RecordedHost> =>
  playCapture(await readCapture(folder), options)

/** Plays a capture in a loop. Each pass is a boot of its own, so its boot id is fresh. */
export const playCapture = (
  capture: Capture,
  { clock, pauseMs = PAUSE_MS, offsetMs = 0 }: RecordedOptions,
): RecordedHost => {
  const kernel = basename(dirname(capture.folder))
  const hostName = `recorded-${capture.scenario}-${kernel}`.replace(/[^A-Za-z0-9.-]/g, '-')
  const moments = momentsOf(capture)
  const periodMs = durationMs(capture, moments) + pauseMs
  const startedUs = clock.monotonicMicroseconds() - offsetMs * 1_000
  const elapsedMs = () => (clock.monotonicMicroseconds() - startedUs) / 1_000
  const passOf = (ms: number) => Math.floor(ms / periodMs)
  let shown: { moment: Moment | undefined; pass: number; tree: FileTree } | null = null

  const tree = (): FileTree => {
    const ms = elapsedMs()
    const pass = passOf(ms)
    const moment = moments.findLast(({ fromMs }) => fromMs <= ms - pass * periodMs) ?? moments[0]
    if (moment === undefined) throw new Error(`no snaps in ${capture.folder}`)
    if (shown?.moment !== moment || shown.pass !== pass) {
      const uptimeSeconds = capture.t0 / 1e6 + (ms - pass * periodMs) / 1_000
      const identity = { release: capture.release, hostName, bootId: bootId(hostName, startedUs, pass), uptimeSeconds }
      shown = { moment, pass, tree: filesOfSnap(moment.snap, identity) }
    }
    return shown.tree
  }

  return {
    fs: treeFs(tree, async (onRecord, signal) => {
      for (let pass = passOf(elapsedMs()); !signal.aborted; pass += 1) {
        for (const { text, microseconds } of capture.records) {
          const dueMs = pass * periodMs + (microseconds - capture.t0) / 1_000
          if (dueMs > elapsedMs()) await clock.sleep(dueMs - elapsedMs(), signal)
          if (signal.aborted) break
          onRecord(shifted(text, microseconds + pass * periodMs * 1_000))
        }
        const nextMs = (pass + 1) * periodMs
        if (!signal.aborted) await clock.sleep(Math.max(0, nextMs - elapsedMs()), signal)
      }
      return { ok: true, value: undefined }
    }),
    clock: {
      now: () => clock.now(),
      monotonicMicroseconds: () => Math.round(capture.t0 + elapsedMs() * 1_000),
      sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    },
    architecture: architectureOf(kernel),
    hostName,
    about: capture.about,
  }
}

/** A later pass comes later on the clock, which never goes back. */
const shifted = (record: string, microseconds: number): string =>
  record.replace(/^(\d+,\d+),\d+,/, `$1,${Math.round(microseconds)},`)

const durationMs = (capture: Capture, moments: readonly Moment[]): number => {
  const last = capture.steps.at(-1)
  return Math.max(moments.at(-1)?.fromMs ?? 0, last === undefined ? 0 : last.t_ms + last.took_ms)
}

/** In the form of a boot id, and another one for each pass and each start. */
const bootId = (hostName: string, startedUs: number, pass: number): string => {
  const hex = createHash('sha256').update(`${hostName} ${startedUs} ${pass}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
