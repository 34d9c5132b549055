import type { Hello } from '@rebootless/shared/contract/agent-message.ts'
import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { completeReport } from '@rebootless/shared/domain/provider-report.ts'
import { isNewer, type MessageOrder } from './message-order.ts'

/** A snapshot as it is kept: its files lie apart, since only the Raw page reads them. */
export type StoredSnapshot = Omit<Snapshot, 'raw'>

/** The newest message of each kind, as far as any came. */
export interface HostReadings {
  readonly hello: (MessageOrder & { body: Hello }) | null
  readonly snapshot: (MessageOrder & { body: StoredSnapshot }) | null
  readonly transition: (MessageOrder & { body: { sample: TransitionSample | null } }) | null
  /** Times in the host's own clock. */
  readonly kernel_readings: (MessageOrder & { body: KernelReadings }) | null
}

/** What the host said last of a transition: both snapshots and transition messages speak of it. Null: none runs. */
export const newestTransition = ({ snapshot, transition }: HostReadings): TransitionSample | null => {
  if (transition === null) return snapshot?.body.transition ?? null
  if (snapshot === null || isNewer(transition, snapshot)) return transition.body.sample
  return snapshot.body.transition
}

/**
 * What the host said last of a transition is older than its link: what the agent saw then, perhaps in a run that is over.
 * While a transition runs it says a new one each second.
 */
export const isTransitionOld = ({ hello, snapshot, transition }: HostReadings): boolean =>
  hello !== null && ![snapshot, transition].some((said) => said !== null && isNewer(said, hello))

/** Hosts may be renamed: both kinds of message carry the name, and the newer one wins. */
export const newestName = ({ hello, snapshot }: HostReadings): string | null => {
  if (hello === null) return snapshot?.body.hostName ?? null
  if (snapshot === null || isNewer(hello, snapshot)) return hello.body.hostName
  return snapshot.body.hostName
}

/** The snapshot in today's form of the contract, without files: it may have been stored before fields were added. */
export const wholeSnapshot = (stored: StoredSnapshot): Snapshot => ({
  ...stored,
  providers: stored.providers.map(completeReport),
  distribution: stored.distribution ?? null,
  raw: [],
})
