import { type LabSetting, LOADS } from '@rebootless/server/sim/lab/lab-run.ts'
import { ChevronRight, Dices } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { plural } from '../../ui/duration.ts'
import { useIsPhone } from '../../ui/use-is-phone.ts'
import { BOUNDS, type LabChange, type NumberKey } from './lab-setting.ts'
import { LOAD_WORDS } from './lab-words.ts'

const FIELD =
  'h-7 rounded-control border border-line-2 bg-sheet px-2 font-medium text-ink transition-colors hover:border-line-3 touch:h-11 touch:text-16'

const WIDTHS: Readonly<Record<NumberKey, string>> = {
  ...{ tasks: 'w-17', cpus: 'w-14', sleepers: 'w-16', functions: 'w-14', seed: 'w-26', seconds: 'w-16' },
}
const UNITS: Readonly<Record<NumberKey, string>> = {
  ...{ tasks: 'Tasks', cpus: 'CPUs', sleepers: 'Sleepers', functions: 'Functions', seed: 'Seed', seconds: 'Seconds' },
}
const HINTS: Readonly<Record<NumberKey, string>> = {
  tasks: 'Threads, user and kernel together',
  cpus: 'Processors of the machine',
  sleepers: 'Of the tasks, so many sleep long in a patched function when the patch comes',
  functions: 'Functions that the patch changes',
  seed: 'All chance follows from it: the same seed gives the same run',
  seconds: 'Virtual time that is simulated after the patch is applied',
}

/** Short, so that it can be told by word of mouth. */
const anotherSeed = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 100_000

/** Time to type the next digit before a run is begun for what there is. */
const TYPING_MS = 700

/** A number that takes effect when it is left, entered, or not changed for a moment. */
const NumberField = ({
  field,
  value,
  most,
  onChange,
}: {
  field: NumberKey
  value: number
  most: number
  onChange: (text: string) => void
}) => {
  const [typed, setTyped] = useState(String(value))
  useEffect(() => setTyped(String(value)), [value])
  const commit = () => {
    if (typed.trim() !== '' && typed !== String(value)) onChange(typed.trim())
    else setTyped(String(value))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew with each change of the text alone
  useEffect(() => {
    if (typed.trim() === '' || typed === String(value)) return
    const timer = setTimeout(commit, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <label className="flex items-center gap-1.5 text-12 text-ink-3" title={HINTS[field]}>
      {UNITS[field]}
      <input
        type="number"
        inputMode="numeric"
        min={BOUNDS[field].least}
        max={most}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit()
        }}
        className={`${FIELD} ${WIDTHS[field]}`}
      />
    </label>
  )
}

/** What the machine is and does. Each change is another run, and another address. On a phone it is folded. */
export const SettingBar = (given: { setting: LabSetting; onChange: (change: LabChange) => void }) => {
  const phone = useIsPhone()
  if (!phone) return <SettingFields {...given} />
  const { load, tasks, seed } = given.setting
  return (
    <details className="group border-b border-line">
      <summary className="flex min-h-11 list-none items-center gap-2 px-4">
        <ChevronRight
          size={14}
          aria-hidden
          className="flex-none text-ink-3 transition-transform group-open:rotate-90"
        />
        <span className="min-w-0 truncate font-medium">{LOAD_WORDS[load]}</span>
        <span className="ml-auto flex-none text-12 text-ink-3">
          {plural(tasks, 'task')}, seed {seed}
        </span>
      </summary>
      <SettingFields {...given} />
    </details>
  )
}

const SettingFields = ({ setting, onChange }: { setting: LabSetting; onChange: (change: LabChange) => void }) => {
  const number = (field: NumberKey) => (
    <NumberField
      field={field}
      value={setting[field]}
      most={field === 'sleepers' ? setting.tasks : BOUNDS[field].most}
      onChange={(text) => onChange({ [field]: text })}
    />
  )
  return (
    <search
      aria-label="The simulated machine"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line px-6 py-2.5 max-desk:px-4 max-desk:pt-0 desk:border-b"
    >
      <label className="flex items-center gap-1.5 text-12 text-ink-3">
        Load
        <select
          value={setting.load}
          onChange={(event) => onChange({ load: event.target.value })}
          className={`${FIELD} max-w-64 max-desk:max-w-56`}
        >
          {LOADS.map((load) => (
            <option key={load} value={load}>
              {LOAD_WORDS[load]}
            </option>
          ))}
        </select>
      </label>
      {number('tasks')}
      {number('sleepers')}
      {number('functions')}
      {number('cpus')}
      {number('seconds')}
      <span className="flex items-center gap-1">
        {number('seed')}
        <IconButton aria-label="Another seed" onClick={() => onChange({ seed: String(anotherSeed()) })}>
          <Dices size={16} aria-hidden />
        </IconButton>
      </span>
    </search>
  )
}
