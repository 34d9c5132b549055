import { FeedOutcome } from '@rebootless/shared/contract/cve-feeds.ts'
import * as z from 'zod'

/** What is kept of a reading beside what is shown of it: what tells whether there is anything new to read. */
const StoredOutcome = z.strictObject({
  shown: FeedOutcome,
  /** From where it was read. */
  location: z.string().nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** Of what ships with this program: the hash of its file. */
  version: z.string().nullable(),
})
export type StoredOutcome = z.infer<typeof StoredOutcome>

/** Null: there is none, or it is of a version that kept it in another form. */
export const storedOutcomeOf = (column: unknown): StoredOutcome | null => StoredOutcome.safeParse(column).data ?? null
