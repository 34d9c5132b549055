import type { KeptRolloutPolicy, RolloutPolicySpec } from '@rebootless/shared/contract/rollout-policy.ts'
import { documentToYaml } from '@rebootless/shared/domain/rollouts/document-yaml.ts'

/** A policy as the file that `rebootless apply` takes. */
export const policyText = ({ name, hosts, requires, reason }: KeptRolloutPolicy): string =>
  documentToYaml({
    ...{ apiVersion: 'rebootless/v1', kind: 'Policy', metadata: { name } },
    spec: { hosts, requires, reason },
  })

/** What a new one begins with. */
export const NEW_POLICY = `apiVersion: rebootless/v1
kind: Policy
metadata:
  name: production
spec:
  hosts: label.env:prod
  reason: ''
  requires:
    firstWaveAtMost:
      percent: 5
    soakSecondsAtLeast: 900
    gates:
      - kernel log
      - agents
`

export interface WrittenPolicy {
  readonly name: string
  /** The server holds it against the schema: what comes from a text has no type yet. */
  readonly spec: RolloutPolicySpec
  /** As it would be kept: without comments, in one order. */
  readonly text: string
}

/** What a text says, where it is a policy at all; null: it is something else. */
export const writtenPolicy = (value: unknown): WrittenPolicy | null => {
  const said = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly kind?: unknown
    readonly metadata?: { readonly name?: unknown } | null
    readonly spec?: unknown
  }
  const name = said.metadata?.name
  if (said.kind !== 'Policy' || typeof name !== 'string' || name === '') return null
  if (typeof said.spec !== 'object' || said.spec === null) return null
  const spec = said.spec as RolloutPolicySpec
  const document = { apiVersion: 'rebootless/v1', kind: 'Policy', metadata: { name }, spec } as const
  return { name, spec, text: documentToYaml(document) }
}
