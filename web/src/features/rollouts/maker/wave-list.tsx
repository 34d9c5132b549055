import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { Plus } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { count } from '../../../ui/duration.ts'
import { GateList } from './gate-list.tsx'
import { RowButtons } from './list-buttons.tsx'
import { CheckField, DurationField, NumberField, SelectField, TextField } from './plan-fields.tsx'

type Wave = RolloutPlan['waves'][number]
type Share = Wave['share']

const SHARES = {
  count: 'so many hosts',
  percent: 'per cent of all',
  label: 'hosts with a label',
  rest: 'all that are left',
} as const

const newShare = (kind: Share['kind']): Share => {
  switch (kind) {
    case 'count':
      return { kind, hosts: 1 }
    case 'percent':
      return { kind, percent: 10 }
    case 'label':
      return { kind, key: '', values: [] }
    case 'rest':
      return { kind }
  }
}

export const WaveList = ({
  plan,
  hostsOf,
  onChange,
}: {
  plan: RolloutPlan
  /** How many hosts the preview has in a wave; null: it is not known. */
  hostsOf: (wave: number) => number | null
  onChange: (waves: Wave[]) => void
}) => {
  const { waves } = plan
  const set = (place: number, next: Wave) => onChange(waves.map((one, index) => (index === place ? next : one)))
  const add = () => {
    // What takes all that are left stays last.
    const last = waves.at(-1)?.share.kind === 'rest' ? waves.length - 1 : waves.length
    const wave: Wave = { name: `wave ${last + 1}`, share: newShare('percent'), soakSeconds: 600 }
    onChange([...waves.slice(0, last), wave, ...waves.slice(last)])
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-field="waves[${last}].name"]`)?.focus())
  }
  return (
    <div data-field="waves" className="grid gap-3">
      <ol className="divide-y divide-line rounded-control border border-line-2">
        {waves.map((wave, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a wave has no identity but its place
          <li key={place} className="px-3 py-3">
            <fieldset className="grid gap-3">
              <legend className="contents">
                <span className="flex items-center justify-between gap-3">
                  <span>
                    <span className="font-medium">Wave {place + 1}</span>
                    <Hosts hosts={hostsOf(place)} />
                  </span>
                  <RowButtons
                    list="waves"
                    what={`wave ${place + 1}`}
                    {...{ place, all: waves, onChange, canBeEmpty: false }}
                  />
                </span>
              </legend>
              <WaveFields at={`waves[${place}]`} wave={wave} plan={plan} onChange={(next) => set(place, next)} />
            </fieldset>
          </li>
        ))}
      </ol>
      <div>
        <Button data-row-add="waves" disabled={waves.length >= 100} onClick={add}>
          <Plus size={14} aria-hidden />
          Add a wave
        </Button>
      </div>
    </div>
  )
}

const Hosts = ({ hosts }: { hosts: number | null }) =>
  hosts === null ? null : (
    <span className={`ml-2 text-12 ${hosts === 0 ? 'text-old-text' : 'text-ink-3'}`}>
      {hosts === 0 ? 'nobody goes' : hosts === 1 ? '1 host' : `${count(hosts)} hosts`}
    </span>
  )

const WaveFields = ({
  at,
  wave,
  plan,
  onChange,
}: {
  at: string
  wave: Wave
  plan: RolloutPlan
  onChange: (wave: Wave) => void
}) => {
  const share = (next: Share) => onChange({ ...wave, share: next })
  return (
    <>
      <div
        className={`grid grid-cols-2 gap-3 ${wave.share.kind === 'label' ? 'desk:grid-cols-[1fr_1.1fr_0.8fr_1fr_1.2fr]' : 'desk:grid-cols-[1.2fr_1.2fr_1fr_1.2fr]'}`}
      >
        <TextField
          {...{ label: 'Name', at: `${at}.name`, value: wave.name, max: 60 }}
          onChange={(name) => onChange({ ...wave, name })}
        />
        <SelectField
          {...{ label: 'Takes', at: `${at}.share.kind`, value: wave.share.kind, options: SHARES }}
          onChange={(kind) => share(newShare(kind))}
        />
        <ShareFields at={`${at}.share`} share={wave.share} onChange={share} />
        <DurationField
          {...{ label: 'Soak', at: `${at}.soakSeconds`, seconds: wave.soakSeconds }}
          onChange={(soakSeconds) => onChange({ ...wave, soakSeconds })}
        />
      </div>
      <CheckField
        label="Gates of its own, in place of those of all waves"
        checked={wave.gates !== undefined}
        onChange={(own) => {
          const { gates: _, ...rest } = wave
          onChange(own ? { ...rest, gates: [...plan.gates] } : rest)
        }}
      />
      {wave.gates === undefined ? null : (
        <GateList at={`${at}.gates`} gates={wave.gates} onChange={(gates) => onChange({ ...wave, gates })} />
      )}
    </>
  )
}

const ShareFields = ({ at, share, onChange }: { at: string; share: Share; onChange: (share: Share) => void }) => {
  switch (share.kind) {
    case 'count':
      return (
        <NumberField
          {...{ label: 'Hosts', at: `${at}.hosts`, value: share.hosts }}
          onChange={(hosts) => onChange({ ...share, hosts })}
        />
      )
    case 'percent':
      return (
        <NumberField
          {...{ label: 'Per cent', at: `${at}.percent`, value: share.percent }}
          onChange={(percent) => onChange({ ...share, percent })}
        />
      )
    case 'label':
      return (
        <>
          <TextField
            {...{ label: 'Label', at: `${at}.key`, value: share.key, max: 63, placeholder: 'rack' }}
            onChange={(key) => onChange({ ...share, key })}
          />
          <TextField
            {...{ label: 'Values', at: `${at}.values`, value: share.values.join(', '), placeholder: 'r1, r2' }}
            onChange={(text) => onChange({ ...share, values: valuesOf(text) })}
          />
        </>
      )
    case 'rest':
      return <span className="max-desk:hidden" />
  }
}

/** A comma that is being typed must stay, so the last value may be empty; the server says so when it is left that way. */
const valuesOf = (text: string): string[] =>
  text === '' ? [] : text.split(',').map((value) => value.replace(/^ /, ''))
