import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { shortReport } from './short-report.ts'

/** Under the link's frame limit (FRAME_BYTES_MAX, 1 MiB), with room for the message around it. */
export const SNAPSHOT_BYTES_MAX = 900 * 1024

const RAW_CHARACTERS_SHORT = 1024

/** Ways to make a snapshot smaller, the least missed first. */
const STEPS: readonly ((snapshot: Snapshot) => Snapshot)[] = [
  (snapshot) => ({ ...snapshot, raw: snapshot.raw.map((file) => shorten(file, RAW_CHARACTERS_SHORT)) }),
  (snapshot) => ({ ...snapshot, raw: [] }),
  (snapshot) => withReports(snapshot, 512, 2048, 512),
  (snapshot) => withReports(snapshot, 512, 128, 64),
  (snapshot) => ({ ...snapshot, kernelEvents: snapshot.kernelEvents?.slice(-32) ?? null }),
  (snapshot) => ({
    ...snapshot,
    enabledFunctions:
      snapshot.enabledFunctions?.map((found) => ({ ...found, line: found.line.slice(0, found.name.length) })) ?? null,
  }),
  (snapshot) => ({ ...snapshot, memory: snapshot.memory.map((entry) => ({ ...entry, noops: [], replacements: [] })) }),
  (snapshot) => ({ ...snapshot, transition: snapshot.transition && { ...snapshot.transition, blocking: [] } }),
  (snapshot) => ({ ...snapshot, enabledFunctions: null }),
  (snapshot) => withFunctionsPerObject(snapshot, 256),
  (snapshot) => withReports(snapshot, 64, 64, 0),
  (snapshot) => withFunctionsPerObject(snapshot, 0),
  (snapshot) => withReports(snapshot, 0, 0, 0),
]

/**
 * Keeps a snapshot small enough to be sent, whatever a kernel holds; what was left out is named like what could not be
 * read.
 */
export const boundSnapshot = (snapshot: Snapshot, bytesMax = SNAPSHOT_BYTES_MAX): Snapshot => {
  let bounded = snapshot
  for (const step of STEPS) {
    if (jsonBytes(bounded) <= bytesMax) return bounded
    bounded = step({ ...bounded, unreadable: noted(snapshot) })
  }
  return bounded
}

const jsonBytes = (snapshot: Snapshot): number => Buffer.byteLength(JSON.stringify(snapshot))

const noted = ({ unreadable }: Snapshot): Snapshot['unreadable'] => [
  ...unreadable.slice(0, 127),
  {
    path: 'snapshot',
    errno: 'EMSGSIZE',
    consequence: 'this host has more to tell than one message holds, so some of it was left out',
  },
]

const shorten = (file: Snapshot['raw'][number], charactersMax: number): Snapshot['raw'][number] =>
  file.content === null || file.content.length <= charactersMax
    ? file
    : { ...file, content: file.content.slice(0, charactersMax), truncated: true }

const withReports = (snapshot: Snapshot, patches: number, cvesOfEach: number, steps: number): Snapshot => ({
  ...snapshot,
  providers: snapshot.providers.map((report) => shortReport(report, { patches, cvesOfEach, steps })),
})

const withFunctionsPerObject = (snapshot: Snapshot, functionsMax: number): Snapshot => ({
  ...snapshot,
  livepatches:
    snapshot.livepatches?.map((patch) => ({
      ...patch,
      objects: patch.objects.map((object) => ({ ...object, functions: object.functions.slice(0, functionsMax) })),
    })) ?? null,
})
