import type { RolloutTemplate, RolloutTemplatePlan } from '../../contract/rollout-templates.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const GATES: RolloutTemplatePlan['gates'] = [
  { kind: 'transitions', percent: 100, withinSeconds: 30 * MINUTE },
  { kind: 'kernel log' },
  { kind: 'agents' },
]
const CANARY = { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 30 * MINUTE } as const

/** What the schema fills in where a plan says nothing. */
const PLAIN: Omit<RolloutTemplatePlan, 'waves'> = {
  ...{ version: 1, newcomers: 'leave out', livePatching: 'only', gates: [], windows: [] },
  ...{ limits: { atOnce: null, domains: [] }, budget: { failures: 0, whenSpent: 'pause' } },
  stalls: { policy: 'ask', afterSeconds: 10 * MINUTE },
  vanished: { afterSeconds: 15 * MINUTE, count: 'as failed' },
}

const shipped = (id: string, name: string, about: string, plan: RolloutTemplatePlan): RolloutTemplate => ({
  ...{ id, name, about, plan, shipped: true, writtenBy: null, writtenAt: null },
})

/** With what a new plan begins: one host, a tenth, the rest. */
export const FIRST_PLAN: RolloutTemplatePlan = {
  ...PLAIN,
  waves: [
    { ...CANARY, soakSeconds: 10 * MINUTE },
    { name: 'first tenth', share: { kind: 'percent', percent: 10 }, soakSeconds: 10 * MINUTE },
    { name: 'rest', share: { kind: 'rest' }, soakSeconds: 0 },
  ],
  gates: GATES,
}

/** Come with the program. */
export const SHIPPED_TEMPLATES: readonly RolloutTemplate[] = [
  shipped(
    'canary-then-quarters',
    'Canary, then quarters',
    'One host, then a quarter of them after another, at any hour. For fixes that are wanted today.',
    {
      ...PLAIN,
      waves: [
        CANARY,
        ...['first', 'second', 'third'].map((which) => ({
          ...{ name: `${which} quarter`, share: { kind: 'percent' as const, percent: 25 }, soakSeconds: 15 * MINUTE },
        })),
        { name: 'last quarter', share: { kind: 'rest' }, soakSeconds: 0 },
      ],
      gates: GATES,
      limits: { atOnce: 100, domains: [] },
    },
  ),
  shipped(
    'careful-at-night',
    'Careful, in the night',
    'A few at a time, in four nights of the week; one host is watched for a day, and a person lets the rest go.',
    {
      ...PLAIN,
      waves: [
        { ...CANARY, soakSeconds: 24 * HOUR },
        { name: 'one in a hundred', share: { kind: 'percent', percent: 1 }, soakSeconds: 4 * HOUR },
        {
          ...{ name: 'one in ten', share: { kind: 'percent', percent: 10 }, soakSeconds: 4 * HOUR },
          gates: [...GATES, { kind: 'approval', people: 1 }],
        },
        { name: 'rest', share: { kind: 'rest' }, soakSeconds: 0 },
      ],
      gates: GATES,
      limits: { atOnce: 20, domains: [{ label: 'rack', atMost: 1 }] },
      windows: [
        {
          ...{ timeZone: 'UTC', days: ['monday', 'tuesday', 'wednesday', 'thursday'], from: '22:00', to: '05:00' },
        },
      ],
      budget: { failures: 0, whenSpent: 'reverse' },
      stalls: { policy: 'reverse', afterSeconds: 30 * MINUTE },
    },
  ),
]
