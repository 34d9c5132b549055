import * as z from 'zod'
import { AuthorisationDetail, SignatureRequest } from './commands-api.ts'
import { RolloutPlan } from './rollout-plan.ts'

/**
 * A plan as it would be, or is to be, kept. `id`: who goes when hangs on it (shared/domain/rollouts/plan-waves.ts), so a
 * preview shows what a rollout of the same id does; left out: a new one.
 */
export const RolloutRequest = z.strictObject({ id: z.uuid().optional(), plan: RolloutPlan })
export type RolloutRequest = z.infer<typeof RolloutRequest>

/** What a file came to; nothing is done with it yet. */
export const RolloutPlanCheck = z.strictObject({ plan: RolloutPlan })

/** The texts that a rollout's commands rest on: one for each act, module and kernel. Hosts are in the text. */
export const RolloutApprovals = z.strictObject({ items: z.array(AuthorisationDetail.omit({ hosts: true })) })
export type RolloutApprovals = z.infer<typeof RolloutApprovals>

/** Signatures over several of these texts; all are taken, or none. */
export const RolloutApproveBody = z.strictObject({
  signatures: z
    .array(SignatureRequest.extend({ authorisation: z.uuid() }))
    .min(1)
    .max(200),
})
