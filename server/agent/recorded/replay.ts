import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { livepatchEvent, parseKernelLogRecord } from '../kernel/kernel-log.ts'
import { createHostWatch, type HostWatch } from '../watch/host-watch.ts'
import { createObserver } from '../watch/observer.ts'
import { architectureOf, type Capture, type CaptureSnap, type CaptureStep } from './capture.ts'
import { filesOfSnap } from './capture-files.ts'
import { playCapture } from './recorded-host.ts'
import { FileTree, treeFs } from './tree-fs.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** When t = 0 of every replay is. */
export const REPLAY_EPOCH = Date.parse('2026-01-01T00:00:00Z')

export interface ReplayedStep {
  step: CaptureStep
  /** When the snap was taken: it is not atomic. */
  fromMs: number
  toMs: number
  snapshot: Snapshot
}

/** Steps through the snaps that root took, each read by the real provider, with the log as far as it had come. */
export const replaySnaps = async (capture: Capture, kernel: string): Promise<ReplayedStep[]> =>
  replay(capture, kernel, (step) => (typeof step.snap === 'string' ? step.snap : undefined), true)

/** The same with the snaps that another user took, who may not read the log. */
export const replayUnprivileged = async (capture: Capture, kernel: string): Promise<ReplayedStep[]> =>
  replay(capture, kernel, (step) => step.snapshot, false)

const replay = async (
  capture: Capture,
  kernel: string,
  snapName: (step: CaptureStep) => string | undefined,
  logReadable: boolean,
): Promise<ReplayedStep[]> => {
  let current: { snap: CaptureSnap; atMs: number } | null = null
  const clock: Clock = {
    now: () => REPLAY_EPOCH + Math.round(current?.atMs ?? 0),
    monotonicMicroseconds: () => capture.t0 + (current?.atMs ?? 0) * 1_000,
    sleep: async () => undefined,
  }
  const watch = createHostWatch({ fs: snapFs(capture, () => current), clock, architecture: architectureOf(kernel) })
  const replayed: ReplayedStep[] = []
  let heardMs = Number.NEGATIVE_INFINITY
  for (const step of capture.steps) {
    const snap = capture.snaps.get(snapName(step) ?? '')
    if (snap === undefined) continue
    const [first, last] = snap.t_ms
    // Taken by a process that counts from its own start when it is another user's.
    const [fromMs, toMs] = logReadable ? [first, last] : [step.t_ms, step.t_ms + step.took_ms]
    current = { snap, atMs: toMs }
    const snapshot = await readOnce(watch, capture, logReadable ? [heardMs, toMs] : null)
    heardMs = toMs
    replayed.push({ step, fromMs, toMs, snapshot })
  }
  return replayed
}

const readOnce = async (
  watch: HostWatch,
  capture: Capture,
  span: readonly [number, number] | null,
): Promise<Snapshot> => {
  const events = span === null ? [] : eventsWithin(capture, ...span)
  const errno = span === null ? 'EPERM' : null
  await watch.look(events, errno)
  await watch.settle()
  await watch.sample()
  return watch.snapshot(errno)
}

const eventsWithin = (capture: Capture, afterMs: number, untilMs: number) =>
  capture.records.flatMap(({ text, microseconds }) => {
    const atMs = (microseconds - capture.t0) / 1_000
    const record = atMs > afterMs && atMs <= untilMs ? parseKernelLogRecord(text) : null
    const event = record && livepatchEvent(record)
    return event ? [{ ...event, at: new Date(REPLAY_EPOCH + Math.round(atMs)).toISOString() }] : []
  })

const snapFs = (capture: Capture, current: () => { snap: CaptureSnap; atMs: number } | null): KernelFs => {
  const identity = {
    release: capture.release,
    hostName: 'recorded',
    bootId: 'recorded',
    uptimeSeconds: capture.t0 / 1e6,
  }
  let shown: CaptureSnap | null = null
  let tree = new FileTree()
  return treeFs(
    () => {
      const now = current()
      if (now !== null && now.snap !== shown) {
        shown = now.snap
        tree = filesOfSnap(now.snap, identity)
      }
      return tree
    },
    async () => ({ ok: true, value: undefined }),
  )
}

export interface ObservedSample {
  atMs: number
  sample: TransitionSample | null
}

/** Lets the real observer watch the capture in time, on a clock that only waits when all else is done. */
export const replayObserved = async (
  capture: Capture,
): Promise<{ samples: ObservedSample[]; snapshots: Snapshot[] }> => {
  const virtual = createVirtualClock(REPLAY_EPOCH)
  const host = playCapture(capture, { clock: virtual.clock, pauseMs: 1_000_000 })
  const endMs = Math.max(...capture.steps.map(({ t_ms, took_ms }) => t_ms + took_ms)) + 500
  const stop = new AbortController()
  const samples: ObservedSample[] = []
  const snapshots: Snapshot[] = []
  const running = createObserver(host).run(
    {
      snapshot: (snapshot) => snapshots.push(snapshot),
      transition: (sample) => samples.push({ atMs: virtual.elapsedMs(), sample }),
    },
    stop.signal,
  )
  await virtual.advance(endMs)
  stop.abort()
  await virtual.advance(0)
  await running
  return { samples, snapshots }
}
