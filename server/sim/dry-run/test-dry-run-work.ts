import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { DryRunHost, DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'

const SHA = 'e'.repeat(64)

export const testPlan = (rest: Partial<RolloutPlan> = {}): RolloutPlan =>
  RolloutPlan.parse({
    ...{ version: 1, name: 'a fix', reason: 'a test', change: { kind: 'load', patches: [SHA] }, hosts: 'name:*' },
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 2 }, soakSeconds: 120 },
      { name: 'the rest', share: { kind: 'rest' } },
    ],
    ...rest,
  })

export const testHost = (index: number, rest: Partial<DryRunHost> = {}): DryRunHost => ({
  id: `77777777-7777-4777-8777-${String(index).padStart(12, '0')}`,
  name: `host-${String(index).padStart(3, '0')}`,
  labels: { role: ['web', 'database', 'idle'][index % 3] ?? 'web' },
  fit: { fits: true, artefact: SHA, patch: 'lp_test' },
  ...{ effect: 'out', connected: true, refusal: null, incidentsKnown: true },
  ...{ release: '6.4.0-150600.21-default', architecture: 'x86_64', tasks: 200, load: null },
  ...{ past: [], asleep: [], refusedByKernel: null, reliableStacks: true },
  ...rest,
})

export const testWork = (rest: Partial<DryRunWork> = {}): DryRunWork => ({
  plan: testPlan(),
  id: '88888888-8888-4888-8888-888888888888',
  ...{ seed: 4711, runs: 10, beginsAt: '2026-11-27T20:00:00.000Z' },
  hosts: Array.from({ length: 12 }, (_, index) => testHost(index)),
  functions: { [SHA]: ['vmlinux:begin_new_exec', 'vmlinux:nft_expr_init'] },
  ...{ deliveries: [], updates: [], frozen: false, signedFor: 0 },
  ...rest,
})
