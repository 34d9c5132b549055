import * as z from 'zod'
import { RolloutPlan } from './rollout-plan.ts'
import { PolicyName, RolloutPolicySpec } from './rollout-policy.ts'

const apiVersion = z.literal('rebootless/v1')

/** A plan in a file: its name stands in `metadata`, its version in `apiVersion`. */
export const RolloutDocument = z.strictObject({
  apiVersion,
  kind: z.literal('Rollout'),
  metadata: z.strictObject({ name: RolloutPlan.shape.name }),
  spec: RolloutPlan.omit({ version: true, name: true }),
})

export const PolicyDocument = z.strictObject({
  apiVersion,
  kind: z.literal('Policy'),
  metadata: z.strictObject({ name: PolicyName }),
  spec: RolloutPolicySpec,
})

/** One document of a file that `rebootless apply` takes. */
export const RolloutFile = z.discriminatedUnion('kind', [RolloutDocument, PolicyDocument])
export type RolloutFile = z.infer<typeof RolloutFile>

export const planOfDocument = ({ metadata, spec }: z.infer<typeof RolloutDocument>): RolloutPlan => ({
  version: 1,
  name: metadata.name,
  ...spec,
})

export const documentOfPlan = ({ version: _version, name, ...spec }: RolloutPlan): z.infer<typeof RolloutDocument> => ({
  apiVersion: 'rebootless/v1',
  kind: 'Rollout',
  metadata: { name },
  spec,
})
