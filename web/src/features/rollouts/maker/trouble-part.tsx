import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { Section } from '../../../ui/section.tsx'
import { DurationField, NumberField, SelectField } from './plan-fields.tsx'

type Trouble = Pick<RolloutPlan, 'budget' | 'stalls' | 'vanished'>

const WHEN_SPENT = { pause: 'it pauses, and somebody decides', reverse: 'it undoes itself' } as const
const STALLS = {
  ask: 'it pauses, and somebody decides',
  wait: 'nothing: it waits',
  retry: 'the transition is begun anew',
  reverse: 'the host’s transition is reversed',
} as const
const VANISHED = { 'as failed': 'counts as failed', 'as left out': 'counts as left out' } as const

/** What becomes of what goes wrong. */
export const TroublePart = ({
  budget,
  stalls,
  vanished,
  onChange,
}: Trouble & { onChange: (change: Partial<Trouble>) => void }) => (
  <Section
    title="When something goes wrong"
    about="It stops by itself. Force is never in a plan: two people decide that, for one host."
  >
    <div className="grid gap-x-3 gap-y-4 desk:grid-cols-2">
      <NumberField
        {...{ label: 'Failures that are let pass', at: 'budget.failures', value: budget.failures }}
        onChange={(failures) => onChange({ budget: { ...budget, failures } })}
      />
      <SelectField
        {...{ label: 'With one more', at: 'budget.whenSpent', value: budget.whenSpent, options: WHEN_SPENT }}
        onChange={(whenSpent) => onChange({ budget: { ...budget, whenSpent } })}
      />
      <DurationField
        {...{ label: 'A transition is stalled for', at: 'stalls.afterSeconds', seconds: stalls.afterSeconds }}
        onChange={(afterSeconds) => onChange({ stalls: { ...stalls, afterSeconds } })}
      />
      <SelectField
        {...{ label: 'Then', at: 'stalls.policy', value: stalls.policy, options: STALLS }}
        onChange={(policy) => onChange({ stalls: { ...stalls, policy } })}
      />
      <DurationField
        {...{ label: 'A host is not heard for', at: 'vanished.afterSeconds', seconds: vanished.afterSeconds }}
        onChange={(afterSeconds) => onChange({ vanished: { ...vanished, afterSeconds } })}
      />
      <SelectField
        {...{ label: 'Then it', at: 'vanished.count', value: vanished.count, options: VANISHED }}
        onChange={(counted) => onChange({ vanished: { ...vanished, count: counted } })}
      />
    </div>
  </Section>
)
