import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'

const bytesOf = (snapshot: Snapshot): number => Buffer.byteLength(JSON.stringify(snapshot))

/** What may go, least missed first: the raw files only repeat what the rest says. */
const CUTS: readonly { what: string; cut: (snapshot: Snapshot) => Snapshot }[] = [
  {
    what: 'the content of raw files over 1 KiB',
    cut: (snapshot) => ({
      ...snapshot,
      raw: snapshot.raw.map((file) =>
        file.content !== null && file.content.length > 1024
          ? { ...file, content: file.content.slice(0, 1024), truncated: true }
          : file,
      ),
    }),
  },
  { what: 'all raw files', cut: (snapshot) => ({ ...snapshot, raw: [] }) },
  { what: 'the kernel log', cut: (snapshot) => ({ ...snapshot, kernelEvents: null }) },
  { what: 'the functions that ftrace holds', cut: (snapshot) => ({ ...snapshot, enabledFunctions: null }) },
  {
    what: 'the stacks of blocking tasks',
    cut: (snapshot) => ({
      ...snapshot,
      transition: snapshot.transition && {
        ...snapshot.transition,
        blocking: snapshot.transition.blocking.map((task) => ({ ...task, stack: null })),
      },
    }),
  },
]

/**
 * Cuts a snapshot to so many bytes of JSON: both ends close a link with larger frames. What is cut becomes `null`,
 * which says "not known". Undefined when even the rest is too large.
 */
export const fitSnapshot = (
  snapshot: Snapshot,
  bytesMax: number,
): { snapshot: Snapshot; cut: string[] } | undefined => {
  let fitted = snapshot
  const cut: string[] = []
  for (const step of CUTS) {
    if (bytesOf(fitted) <= bytesMax) break
    fitted = step.cut(fitted)
    cut.push(step.what)
  }
  return bytesOf(fitted) <= bytesMax ? { snapshot: fitted, cut } : undefined
}
