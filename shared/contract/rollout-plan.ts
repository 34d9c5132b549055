import * as z from 'zod'
import { isTimeZone } from '../domain/rollouts/windows.ts'
import { HostId, KernelName } from './primitives.ts'
import { Sha256 } from './signed.ts'

/** Of the hosts that a rule names. */
const Percent = z.number().gt(0).max(100)
const Seconds = z
  .int()
  .min(0)
  .max(31 * 24 * 60 * 60)
const LabelKey = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, 'should be a key of a label, as datacentre')
const name = (most: number) => z.string().trim().min(1).max(most)

/** What is done to each host. Disabling and cumulative replacing are rollouts too. */
export const RolloutChange = z.discriminatedUnion('kind', [
  /** Each host gets the one file of the set that fits its kernel. */
  z.strictObject({
    kind: z.literal('load'),
    patches: z.array(Sha256).min(1).max(200),
    downgrade: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('disable'), patch: KernelName }),
  /** By the vendor's own tool; `level`: what it is to say afterwards, null: whatever it holds newest. */
  z.strictObject({ kind: z.literal('update'), provider: name(32), level: name(128).nullable().default(null) }),
])

/** Gates stand between a wave and the next: each must be open at the end of the soak. */
export const Gate = z.discriminatedUnion('kind', [
  /** So many per cent of the wave's hosts have the change in effect, so soon after each was told. */
  z.strictObject({ kind: z.literal('transitions'), percent: Percent, withinSeconds: Seconds }),
  /** No host of the wave has had an oops, a warning, a lockup, a hung task or a new taint since it was told. */
  z.strictObject({ kind: z.literal('kernel log') }),
  /** Every host's agent is heard. */
  z.strictObject({ kind: z.literal('agents') }),
  /** Its mean over the wave grew by no more, against the hour before. */
  z.strictObject({
    kind: z.literal('pressure'),
    of: z.enum(['cpu', 'memory', 'io', 'load']),
    growthPercent: z.number().min(0).max(10_000),
  }),
  z.strictObject({
    kind: z.literal('prometheus'),
    url: z.url(),
    query: name(2000),
    is: z.enum(['<', '<=', '>', '>=']),
    value: z.number(),
  }),
  z.strictObject({ kind: z.literal('http'), url: z.url(), status: z.int().min(100).max(599).default(200) }),
  /** So many people let the next wave begin, each with a reason. */
  z.strictObject({ kind: z.literal('approval'), people: z.int().min(1).max(10).default(1) }),
])
export type Gate = z.infer<typeof Gate>

export const WaveShare = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), hosts: z.int().min(1).max(100_000) }),
  /** Of all hosts of the rollout, rounded up. */
  z.strictObject({ kind: z.literal('percent'), percent: Percent }),
  z.strictObject({ kind: z.literal('label'), key: LabelKey, values: z.array(name(255)).min(1).max(100) }),
  z.strictObject({ kind: z.literal('rest') }),
])

export const Wave = z.strictObject({
  name: name(60),
  share: WaveShare,
  soakSeconds: Seconds.default(0),
  /** In place of the plan's; left out: the plan's. */
  gates: z.array(Gate).max(20).optional(),
})

/** Hosts begin only within one of them; none: at any time. `to` before `from`: until the next day. */
export const MaintenanceWindow = z.strictObject({
  /** IANA time zone. */
  timeZone: name(64).refine(isTimeZone, { error: 'no time zone is called so: write one as Europe/Berlin' }),
  days: z
    .array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']))
    .min(1)
    .max(7),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'should be a time of day, as 22:30'),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'should be a time of day, as 22:30'),
})
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>

/** Everything that decides how a rollout goes: what a person writes as YAML, approves, and nobody changes once it has begun. */
export const RolloutPlan = z.strictObject({
  version: z.literal(1),
  name: name(120),
  reason: name(1000),
  change: RolloutChange,
  /** Words of the filter language. */
  hosts: name(1000),
  exclude: z.array(HostId).max(10_000).default([]),
  /** What becomes of hosts that match only later: they join the last wave, or are left out. */
  newcomers: z.enum(['join', 'leave out']).default('leave out'),
  /**
   * Hosts that no live patch fits: `only` leaves them out; `when possible` notes them as due for a boot; `never` live
   * patches none, and notes all as due for a boot.
   */
  livePatching: z.enum(['only', 'when possible', 'never']).default('only'),
  waves: z.array(Wave).min(1).max(100),
  gates: z.array(Gate).max(20).default([]),
  limits: z
    .strictObject({
      /** Hosts in change at one time. */
      atOnce: z.int().min(1).max(100_000).nullable().default(null),
      /** Of hosts that share the label's value, at one time; hosts without the label are a domain of their own. */
      domains: z
        .array(z.strictObject({ label: LabelKey, atMost: z.int().min(1).max(100_000) }))
        .max(10)
        .default([]),
    })
    .default({ atOnce: null, domains: [] }),
  windows: z.array(MaintenanceWindow).max(20).default([]),
  /** What may go wrong before the rollout stops by itself: hosts that failed, over all waves. */
  budget: z
    .strictObject({
      failures: z.int().min(0).max(100_000).default(0),
      whenSpent: z.enum(['pause', 'reverse']).default('pause'),
    })
    .default({ failures: 0, whenSpent: 'pause' }),
  /** A transition that stalls. Force is never in a plan: two people decide it, for one host. */
  stalls: z
    .strictObject({
      policy: z.enum(['wait', 'retry', 'ask', 'reverse']).default('ask'),
      afterSeconds: Seconds.default(600),
    })
    .default({ policy: 'ask', afterSeconds: 600 }),
  /** A host that is not heard while it is in change. */
  vanished: z
    .strictObject({
      afterSeconds: Seconds.default(900),
      count: z.enum(['as failed', 'as left out']).default('as failed'),
    })
    .default({ afterSeconds: 900, count: 'as failed' }),
})
export type RolloutPlan = z.infer<typeof RolloutPlan>
