import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { count, plural } from '../../ui/duration.ts'
import type { NextStep } from './next-step.ts'

/** A livepatch may be in effect that does not fix all: a host is patched and exposed at once. Null: no CVE is known to be open. */
export const exposureStep = ({ exposure }: HostDetail): NextStep | null => {
  if (!exposure || exposure.exposed === 0) return null
  const exploited =
    exposure.knownExploited === 0 ? '' : `, ${count(exposure.knownExploited)} of them known to be exploited`
  return {
    lead: `See what it is exposed to: ${plural(exposure.exposed, 'CVE')}${exploited}.`,
    why: 'What is in effect does not fix that.',
    more: { tab: 'exposure', word: 'Exposure' },
    looksAs: 'exposed',
  }
}
