import type { HostPolicySummary } from '@rebootless/shared/contract/agent-message.ts'
import { hoursText } from './change-hours.ts'
import type { HostPolicy } from './host-policy.ts'

/** What the server is told of the host's own settings, so that pages can say what will be refused, and why. */
export const policySummary = ({ hostClass, reason, config }: HostPolicy, stopped: boolean): HostPolicySummary => ({
  hostClass,
  reason: reason?.slice(0, 500) ?? null,
  approvers: config?.approvers ?? [],
  threshold: config?.threshold ?? 1,
  hours: config?.hours === undefined ? null : hoursText(config.hours),
  neverForce: config?.neverForce ?? false,
  stopped,
  ...(config?.actions !== undefined && { actions: config.actions }),
  ...(config?.packageUpdates === true && { packageUpdates: true }),
})
