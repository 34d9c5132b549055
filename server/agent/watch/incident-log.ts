import {
  INCIDENTS_TOLD_MAX,
  type KernelIncident,
  type KernelReadings,
  type PatchedFrame,
} from '@rebootless/shared/contract/kernel-readings.ts'
import { KERNEL_INCIDENT_KINDS, type KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import { type Frame, framesOf, incidentKind, isBoundary } from '../kernel/kernel-incidents.ts'
import type { KernelLogRecord } from '../kernel/kernel-log.ts'
import { cut } from '../kernel/reading.ts'

/** A report that no "[ end trace" ends is over when the log says nothing of it for so long, by the kernel's own clock. */
const REPORT_SILENCE_US = 1_000_000
const REPORT_RECORDS_MAX = 250
const FRAMES_MAX = 64
const TEXT_MAX = 300

/** What livepatches bear on: names of their modules, and for each function that one changes, the newest that does. */
export interface PatchedCode {
  readonly modules: ReadonlySet<string>
  readonly functions: ReadonlyMap<string, string>
}

interface Report {
  readonly incident: Omit<KernelIncident, 'function' | 'patched'>
  readonly frames: Frame[]
  patched: PatchedFrame | null
}

/** Incidents of the present boot, from the records of its log: the newest, and how many there were. */
export interface IncidentLog {
  /** Each record in its turn. `at`: when it was written. @returns whether an incident began with it */
  take(record: KernelLogRecord, at: string): boolean
  /** @param code what was patched until now; an incident keeps what was found in its trace once */
  read(code: PatchedCode): Omit<KernelReadings['log'], 'errno'>
}

export const createIncidentLog = (listeningSince: string): IncidentLog => {
  let reports: Report[] = []
  let counts = noCounts()
  let completeSince = listeningSince
  let lost = 0
  let lastSequence = -1
  /** The report that records are added to, and until when. */
  let open: { report: Report; records: number; lastUs: number; ended: boolean } | null = null

  const forget = () => {
    reports = []
    counts = noCounts()
    lost = 0
    lastSequence = -1
    open = null
  }

  /** Numbers of records follow each other: what is missing was overwritten (EPIPE, Documentation/ABI/testing/dev-kmsg). */
  const count = ({ sequence }: KernelLogRecord, at: string) => {
    if (sequence <= lastSequence) forget() // another boot
    const missed = sequence - (lastSequence + 1)
    if (missed > 0 || lastSequence === -1) completeSince = at
    lost += missed
    lastSequence = sequence
  }

  /** An oops says several things of itself, and a panic follows what it is about. */
  const isPartOf = (kind: KernelIncidentKind, { text, microseconds }: KernelLogRecord): boolean => {
    if (open === null || microseconds - open.lastUs > REPORT_SILENCE_US) return false
    if (text.startsWith('Kernel panic')) return true
    return !open.ended && kind === 'oops' && open.report.incident.kind === 'oops'
  }

  const begin = (kind: KernelIncidentKind, record: KernelLogRecord, at: string) => {
    const { sequence, text, microseconds } = record
    const report: Report = { incident: { sequence, at, kind, text: cut(text, TEXT_MAX) }, frames: [], patched: null }
    reports = [...reports, report].slice(-INCIDENTS_TOLD_MAX)
    counts[kind] += 1
    open = { report, records: 0, lastUs: microseconds, ended: false }
  }

  const addTo = (record: KernelLogRecord) => {
    if (open === null || record.facility !== 0) return
    if (open.ended || record.microseconds - open.lastUs > REPORT_SILENCE_US || open.records >= REPORT_RECORDS_MAX)
      return
    open.records += 1
    open.lastUs = record.microseconds
    const { frames } = open.report
    if (frames.length < FRAMES_MAX) frames.push(...framesOf(record.text).slice(0, FRAMES_MAX - frames.length))
  }

  return {
    take(record, at) {
      count(record, at)
      if (record.facility === 0 && isBoundary(record)) {
        if (open !== null) open.ended = true
        return false
      }
      const kind = incidentKind(record)
      const begins = kind !== null && !isPartOf(kind, record)
      if (begins) begin(kind, record, at)
      addTo(record)
      return begins
    },
    read(code) {
      for (const report of reports) report.patched ??= patchedFrame(report.frames, code)
      const incidents = reports.map(({ incident, frames, patched }) => ({
        ...incident,
        ...{ function: frames[0]?.function ?? null, patched },
      }))
      return { completeSince, lost, counts: { ...counts }, incidents }
    },
  }
}

const noCounts = () =>
  Object.fromEntries(KERNEL_INCIDENT_KINDS.map((kind) => [kind, 0])) as Record<KernelIncidentKind, number>

/** The livepatch's own code says more than that a function is patched which stands there in its old form, too. */
const patchedFrame = (frames: readonly Frame[], { modules, functions }: PatchedCode): PatchedFrame | null => {
  const own = frames.find(({ module }) => module !== null && modules.has(module))
  if (own?.module != null) return { function: own.function, patch: own.module, own: true }
  for (const frame of frames) {
    const patch = functions.get(frame.function)
    if (patch !== undefined) return { function: frame.function, patch, own: false }
  }
  return null
}
