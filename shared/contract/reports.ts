import * as z from 'zod'
import { CHANNEL_KINDS } from '../domain/channel-words.ts'
import { REPORT_STATES } from '../domain/reports/report-words.ts'
import { isTimeZone } from '../domain/rollouts/windows.ts'
import { ComplianceFilter } from './compliance-policy.ts'
import { Instant, ReasonText } from './primitives.ts'
import { UserName } from './session.ts'

const when = {
  hour: z.int().min(0).max(23),
  timeZone: z.string().max(64).refine(isTimeZone, { error: 'write a time zone, such as Europe/Berlin or UTC' }),
}
/** Weekdays as ISO 8601 counts them, from 1, Monday; a month without the day has its last day instead. */
export const ReportSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weekly'), weekday: z.int().min(1).max(7), ...when }),
  z.strictObject({ kind: z.literal('monthly'), day: z.int().min(1).max(31), ...when }),
])

const written = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'should be one line without control characters'),
  /** Of which hosts; empty: all. The channel's scope holds beside. */
  filter: ComplianceFilter,
  schedule: ReportSchedule,
  channelId: z.uuid(),
  /** What is open as CSV, by mail alone. */
  attachCsv: z.boolean(),
}
export const NewReport = z.strictObject(written)
export type NewReport = z.infer<typeof NewReport>

/** What is left out stays as it is. */
export const ReportChange = z
  .strictObject(written)
  .partial()
  .extend({ enabled: z.boolean().optional(), reason: ReasonText.optional() })
  .refine(({ enabled, reason }) => enabled !== false || reason !== undefined, {
    path: ['reason'],
    error: 'is missing: to turn a report off takes a reason',
  })
export type ReportChange = z.infer<typeof ReportChange>

export const ReportSending = z.strictObject({
  at: Instant,
  /** `2026-W48` or `2026-11`; null: somebody had it sent. */
  period: z.string().nullable(),
  /** When it was due, where it was late. */
  lateSince: Instant.nullable(),
  state: z.enum(REPORT_STATES),
  /** Why it was not sent, or what the last try came to. */
  detail: z.string().nullable(),
})
export type ReportSending = z.infer<typeof ReportSending>

export const Report = z.strictObject({
  id: z.uuid(),
  ...{ name: z.string(), filter: z.string(), schedule: ReportSchedule, attachCsv: z.boolean() },
  /** Null: it was deleted. */
  channel: z
    .strictObject({ id: z.uuid(), name: z.string(), kind: z.enum(CHANNEL_KINDS), enabled: z.boolean() })
    .nullable(),
  enabled: z.boolean(),
  ...{ createdBy: UserName, createdAt: Instant },
  /** Null: it is off. */
  nextAt: Instant.nullable(),
  /** Null: it was not due yet. */
  last: ReportSending.nullable(),
})
export type Report = z.infer<typeof Report>
export const ReportList = z.strictObject({ items: z.array(Report), asOf: Instant })
export type ReportList = z.infer<typeof ReportList>
