import * as z from 'zod'
import { parseFilter } from '../domain/filter.ts'
import { Instant } from './primitives.ts'
import { Gate, MaintenanceWindow, RolloutPlan } from './rollout-plan.ts'

/** In addresses and files: lower case, digits, dots, dashes. */
export const PolicyName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
    'should be 1 to 63 of a-z, 0-9, dot, dash and underscore, a letter or digit first and last',
  )

const GateKind = z.enum(Gate.options.map(({ shape }) => shape.kind.value))
const Stalls = RolloutPlan.shape.stalls.unwrap()
const Limits = RolloutPlan.shape.limits.unwrap()

/** What a plan must hold; what is left out is free. */
export const PolicyRequirements = z.strictObject({
  /** The first wave that has hosts; both may be given, and then both hold. */
  firstWaveAtMost: z
    .strictObject({
      hosts: z.int().min(1).max(100_000).optional(),
      /** Of all hosts that go, rounded up as a wave's share is. */
      percent: z.number().gt(0).max(100).optional(),
    })
    .refine(({ hosts, percent }) => hosts !== undefined || percent !== undefined, {
      error: 'write hosts, percent, or both',
    })
    .optional(),
  /** Of each wave. */
  soakSecondsAtLeast: RolloutPlan.shape.waves.element.shape.soakSeconds.unwrap().optional(),
  /** Kinds of gates that each wave must have. */
  gates: z.array(GateKind).min(1).max(10).optional(),
  /** People whom a gate of each wave must ask for. */
  approvals: z.int().min(1).max(10).optional(),
  atOnceAtMost: z.int().min(1).max(100_000).optional(),
  /** Limits by labels that the plan must have too, or stricter ones. */
  domains: Limits.shape.domains.unwrap().min(1).optional(),
  /** The plan must have windows, each within these, by the clock of the same place. */
  windows: z.array(MaintenanceWindow).min(1).max(20).optional(),
  budgetFailuresAtMost: z.int().min(0).max(100_000).optional(),
  /** What a plan may do about stalls. */
  stallPolicies: z.array(Stalls.shape.policy.unwrap()).min(1).max(4).optional(),
})
export type PolicyRequirements = z.infer<typeof PolicyRequirements>

/** What people write: what every rollout over these hosts must hold, and why. */
export const RolloutPolicySpec = z.strictObject({
  /** Words of the filter language: a rollout of which one host matches is held to it. */
  hosts: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .refine((text) => parseFilter(text).ok, {
      error: ({ input }) => {
        const parsed = parseFilter(String(input))
        return parsed.ok ? 'no filter' : parsed.error.detail
      },
    }),
  requires: PolicyRequirements.refine((all) => Object.values(all).some((one) => one !== undefined), {
    error: 'a policy requires something',
  }),
  reason: z.string().trim().min(1).max(1000),
})
export type RolloutPolicySpec = z.infer<typeof RolloutPolicySpec>

export const RolloutPolicy = RolloutPolicySpec.extend({ name: PolicyName })
export type RolloutPolicy = z.infer<typeof RolloutPolicy>

/** What a plan lacks of a policy. */
export const PolicyBreach = z.strictObject({
  policy: PolicyName,
  /** Where in the plan: `waves[0].share`, `limits.atOnce`. */
  field: z.string().max(200),
  /** Names the policy, and says what to write. */
  sentence: z.string().max(1000),
})
export type PolicyBreach = z.infer<typeof PolicyBreach>

export const KeptRolloutPolicy = RolloutPolicy.extend({ updatedBy: z.string(), updatedAt: Instant })
export type KeptRolloutPolicy = z.infer<typeof KeptRolloutPolicy>
export const RolloutPolicyList = z.strictObject({ items: z.array(KeptRolloutPolicy) })

/** Rollouts that had begun go on, whatever a policy says that came later. */
export const RolloutPolicySet = z.strictObject({
  policy: KeptRolloutPolicy,
  goOn: z.array(z.strictObject({ id: z.uuid(), name: z.string().max(120), breaches: z.array(PolicyBreach) })),
})
export type RolloutPolicySet = z.infer<typeof RolloutPolicySet>
