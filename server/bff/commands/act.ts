import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { type Doer, entryOf } from '../access/doer.ts'

/** Who does something, by which request, and when. */
export interface Act extends Doer {
  readonly now: Date
}

/** What the audit log says of an act that was done. */
export const done = (act: Act, what: Parameters<typeof entryOf>[2]): AuditEntry => entryOf(act, act.now, what)
