import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'

/** A stretch of what a kernel's log told, in the times of its host. */
export interface KernelSpan {
  readonly name: string
  readonly patch: string
  readonly from: string
  readonly to: string
  /** What befell it meanwhile: `signalled`, `forced`. */
  readonly marks: readonly { readonly name: string; readonly at: string }[]
  /** It came to another end than its own: turned round, or refused. */
  readonly ended: 'completed' | 'reversed' | 'failed'
}

/**
 * What a kernel did, by the records that livepatch writes (kernel/livepatch/core.c, transition.c): from `enabling patch` to the start of
 * its transition, and from each start to its completion. A kernel has one transition at a time, so records without a name are of the one
 * that runs. What has no end in these records is left out.
 *
 * @param events oldest first
 */
export const kernelSpans = (events: readonly KernelEvent[]): KernelSpan[] => {
  const spans: KernelSpan[] = []
  let open:
    | (Omit<KernelSpan, 'to' | 'ended' | 'marks'> & { isTransition: boolean; marks: KernelSpan['marks'] })
    | undefined
  const end = (to: string, ended: KernelSpan['ended']) => {
    if (open === undefined) return
    const { isTransition: _isTransition, ...span } = open
    spans.push({ ...span, to, ended })
    open = undefined
  }
  for (const { kind, patch, at, direction } of events) {
    if (kind === 'signalled' || kind === 'forced') {
      if (open !== undefined) open = { ...open, marks: [...open.marks, { name: kind, at }] }
    } else if (kind === 'enabling' && patch !== null) {
      open = { name: 'kernel enables the livepatch', patch, from: at, marks: [], isTransition: false }
    } else if (kind === 'transition_started' && patch !== null) {
      // A second start turns the transition round; after `enabling patch` it is what enabling leads to.
      if (open?.patch === patch) end(at, open.isTransition ? 'reversed' : 'completed')
      const name = direction === null ? 'kernel transition' : `kernel transition: ${direction}`
      open = { name, patch, from: at, marks: [], isTransition: true }
    } else if (kind === 'transition_completed' || kind === 'enable_failed') {
      if (open !== undefined && open.patch === patch) end(at, kind === 'enable_failed' ? 'failed' : 'completed')
    }
  }
  return spans
}
