import * as z from 'zod'
import { Instant } from './primitives.ts'
import { RolloutPlan } from './rollout-plan.ts'

/** How a rollout goes, without what is changed, where and why. */
export const RolloutTemplatePlan = RolloutPlan.omit({
  ...{ name: true, reason: true, change: true, hosts: true, exclude: true },
})
export type RolloutTemplatePlan = z.infer<typeof RolloutTemplatePlan>

const about = z.string().trim().max(300)
export const RolloutTemplate = z.strictObject({
  /** A UUID; of those that come with the program a word. */
  id: z.string().max(64),
  name: z.string().max(120),
  /** When to take it, in a sentence; may be empty. */
  about,
  plan: RolloutTemplatePlan,
  /** It comes with the program: nobody changes it. */
  shipped: z.boolean(),
  /** Who wrote it last, and when; null: it is shipped. */
  writtenBy: z.string().nullable(),
  writtenAt: Instant.nullable(),
})
export type RolloutTemplate = z.infer<typeof RolloutTemplate>

/** Those that are shipped first, then by name. */
export const RolloutTemplateList = z.strictObject({ items: z.array(RolloutTemplate) })

export const RolloutTemplateRequest = z.strictObject({
  name: z.string().trim().min(1).max(120),
  about: about.default(''),
  plan: RolloutTemplatePlan,
})
export type RolloutTemplateRequest = z.infer<typeof RolloutTemplateRequest>
