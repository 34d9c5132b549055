import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { exactTime } from '../../ui/duration.ts'

/** `Judged by: CISA KEV, read 27 Nov 2026, 05:10; Shipped with Rebootless, facts up to 2026-08-21.` */
export const judgedByWords = (judgedBy: ComplianceSummary['judgedBy']): string => {
  if (judgedBy === null) return 'Judged by what feeds said then; each verdict names whose word it is.'
  if (judgedBy.length === 0) return 'No feed is turned on, so nothing of a CVE is known.'
  const feeds = judgedBy.map(({ name, readAt, factsUntil }) =>
    factsUntil !== null
      ? `${name}, facts up to ${factsUntil}`
      : `${name}, ${readAt === null ? 'not read yet' : `read ${exactTime(readAt)}`}`,
  )
  return `Judged by: ${feeds.join('; ')}.`
}
