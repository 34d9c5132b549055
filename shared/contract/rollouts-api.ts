import * as z from 'zod'
import {
  DECISION_KINDS,
  EFFECTS,
  HOST_STAGES,
  INCIDENT_KINDS,
  ORDER_ACTIONS,
  ORDER_RESULTS,
  ROLLOUT_ACTS,
  ROLLOUT_PHASES,
  WAVE_STAGES,
} from '../domain/rollouts/rollout-words.ts'
import { HostId, hostText, Instant, KernelName } from './primitives.ts'
import { RolloutPlan } from './rollout-plan.ts'
import { PolicyBreach } from './rollout-policy.ts'
import { Sha256 } from './signed.ts'

const reason = z.string().trim().min(1).max(1000)
const Sentence = z.string().max(1000)
/** Milliseconds of the rollout's own clock, which counts only while somebody drives it: shared/domain/rollouts/rollout-clock.ts. */
const Watched = z.int().min(0)

/** Whether the change can be made on a host: what shared/domain/patch-fit.ts and the choice of a file of the set came to. */
export const RolloutFit = z.discriminatedUnion('fits', [
  z.strictObject({
    fits: z.literal(true),
    /** The file for its kernel; null: a disabling or an update needs none. */
    artefact: Sha256.nullable(),
    /** The livepatch that goes in or out; null: an update names none. */
    patch: KernelName.nullable(),
  }),
  /** A sentence: why no live patch can be made of it. */
  z.strictObject({ fits: z.literal(false), why: hostText(500) }),
])
export type RolloutFit = z.infer<typeof RolloutFit>

export const RolloutIncident = z.strictObject({ kind: z.enum(INCIDENT_KINDS), text: hostText(500), at: Instant })
export type RolloutIncident = z.infer<typeof RolloutIncident>

/** What the engine looks at of one host. The newest takes the place of the one before; one that comes again changes nothing. */
export const RolloutReading = z.strictObject({
  host: HostId,
  /** Of its row (HostSummary.revision): a reading with a lesser one is late and is not looked at. */
  revision: z.int().min(0),
  connected: z.boolean(),
  lastSeenAt: Instant.nullable(),
  /** Of the patch that this host gets. A transition counts as `going` until it is over (kernel/livepatch/transition.c). */
  effect: z.enum(EFFECTS),
  /** The livepatch that is in transition there, of whomever: the kernel takes one at a time. Null: none is, or nobody could tell. */
  busyWith: KernelName.nullable().default(null),
  /** What holds its transition back, in a few words ("kworker/3 (57) in nfs4_open"); null: it is not stalled. */
  stalledBy: hostText(300).nullable(),
  /** Why the host takes no order now or ever, in a sentence: class observe, quarantine, an old agent. Null: it would. */
  refusal: hostText(700).nullable(),
  fit: RolloutFit,
  /** Values of the labels that the plan's limits name, in their order; null: the host lacks the label. */
  domains: z.array(hostText(255).nullable()).max(10),
  /** Since its order was given, newest last. */
  incidents: z.array(RolloutIncident).max(20),
  /** Whether incidents could be read: none that were found of a host of which nothing is known are not none. */
  incidentsKnown: z.boolean(),
  /** Why they could not be, in a sentence. */
  incidentsUnknown: z.string().max(300).nullable().optional(),
})
export type RolloutReading = z.infer<typeof RolloutReading>

/** What the driver puts into the outbox. The same id is the same order: it is inserted once. */
export const RolloutOrder = z.strictObject({
  /** `ROLLOUT/HOST/ACTION/ATTEMPT`. */
  id: z.string().max(120),
  host: HostId,
  action: z.enum(ORDER_ACTIONS),
  /** Counts the orders of this host in this rollout, from 1. */
  attempt: z.int().min(1),
  artefact: Sha256.nullable(),
  patch: KernelName.nullable(),
  provider: z.string().max(32).nullable(),
  /** No command of it may be made before it: an order from before a clock that went back has run out, too. */
  at: Instant,
  /** Nor be made or be good after it: never later than the end of the host's maintenance window. */
  expiresAt: Instant,
})
export type RolloutOrder = z.infer<typeof RolloutOrder>

export const RolloutOrderResult = z.strictObject({
  order: z.string().max(120),
  host: HostId,
  state: z.enum(ORDER_RESULTS),
  code: hostText(64).nullable(),
  detail: hostText(1000).nullable(),
})
export type RolloutOrderResult = z.infer<typeof RolloutOrderResult>

/** One host in one rollout: a row of its own, written when it changes. */
export const HostProgress = z.strictObject({
  id: HostId,
  name: hostText(255),
  /** From 0; null: no wave takes it, it is left out or due for a boot. */
  wave: z.int().min(0).nullable(),
  stage: z.enum(HOST_STAGES),
  since: Instant,
  sinceWatched: Watched,
  /** Why it is in this stage, where that is not plain: a sentence. */
  why: Sentence.nullable(),
  /** Orders given so far. */
  attempt: z.int().min(0),
  /** The latest order of this round. */
  order: RolloutOrder.nullable(),
  /** What became of it; null: no word yet. It is open until then, and while it is only `started`. */
  outcome: z.enum(ORDER_RESULTS).nullable(),
  /** How often its stalled transition was begun anew. */
  retries: z.int().min(0),
  /** Somebody resumed with its failure or its stall in sight: it stops the rollout no more. */
  forgiven: z.boolean(),
  /** When the latest order was given, by the rollout's own clock. */
  orderWatched: Watched.nullable(),
  /** The same of the first order of this round. */
  toldWatched: Watched.nullable(),
  doneWatched: Watched.nullable(),
  /** Rises with each host that is done: undoing goes the other way. */
  doneOrder: z.int().min(0).nullable(),
  /** This rollout gave the order that the kernel follows: only such hosts are undone. */
  ours: z.boolean(),
  /** Values for the plan's limits; those of the moment of the order as long as the host is in change. */
  domains: z.array(hostText(255).nullable()).max(10),
  /** Not heard since, by the rollout's own clock; null: it is. */
  unheardWatched: Watched.nullable(),
  /** Another change has been under way on it since, by the rollout's own clock; null: none is. */
  busyWatched: Watched.nullable().default(null),
  /** Orders that came too late one after another. */
  expiries: z.int().min(0),
  /** A person left it out while it was in change: it goes as soon as it has settled. */
  leaving: Sentence.nullable(),
  reading: RolloutReading.nullable(),
})
export type HostProgress = z.infer<typeof HostProgress>

export const GateReading = z.strictObject({
  open: z.boolean(),
  /** What was read: "3 of 4 hosts within 10 minutes", "0.2 is not < 0.1". */
  words: Sentence,
  at: Instant,
})
export type GateReading = z.infer<typeof GateReading>

export const WaveProgress = z.strictObject({
  stage: z.enum(WAVE_STAGES),
  /** How often it has begun: more than once only after it was undone. */
  round: z.int().min(0),
  /** Null: it has not begun, or is to soak anew when hosts that came back to it have settled. */
  since: Instant.nullable(),
  sinceWatched: Watched,
  /** One for each gate of the wave, as last read. */
  gates: z.array(GateReading.nullable()).max(20),
  /** Who let it pass, for each gate that asks for people. */
  approvals: z.array(z.array(z.string().max(64)).max(10)).max(20),
})
export type WaveProgress = z.infer<typeof WaveProgress>

/** All of a rollout's state but its hosts: one row. */
export const RolloutHead = z.strictObject({
  id: z.uuid(),
  phase: z.enum(ROLLOUT_PHASES),
  since: Instant,
  sinceWatched: Watched,
  /** Why it is paused, aborted or reversed: a sentence. */
  because: Sentence.nullable(),
  /** The wave that goes; as many as there are waves: none is left. */
  wave: z.int().min(0),
  waves: z.array(WaveProgress).max(100),
  /** From this wave on all are undone, and what comes then. */
  reversal: z.strictObject({ fromWave: z.int().min(0), afterwards: z.enum(['end', 'pause']) }).nullable(),
  doneCount: z.int().min(0),
  /** How many decisions there were: the number of the next. */
  decisions: z.int().min(0),
  clock: z.strictObject({
    at: Instant,
    watched: Watched,
    /** The clock jumped: nothing is begun before the rollout's own clock is here. */
    doubtUntil: Watched,
  }),
})
export type RolloutHead = z.infer<typeof RolloutHead>

/** An entry of a rollout's log. Phase and stages of waves follow from it alone: shared/domain/rollouts/replay.ts. */
export const RolloutDecision = z.strictObject({
  /** From 0, without gaps. */
  number: z.int().min(0),
  at: Instant,
  kind: z.enum(DECISION_KINDS),
  wave: z.int().min(0).nullable(),
  /** Whom it is about, the first thousand. */
  hosts: z.array(HostId).max(1000),
  sentence: Sentence,
  /** A person's reason, or what was read. */
  because: Sentence.nullable(),
  /** Username; null: the rollout itself. */
  by: z.string().max(64).nullable(),
})
export type RolloutDecision = z.infer<typeof RolloutDecision>

const act = <K extends string>(kind: K) => ({ kind: z.literal(kind), reason })
/** What a person does to a rollout. */
export const RolloutAct = z.discriminatedUnion('kind', [
  z.strictObject(act('start')),
  z.strictObject(act('pause')),
  z.strictObject(act('resume')),
  /** Past the rest of the soak and past shut gates; not past a failed re-check. */
  z.strictObject(act('promote')),
  z.strictObject(act('abort')),
  /** Undoes this wave and all after it; `pause`: what was undone waits, and goes again when somebody resumes. */
  z.strictObject({
    ...act('reverse'),
    fromWave: z.int().min(0).max(99).default(0),
    afterwards: z.enum(['end', 'pause']).default('end'),
  }),
  z.strictObject({ ...act('exclude'), hosts: z.array(HostId).min(1).max(1000) }),
  z.strictObject({ ...act('approve gate'), wave: z.int().min(0).max(99), gate: z.int().min(0).max(19) }),
])
export type RolloutAct = z.infer<typeof RolloutAct>

export const RolloutActBody = z.strictObject({ reason })
export const RolloutReverseBody = z.strictObject({
  reason,
  fromWave: z.int().min(0).max(99).default(0),
  afterwards: z.enum(['end', 'pause']).default('end'),
})
export const RolloutExcludeBody = z.strictObject({ reason, hosts: z.array(HostId).min(1).max(1000) })
export const RolloutGateBody = z.strictObject({
  reason,
  wave: z.int().min(0).max(99),
  gate: z.int().min(0).max(19),
})

/** How many hosts are at each stage; stages that nobody is at are left out. */
const StageCounts = z.partialRecord(z.enum(HOST_STAGES), z.int().min(0))

export const RolloutSummary = z.strictObject({
  id: z.uuid(),
  name: z.string().max(120),
  phase: z.enum(ROLLOUT_PHASES),
  /** Why it stands where it stands. */
  sentence: Sentence,
  /** Name of the wave that goes, and its place from 1; null: none. */
  wave: z.strictObject({ number: z.int().min(1), name: z.string().max(60) }).nullable(),
  waveCount: z.int(),
  counts: StageCounts,
  createdBy: z.string(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
})
export type RolloutSummary = z.infer<typeof RolloutSummary>

export const RolloutWaveView = WaveProgress.extend({
  name: z.string().max(60),
  counts: StageCounts,
  /** Hosts of it that a reversal would touch: what the rollout changed or was told to, and is not undone. */
  toUndo: z.int().min(0),
  /** Seconds of soak left, by the rollout's own clock; null: it does not soak. */
  soakLeftSeconds: z.int().min(0).nullable(),
})

/** Whether an act can be done now. */
export const RolloutActOffer = z.strictObject({
  kind: z.enum(ROLLOUT_ACTS),
  /** Null: it can. */
  refusal: Sentence.nullable(),
})
export type RolloutActOffer = z.infer<typeof RolloutActOffer>

export const RolloutDetail = RolloutSummary.extend({
  plan: RolloutPlan,
  since: Instant,
  waves: z.array(RolloutWaveView),
  acts: z.array(RolloutActOffer),
  asOf: Instant,
})
export type RolloutDetail = z.infer<typeof RolloutDetail>

export const RolloutListQuery = z.strictObject({
  phase: z.enum(ROLLOUT_PHASES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export const RolloutList = z.strictObject({ items: z.array(RolloutSummary), asOf: Instant })
export type RolloutList = z.infer<typeof RolloutList>

/** A cell of a wave. */
export const RolloutHostView = HostProgress.pick({
  id: true,
  name: true,
  wave: true,
  stage: true,
  since: true,
  why: true,
  attempt: true,
})
export const RolloutHostListQuery = z.strictObject({
  wave: z.coerce.number().int().min(0).max(99).optional(),
  stage: z.enum(HOST_STAGES).optional(),
  /** Only hosts that changed since an answer said this number as its `changes`. */
  changedSince: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
  cursor: z.string().max(512).optional(),
})
export const RolloutHostList = z.strictObject({
  items: z.array(RolloutHostView),
  nextCursor: z.string().nullable(),
  total: z.int(),
  /** Number of the latest change of any host of the rollout: of pages, that of the first counts. */
  changes: z.int().min(0),
  asOf: Instant,
})
export type RolloutHostList = z.infer<typeof RolloutHostList>

export const RolloutDecisionQuery = z.strictObject({
  /** Older than this number. */
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export const RolloutDecisionList = z.strictObject({ items: z.array(RolloutDecision), total: z.int() })
export type RolloutDecisionList = z.infer<typeof RolloutDecisionList>

/** Who would go when, before anything is stored. */
export const RolloutPreview = z.strictObject({
  waves: z.array(
    z.strictObject({
      name: z.string().max(60),
      hosts: z.array(z.strictObject({ id: HostId, name: hostText(255) })),
      /** For each limit by a label: how many hosts of each value go in this wave. */
      domains: z.array(
        z.strictObject({
          label: z.string(),
          atMost: z.int(),
          values: z.array(z.strictObject({ value: hostText(255).nullable(), hosts: z.int() })),
        }),
      ),
    }),
  ),
  /** Hosts that go in no wave, and why: left out, or due for a boot. */
  others: z.array(
    z.strictObject({
      id: HostId,
      name: hostText(255),
      stage: z.enum(['left out', 'due for a boot']),
      why: Sentence,
    }),
  ),
  /** Rollouts that change some of these hosts now: this one cannot start before they are done with them. */
  overlaps: z.array(
    z.strictObject({
      /** Both null: one that the caller may not see. */
      id: z.uuid().nullable(),
      name: z.string().max(120).nullable(),
      hosts: z.int().min(1),
    }),
  ),
  /** What the plan lacks of policies over its hosts; any of them bars it. */
  breaches: z.array(PolicyBreach),
  asOf: Instant,
})
export type RolloutPreview = z.infer<typeof RolloutPreview>
