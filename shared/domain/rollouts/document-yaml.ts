import { stringify } from 'yaml'
import type { RolloutFile } from '../../contract/rollout-file.ts'
import { planToYaml } from './plan-yaml.ts'

/** Anything as YAML, of which older readers take no text for a number or a truth. */
export const toYaml = (value: unknown): string =>
  stringify(value, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false })

/** A plan or a policy as `rebootless apply` reads it: the same is the same text, however it was made. */
export const documentToYaml = (document: RolloutFile): string => {
  if (document.kind === 'Rollout') return planToYaml({ version: 1, name: document.metadata.name, ...document.spec })
  const { apiVersion, kind, metadata, spec } = document
  return toYaml({
    apiVersion,
    kind,
    metadata,
    spec: { hosts: spec.hosts, reason: spec.reason, requires: spec.requires },
  })
}
