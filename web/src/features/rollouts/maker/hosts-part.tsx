import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { FilterBar } from '../../../shell/filter-bar.tsx'
import type { KnownValues } from '../../../shell/filter-words.ts'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { Section } from '../../../ui/section.tsx'
import { useMistake } from './mistakes.tsx'
import { SelectField } from './plan-fields.tsx'

/** Matches each host. */
const ALL = 'name:*'

const NEWCOMERS = { 'leave out': 'are left out', join: 'join the last wave' } as const
const LIVE_PATCHING = {
  only: 'are left out',
  'when possible': 'are noted as due for a boot',
  never: 'and all others are noted as due for a boot',
} as const

/** Where the change goes. */
export const HostsPart = ({
  plan,
  known,
  preview,
  onChange,
}: {
  plan: RolloutPlan
  known: KnownValues
  preview: RolloutPreview | undefined
  onChange: (change: Partial<RolloutPlan>) => void
}) => {
  const mistake = useMistake('hosts')
  const going = preview?.waves.reduce((sum, wave) => sum + wave.hosts.length, 0)
  return (
    <Section
      title="Hosts"
      about="All that match, as they are when the plan is kept. Labels, kernels, names: the words of the Hosts page."
    >
      <div className="grid gap-3">
        <div data-field="hosts" className="flex flex-wrap items-start gap-2">
          <FilterBar filter={plan.hosts} onFilter={(hosts) => onChange({ hosts })} known={known} />
          {plan.hosts === '' ? (
            <Button className="h-8" onClick={() => onChange({ hosts: ALL })}>
              All hosts
            </Button>
          ) : null}
        </div>
        {mistake === undefined ? null : (
          <p role="alert" className="text-12 text-danger-text">
            {mistake}
          </p>
        )}
        <p role="status" className="min-h-5 text-12 text-ink-3">
          {preview === undefined || going === undefined
            ? ''
            : preview.others.length === 0
              ? `${plural(going, 'host')} ${going === 1 ? 'matches, and goes' : 'match, and all go'}.`
              : `${plural(going + preview.others.length, 'host')} match: ${count(going)} go${going === 1 ? 'es' : ''}, ${count(preview.others.length)} do${preview.others.length === 1 ? 'es' : ''} not.`}
        </p>
        <div className="grid gap-3 desk:grid-cols-2">
          <SelectField
            {...{ label: 'Hosts that match only later', at: 'newcomers', value: plan.newcomers, options: NEWCOMERS }}
            onChange={(newcomers) => onChange({ newcomers })}
          />
          <SelectField
            {...{ label: 'Hosts that the change does not fit', at: 'livePatching', value: plan.livePatching }}
            options={LIVE_PATCHING}
            onChange={(livePatching) => onChange({ livePatching })}
          />
        </div>
      </div>
    </Section>
  )
}
