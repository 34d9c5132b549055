import type { MaintenanceWindow, RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { Plus } from 'lucide-react'
import { useId } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Section } from '../../../ui/section.tsx'
import { RowButtons } from './list-buttons.tsx'
import { useMistake } from './mistakes.tsx'
import { NumberField, OptionalNumberField, TextField } from './plan-fields.tsx'

type Limits = RolloutPlan['limits']

/** How many hosts may be in change at one time. */
export const LimitsPart = ({
  limits,
  labels,
  onChange,
}: {
  limits: Limits
  /** Labels that hosts have, for completion. */
  labels: readonly string[]
  onChange: (limits: Limits) => void
}) => {
  const list = useId()
  const { domains } = limits
  const change = (next: Limits['domains']) => onChange({ ...limits, domains: next })
  return (
    <Section
      title="Limits"
      about="Hosts in change at one time: in all, and of those that share a rack, a datacentre or a role, so that what fails together is not touched together."
    >
      <div className="grid gap-3">
        <div className="max-w-[200px]">
          <OptionalNumberField
            {...{ label: 'In all', at: 'limits.atOnce', value: limits.atOnce }}
            onChange={(atOnce) => onChange({ ...limits, atOnce })}
          />
        </div>
        <ol className="grid gap-2 empty:hidden" data-field="limits.domains">
          {domains.map((domain, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a limit has no identity but its place
            <li key={place} className="flex items-start gap-2">
              <div className="grid min-w-0 flex-1 grid-cols-2 gap-2 desk:max-w-[408px]">
                <TextField
                  {...{ label: 'For each', at: `limits.domains[${place}].label`, value: domain.label }}
                  {...{ max: 63, placeholder: 'rack', list }}
                  onChange={(label) => change(domains.map((one, at) => (at === place ? { ...one, label } : one)))}
                />
                <NumberField
                  {...{ label: 'At most', at: `limits.domains[${place}].atMost`, value: domain.atMost }}
                  onChange={(atMost) => change(domains.map((one, at) => (at === place ? { ...one, atMost } : one)))}
                />
              </div>
              <span className="mt-6 flex h-9 items-center touch:h-11">
                <RowButtons
                  list="limits.domains"
                  what={`limit ${place + 1}`}
                  {...{ place, all: domains, onChange: change }}
                />
              </span>
            </li>
          ))}
        </ol>
        <datalist id={list}>
          {labels.map((label) => (
            <option key={label} value={label} />
          ))}
        </datalist>
        <div>
          <Button
            data-row-add="limits.domains"
            disabled={domains.length >= 10}
            onClick={() => change([...domains, { label: '', atMost: 1 }])}
          >
            <Plus size={14} aria-hidden />
            Add a limit by label
          </Button>
        </div>
      </div>
    </Section>
  )
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** When hosts may begin. */
export const WindowsPart = ({
  windows,
  onChange,
}: {
  windows: readonly MaintenanceWindow[]
  onChange: (windows: MaintenanceWindow[]) => void
}) => {
  const zones = useId()
  return (
    <Section title="Maintenance windows" about="Hosts begin only within one of them. None: at any hour.">
      <ol className="mb-3 divide-y divide-line rounded-control border border-line-2 empty:hidden" data-field="windows">
        {windows.map((window, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a window has no identity but its place
          <li key={place} className="grid gap-3 px-3 py-3">
            <div className="flex items-center justify-between gap-3">
              <span className="font-medium">Window {place + 1}</span>
              <RowButtons list="windows" what={`window ${place + 1}`} {...{ place, all: windows, onChange }} />
            </div>
            <WindowFields
              at={`windows[${place}]`}
              window={window}
              zones={zones}
              onChange={(next) => onChange(windows.map((one, at) => (at === place ? next : one)))}
            />
          </li>
        ))}
      </ol>
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Button
        data-row-add="windows"
        disabled={windows.length >= 20}
        onClick={() =>
          onChange([...windows, { timeZone: ownZone(), days: [...DAYS.slice(0, 4)], from: '22:00', to: '05:00' }])
        }
      >
        <Plus size={14} aria-hidden />
        Add a window
      </Button>
    </Section>
  )
}

const WindowFields = ({
  at,
  window,
  zones,
  onChange,
}: {
  at: string
  window: MaintenanceWindow
  zones: string
  onChange: (window: MaintenanceWindow) => void
}) => {
  const mistake = useMistake(`${at}.days`)
  return (
    <>
      <div className="grid gap-3 desk:grid-cols-[1.6fr_1fr_1fr]">
        <TextField
          {...{ label: 'Time zone', at: `${at}.timeZone`, value: window.timeZone, max: 64, list: zones }}
          onChange={(timeZone) => onChange({ ...window, timeZone })}
        />
        <TextField
          {...{ label: 'From', at: `${at}.from`, value: window.from, type: 'time' }}
          onChange={(from) => onChange({ ...window, from })}
        />
        <TextField
          {...{ label: window.to < window.from ? 'To, on the next day' : 'To', at: `${at}.to`, value: window.to }}
          type="time"
          onChange={(to) => onChange({ ...window, to })}
        />
      </div>
      <fieldset data-field={`${at}.days`} className="flex flex-wrap gap-1.5">
        <legend className="mb-1.5 text-12 font-medium text-ink-2">Days on which it begins</legend>
        {DAYS.map((day) => (
          <label
            key={day}
            className="cursor-pointer rounded-control border border-line-2 px-2 py-1 text-12 font-medium text-ink-3 transition-colors select-none hover:text-ink has-checked:border-ink has-checked:bg-ink/8 has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-ink touch:px-3 touch:py-3"
          >
            <input
              type="checkbox"
              className="sr-only"
              checked={window.days.includes(day)}
              onChange={(event) =>
                onChange({
                  ...window,
                  days: DAYS.filter((one) => (one === day ? event.target.checked : window.days.includes(one))),
                })
              }
            />
            <abbr title={day} className="no-underline">
              {`${day[0]?.toUpperCase()}${day.slice(1, 3)}`}
            </abbr>
          </label>
        ))}
      </fieldset>
      {mistake === undefined ? null : (
        <p role="alert" className="text-12 text-danger-text">
          {mistake}
        </p>
      )}
    </>
  )
}
