import * as z from 'zod'
import { ALERT_CHANGES, ALERT_PHASES, ALERT_RULE_IDS, ALERT_SEVERITIES } from '../domain/alerts/alert-words.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant, ReasonText } from './primitives.ts'

const note = z.string().trim().min(1).max(2000)

/** Who took it up, and what he wrote. */
export const AlertAcknowledgement = z.strictObject({ by: z.string(), at: Instant, note: z.string().nullable() })
export type AlertAcknowledgement = z.infer<typeof AlertAcknowledgement>

/** All hosts with one cause, from when it began until it was over. */
export const AlertGroup = z.strictObject({
  id: z.uuid(),
  rule: z.enum(ALERT_RULE_IDS),
  severity: z.enum(ALERT_SEVERITIES),
  status: z.enum(ALERT_PHASES),
  /** One cause has one open group: what it is called within its rule. */
  cause: hostText(600),
  title: hostText(600),
  /** What is so, on how many hosts. */
  sentence: hostText(1500),
  /** When the first of its hosts had it. */
  since: Instant,
  /** When it had lasted as long as its rule asks; null: not yet. */
  firedAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
  acknowledged: AlertAcknowledgement.nullable(),
  silencedUntil: Instant.nullable(),
  /** 0: the channels of its rule; 1 and more: how many steps of the escalation were taken. */
  escalationLevel: z.int().min(0),
  /** Hosts of it that the caller may see; 0: it is of no host. */
  hostCount: z.int().min(0),
  hosts: z.array(z.strictObject({ id: HostId, name: hostText(255) })).max(20),
  /** What all its hosts have in common. */
  labels: Labels,
  /** Where it is looked into: a page of this server. */
  path: z.string(),
})
export type AlertGroup = z.infer<typeof AlertGroup>

export const AlertTimelineEntry = z.strictObject({
  at: Instant,
  /** `began`: pending; `note`: somebody wrote what was done. */
  kind: z.enum(['began', 'note', ...ALERT_CHANGES]),
  /** Null: by itself. */
  by: z.string().nullable(),
  text: z.string().nullable(),
  /** Names of the channels that were told. */
  channels: z.array(z.string()),
})
export type AlertTimelineEntry = z.infer<typeof AlertTimelineEntry>

/** What became of it when the same cause was there before. */
export const AlertLastTime = z.strictObject({
  id: z.uuid(),
  firedAt: Instant.nullable(),
  resolvedAt: Instant,
  acknowledged: AlertAcknowledgement.nullable(),
  /** What somebody wrote that was done. */
  done: z.string().nullable(),
})
export type AlertLastTime = z.infer<typeof AlertLastTime>

export const AlertDetail = AlertGroup.extend({
  /** Each with since when it has the cause, and until when; null: still. The first thousand, longest first. */
  members: z.array(z.strictObject({ id: HostId, name: hostText(255), since: Instant, until: Instant.nullable() })),
  timeline: z.array(AlertTimelineEntry),
  lastTime: AlertLastTime.nullable(),
  done: z.string().nullable(),
  /** Markdown. */
  runbook: z.string(),
  asOf: Instant,
})
export type AlertDetail = z.infer<typeof AlertDetail>

export const AlertListQuery = z.strictObject({
  /** `open`: all that are not resolved and have fired. */
  status: z.enum(['open', ...ALERT_PHASES]).default('open'),
  severity: z.enum(ALERT_SEVERITIES).optional(),
  rule: z.enum(ALERT_RULE_IDS).optional(),
  /** Whether somebody has taken it up. */
  acknowledged: z.enum(['true', 'false']).optional(),
  /** Words of the filter of hosts: groups with such a host. */
  filter: z.string().max(1000).default(''),
  /** Those that touch the time from here on. */
  from: Instant.optional(),
  to: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
})
export type AlertListQuery = z.infer<typeof AlertListQuery>

/** Most urgent first, and of those the newest; resolved ones newest first. */
export const AlertList = z.strictObject({
  items: z.array(AlertGroup),
  nextCursor: z.string().nullable(),
  total: z.int(),
  asOf: Instant,
})
export type AlertList = z.infer<typeof AlertList>

/** Of those that fire and that nobody has taken up; silenced ones are none. */
export const AlertCounts = z.strictObject({
  page: z.int().min(0),
  ticket: z.int().min(0),
  info: z.int().min(0),
  acknowledged: z.int().min(0),
  silenced: z.int().min(0),
  asOf: Instant,
})
export type AlertCounts = z.infer<typeof AlertCounts>

export const AcknowledgeAlert = z.strictObject({ note: note.nullable().default(null) })
export const AlertNote = z.strictObject({ done: note })

export const SILENCE_DAYS_MAX = 30

/** Matches what all of its words match; at least one is given. */
export const AlertMatcher = z
  .strictObject({
    rule: z.enum(ALERT_RULE_IDS).nullable().default(null),
    cause: hostText(600).nullable().default(null),
    /** Words of the filter of hosts: a host that matches counts as silenced, and a group whose hosts all are, is. */
    hosts: z.string().trim().min(1).max(1000).nullable().default(null),
  })
  .refine(({ rule, cause, hosts }) => rule !== null || cause !== null || hosts !== null, {
    error: 'say what is silenced: a rule, a cause or hosts',
  })
export type AlertMatcher = z.infer<typeof AlertMatcher>

export const NewSilence = z.strictObject({
  matcher: AlertMatcher,
  /** At most 30 days from now. */
  endsAt: Instant,
  reason: ReasonText,
})
export type NewSilence = z.infer<typeof NewSilence>

export const Silence = z.strictObject({
  id: z.uuid(),
  matcher: AlertMatcher,
  /** What the last alert of its cause was called; null: it is of no one cause, or no such alert is kept. */
  causeTitle: hostText(600).nullable(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: Instant,
  endsAt: Instant,
  /** Somebody ended it before its time; null: nobody did. */
  ended: z.strictObject({ at: Instant, by: z.string() }).nullable(),
  /** Open groups that it silences now. */
  groups: z.int().min(0),
})
export type Silence = z.infer<typeof Silence>
export const SilenceListQuery = z.strictObject({ ended: z.enum(['true', 'false']).default('false') })
export const SilenceList = z.strictObject({ items: z.array(Silence), asOf: Instant })

const minutes = (least: number) =>
  z
    .int()
    .min(least)
    .max(7 * 24 * 60)

export const AlertEscalationStep = z.strictObject({
  /** Since it fired, and nobody has acknowledged it. */
  afterMinutes: minutes(1),
  channels: z.array(z.uuid()).min(1).max(10),
})
export type AlertEscalationStep = z.infer<typeof AlertEscalationStep>

export const AlertRuleSettings = z.strictObject({
  enabled: z.boolean(),
  severity: z.enum(ALERT_SEVERITIES),
  /** In the unit that the rule names; null: the rule has none. */
  threshold: z.number().min(0).max(1_000_000).nullable(),
  /** So long it must be so before it fires. */
  forSeconds: z
    .int()
    .min(0)
    .max(7 * 86_400),
  /** So long it must not be so before it is resolved. */
  quietSeconds: z.int().min(0).max(86_400),
  /** Told again so often while nobody has acknowledged it; null: never. */
  repeatMinutes: minutes(5).nullable(),
  /** Words of the filter of hosts: only hosts that they hold; null: all. */
  hosts: z.string().trim().min(1).max(1000).nullable(),
  /** Null: channels by what they say they take. */
  channels: z.array(z.uuid()).max(20).nullable(),
  escalation: z.array(AlertEscalationStep).max(5),
})
export type AlertRuleSettings = z.infer<typeof AlertRuleSettings>

export const AlertRule = z.strictObject({
  id: z.enum(ALERT_RULE_IDS),
  title: z.string(),
  /** What it is about, in a sentence. */
  about: z.string(),
  settings: AlertRuleSettings,
  defaults: AlertRuleSettings,
  /** What a threshold counts, such as `days`; null: the rule has none. */
  thresholdUnit: z.string().nullable(),
  /** Open groups of it that fire. */
  firing: z.int().min(0),
  /** Channels that it names, here or in a step, and that are there still; none for whoever has a scope. */
  named: z.array(z.strictObject({ id: z.uuid(), name: z.string() })),
  /** Markdown. */
  runbook: z.string(),
  changed: z.strictObject({ by: z.string(), at: Instant }).nullable(),
})
export type AlertRule = z.infer<typeof AlertRule>
export const AlertRuleList = z.strictObject({ items: z.array(AlertRule), asOf: Instant })

/** What is left out stays as it is. */
export const AlertRuleChange = AlertRuleSettings.partial()
  .extend({ reason: ReasonText.optional() })
  .refine(({ enabled, reason }) => enabled !== false || reason !== undefined, {
    path: ['reason'],
    error: 'is missing: to turn a rule off takes a reason',
  })
export type AlertRuleChange = z.infer<typeof AlertRuleChange>
