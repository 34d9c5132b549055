import type { HostPolicySummary } from '@rebootless/shared/contract/agent-message.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { PACKAGE_UPDATES_SINCE } from '@rebootless/shared/domain/agent-link.ts'
import type { HelloFacts, Kept } from './outbox.ts'

/** What an agent of an older protocol would say: a server of then refuses a message with anything that it does not know (T21). */
export const helloAsOf = (protocol: number, facts: HelloFacts): HelloFacts => {
  if (protocol >= PACKAGE_UPDATES_SINCE) return { ...facts, protocol }
  if (protocol > 1) return { ...facts, protocol, ...(facts.policy && { policy: policyAsOf3(facts.policy) }) }
  const { policy: _policy, machineId: _machineId, auditHead: _auditHead, ...known } = facts
  return { ...known, protocol }
}

const policyAsOf3 = ({ packageUpdates: _packageUpdates, ...known }: HostPolicySummary): HostPolicySummary => known

export const messageAsOf1 = (message: Kept): Kept =>
  message.type === 'snapshot' ? { ...message, snapshot: snapshotAsOf1(message.snapshot) } : message

const snapshotAsOf1 = (snapshot: Snapshot): Snapshot => {
  const { buildId: _buildId, ...kernel } = snapshot.kernel
  return { ...snapshot, kernel }
}
