// Goal: what the page writes is what the contract takes, and what is kept comes back as the same text. Method: the text that a
// new policy begins with, and a policy there and back.
import { PolicyDocument } from '@rebootless/shared/contract/rollout-file.ts'
import { RolloutPolicySpec } from '@rebootless/shared/contract/rollout-policy.ts'
import { readPlanYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { describe, expect, test } from 'vitest'
import { NEW_POLICY, policyText, writtenPolicy } from './policy-text.ts'

const parse = (text: string) => {
  const read = readPlanYaml(text)
  return (read.ok ? read.value : null) as { spec: object } | null
}

test('a new policy lacks but its reason', () => {
  const { spec } = PolicyDocument.parse({ ...parse(NEW_POLICY), spec: { ...parse(NEW_POLICY)?.spec, reason: 'x' } })
  expect(spec.hosts).toBe('label.env:prod')
  const { error } = PolicyDocument.safeParse(parse(NEW_POLICY))
  expect(error?.issues.map(({ path }) => path)).toEqual([['spec', 'reason']])
})

test('what is kept is written as it would be kept again', () => {
  const spec = RolloutPolicySpec.parse({
    hosts: 'label.env:prod',
    requires: { stallPolicies: ['ask'], atOnceAtMost: 3 },
    reason: 'no: 22:00',
  })
  const text = policyText({ name: 'production', ...spec, updatedBy: 'ann', updatedAt: '2026-11-26T12:00:00.000Z' })
  expect(writtenPolicy(parse(text))).toEqual({ name: 'production', spec, text })
})

describe('is no policy', () => {
  test.each([
    '',
    'x',
    '[]',
    'kind: Policy',
    'kind: Policy\nmetadata: {name: a}',
    'kind: Rollout\nmetadata: {name: a}\nspec: {}',
  ])('%j', (text) => {
    expect(writtenPolicy(parse(text))).toBeNull()
  })
})
