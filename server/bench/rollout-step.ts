/**
 * `npm run bench rollout-step`: what one step of a rollout costs, over 10,000 hosts in 20 waves, from its first order to its end: the
 * budget is 50 ms. Numbers behind choose others: hosts, waves.
 */
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutOrder, RolloutReading } from '@rebootless/shared/contract/rollouts-api.ts'
import { newRollout } from '@rebootless/shared/domain/rollouts/new-rollout.ts'
import { rolloutSentence } from '@rebootless/shared/domain/rollouts/rollout-sentence.ts'
import type { RolloutHost, RolloutInput } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { stepRollout } from '@rebootless/shared/domain/rollouts/step-rollout.ts'
import { startReport } from './report/bench-report.ts'

const [hostCount = 10_000, waveCount = 20] = process.argv.slice(2).map(Number)
const BUDGET_MS = 50
const START = Date.parse('2026-11-27T20:00:00.000Z')
const SHA = 'e'.repeat(64)
const ROLLOUT = '55555555-5555-4555-8555-555555555555'

const plan = RolloutPlan.parse({
  version: 1,
  name: 'bench',
  reason: 'what a step costs',
  change: { kind: 'load', patches: [SHA] },
  hosts: 'name:host-*',
  waves: Array.from({ length: waveCount }, (_, index) => ({
    name: `wave ${index + 1}`,
    share: index === waveCount - 1 ? { kind: 'rest' } : { kind: 'percent', percent: 100 / waveCount },
  })),
  gates: [{ kind: 'kernel log' }, { kind: 'agents' }, { kind: 'transitions', percent: 90, withinSeconds: 600 }],
  limits: { atOnce: 200, domains: [{ label: 'rack', atMost: 10 }] },
  windows: [{ timeZone: 'Europe/Berlin', days: ['friday', 'saturday'], from: '20:00', to: '19:00' }],
})
const hosts = Array.from(
  { length: hostCount },
  (_, index): RolloutHost => ({
    id: `66666666-6666-4666-8666-${String(index).padStart(12, '0')}`,
    name: `host-${index}`,
    labels: { rack: `r${index % 100}` },
    fit: { fits: true, artefact: SHA, patch: 'lp_bench' },
  }),
)

let revision = 1
const reading = ({ id, labels, fit }: RolloutHost, effect: RolloutReading['effect']): RolloutReading => {
  revision += 1
  const domains = [labels.rack ?? null]
  return {
    host: id,
    revision,
    connected: true,
    lastSeenAt: null,
    effect,
    stalledBy: null,
    busyWith: null,
    refusal: null,
    fit,
    domains,
    incidents: [],
    incidentsKnown: true,
  }
}

/** Milliseconds of processor time: what others do on the machine costs no step anything. */
const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const byId = new Map(hosts.map((host) => [host.id, host]))
const run = () => {
  let state = newRollout(ROLLOUT, plan, hosts, START)
  let now = START
  let told: readonly RolloutOrder[] = []
  const costs: number[] = []
  const sentences: number[] = []
  const nothing = { frozen: false, approvalMissing: null, gates: [], newcomers: [] }
  while (state.phase !== 'done' && costs.length < 10_000) {
    now += 1000
    const isFirst = costs.length === 0
    const input: RolloutInput = {
      ...nothing,
      now,
      acts: isFirst ? [{ by: 'bench', act: { kind: 'start', reason: 'bench' } }] : [],
      readings: isFirst
        ? hosts.map((host) => reading(host, 'out'))
        : told.flatMap(({ host }) => byId.get(host) ?? []).map((host) => reading(host, 'in')),
      results: told.map(({ id, host }) => ({ order: id, host, state: 'done', code: null, detail: null })),
    }
    const began = spent()
    const step = stepRollout(plan, state, input)
    costs.push(spent() - began)
    const asked = spent()
    rolloutSentence(plan, step.state, now)
    sentences.push(spent() - asked)
    state = step.state
    told = step.orders
  }
  return { costs, sentences, phase: state.phase }
}

const report = startReport('rollout-step')
const cold = run()
const { costs, sentences, phase } = run()
report.note(
  `${hostCount} hosts, ${waveCount} waves, ${costs.length} steps: ${phase}. Processor time of the pure function.`,
)
report.row({ what: 'the worst step by code that is not warm yet', unit: 'ms', values: [Math.max(...cold.costs)] })
report.row({ what: 'a step', unit: 'ms', values: costs })
const budget = { of: 'median', atMost: BUDGET_MS } as const
report.row({ what: 'the worst step', unit: 'ms', values: [Math.max(...costs)], budget })
report.row({ what: 'its sentence', unit: 'ms', values: sentences })
if (!(await report.end()) || phase !== 'done') process.exitCode = 1
