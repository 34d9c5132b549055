import * as z from 'zod'
import { ALERT_CHANGES, ALERT_RULE_IDS, ALERT_SEVERITIES, ALERT_STATUSES } from '../domain/alerts/alert-words.ts'
import { SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { DECISION_KINDS, ROLLOUT_PHASES } from '../domain/rollouts/rollout-words.ts'
import { AuditHead } from './audit.ts'
import { HostId, Instant } from './primitives.ts'
import { Signed } from './signed.ts'

/** Escaped and bounded before it leaves: shared/domain/channel-text.ts. */
const text = (charactersMax: number) => z.string().max(charactersMax)
export const MESSAGE_HOSTS_MAX = 50

/** What a rollout decided, as its log has it. */
export const RolloutDecided = z.strictObject({
  type: z.literal('rollout.decided'),
  timestamp: Instant,
  data: z.strictObject({
    rollout: z.strictObject({
      id: z.uuid(),
      name: text(300),
      phase: z.enum(ROLLOUT_PHASES),
      /** Below the address of this server's pages. */
      path: z.string(),
    }),
    /** In the rollout's log, from 0: with the rollout's id it names the decision. */
    number: z.int().min(0),
    kind: z.enum(DECISION_KINDS),
    /** `number` from 1. `begunAt`: when it began last, of decisions that end it. */
    wave: z.strictObject({ number: z.int().min(1), name: text(150), begunAt: Instant.nullable() }).nullable(),
    sentence: text(1500),
    because: text(1500).nullable(),
    /** Username; null: the rollout itself. */
    by: text(64).nullable(),
    /** The first of them. */
    hosts: z.array(z.strictObject({ id: HostId, name: text(300) })).max(MESSAGE_HOSTS_MAX),
    /** A thousand at most: as many as the log names. */
    hostCount: z.int().min(0),
  }),
})
export type RolloutDecided = z.infer<typeof RolloutDecided>

/** How far the audit log went, signed: kept elsewhere it shows whether the log was cut or written anew (threat-model T30). */
export const AuditHeadSigned = z.strictObject({
  type: z.literal('audit.head_signed'),
  timestamp: Instant,
  data: z.strictObject({ head: AuditHead, signed: Signed }),
})
export type AuditHeadSigned = z.infer<typeof AuditHeadSigned>

/** What became of an alert: all hosts with one cause. Each change is told once. */
export const AlertChanged = z.strictObject({
  type: z.literal('alert.changed'),
  timestamp: Instant,
  data: z.strictObject({
    /** Of this group, which ends when it is resolved. */
    id: z.uuid(),
    /** Counts what this group tells, from 1; not every channel is told all. */
    number: z.int().min(1),
    /** The same for all messages of a group, for receivers that keep one incident open: of letters, digits, `-` and `:`. */
    dedupKey: z.string().regex(/^[a-z0-9:-]{1,200}$/),
    rule: z.enum(ALERT_RULE_IDS),
    severity: z.enum(ALERT_SEVERITIES),
    status: z.enum(ALERT_STATUSES),
    /** Why this message is sent. */
    change: z.enum(ALERT_CHANGES),
    title: text(300),
    sentence: text(1500),
    /** What the hosts have in common: a task and a function, a patch, a vendor. */
    cause: text(600),
    /** Those that the channel's scope holds; 0: it is of no host, but of the server or a rollout. */
    hostCount: z.int().min(0),
    /** The first of them. */
    hosts: z.array(z.strictObject({ id: HostId, name: text(300) })).max(MESSAGE_HOSTS_MAX),
    /** Labels that all of these hosts have, by their keys. */
    labels: z.record(text(64), text(300)),
    since: Instant,
    firedAt: Instant,
    resolvedAt: Instant.nullable(),
    acknowledged: z.strictObject({ by: text(64), at: Instant, note: text(1500).nullable() }).nullable(),
    silencedUntil: Instant.nullable(),
    /** 0: the first channels; of an escalation how far it went. */
    escalationLevel: z.int().min(0),
    /** Below the address of this server's pages. */
    path: z.string(),
    runbookPath: z.string(),
  }),
})
export type AlertChanged = z.infer<typeof AlertChanged>

/** A file that goes with a message by mail. */
export const MESSAGE_FILE_CHARACTERS_MAX = 2_000_000
const Count = z.int().min(0)

/** How compliance stood when a scheduled report was due, or when somebody asked for it. */
export const ComplianceReport = z.strictObject({
  type: z.literal('compliance.report'),
  timestamp: Instant,
  data: z.strictObject({
    report: z.strictObject({ id: z.uuid(), name: text(300) }),
    /** The week (`2026-W48`) or month (`2026-11`) that it is of; null: somebody had it sent. */
    period: z.string().max(10).nullable(),
    /** Null: it is not late. `missed`: how many more were due since, for all of which it stands. */
    late: z.strictObject({ dueAt: Instant, missed: Count }).nullable(),
    /** Words of the host filter, with the channel's scope; empty: the whole fleet. */
    hosts: text(2100),
    /** As the page of compliance says it. */
    sentence: text(1500),
    counts: z.strictObject({ hosts: Count, judged: Count, within: Count, exposed: Count, overdue: Count }),
    /** Worst first; all five. Of CVEs that are open on a host at least. */
    bySeverity: z
      .array(z.strictObject({ severity: z.enum(SEVERITIES), cves: Count, hosts: Count, overdueHosts: Count }))
      .length(SEVERITIES.length),
    knownExploitedHosts: Count,
    acceptedHosts: Count,
    /** The moment that it tells of. */
    judgedAt: Instant,
    /** Below the address of this server's pages: the same numbers, at that moment. */
    path: z.string(),
    /** What is open, as CSV; null: not asked for, or larger than is sent, which `fileLeftOut` says. */
    file: z.strictObject({ name: text(100), content: text(MESSAGE_FILE_CHARACTERS_MAX) }).nullable(),
    fileLeftOut: text(300).nullable(),
  }),
})
export type ComplianceReport = z.infer<typeof ComplianceReport>

export const ChannelTested = z.strictObject({
  type: z.literal('channel.tested'),
  timestamp: Instant,
  data: z.strictObject({ channel: text(150), by: text(64) }),
})
export type ChannelTested = z.infer<typeof ChannelTested>

/** The body of a message: Standard Webhooks, "Payload structure". */
export const ChannelMessage = z.discriminatedUnion('type', [
  RolloutDecided,
  AuditHeadSigned,
  AlertChanged,
  ComplianceReport,
  ChannelTested,
])
export type ChannelMessage = z.infer<typeof ChannelMessage>
