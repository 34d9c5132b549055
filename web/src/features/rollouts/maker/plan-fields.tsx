import { type HTMLInputTypeAttribute, type ReactNode, useState } from 'react'
import { Field } from '../../../ui/field.tsx'
import { useMistake } from './mistakes.tsx'

interface Placed {
  label: string
  /** Its place in the plan: `waves[0].name`. */
  at: string
  hint?: ReactNode
}

const PLAIN = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

export const TextField = ({
  label,
  at,
  hint,
  value,
  onChange,
  max = 1000,
  type = 'text',
  ...rest
}: Placed & {
  value: string
  onChange: (value: string) => void
  max?: number
  type?: HTMLInputTypeAttribute
  placeholder?: string
  list?: string
}) => {
  const mistake = useMistake(at)
  return (
    <Field label={label} hint={hint} error={mistake}>
      {(control) => (
        <input
          {...control}
          {...PLAIN}
          {...rest}
          type={type}
          data-field={at}
          value={value}
          maxLength={max}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

const shown = (value: number | null): string => (value === null || !Number.isFinite(value) ? '' : String(value))
const read = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')))

/** What is typed stays as it is typed; what is no number is NaN in the plan. */
const useNumberText = (value: number | null) => {
  const [text, setText] = useState(shown(value))
  const stands = read(text)
  const isSame = Number.isNaN(stands) ? value === null || !Number.isFinite(value) : stands === value
  return { text: isSame ? text : shown(value), setText }
}

export const NumberField = ({
  label,
  at,
  hint,
  value,
  onChange,
  placeholder,
}: Placed & { value: number; onChange: (value: number) => void; placeholder?: string }) => {
  const { text, setText } = useNumberText(value)
  const mistake = useMistake(at)
  return (
    <Field label={label} hint={hint} error={mistake ?? (Number.isNaN(read(text)) ? 'A number is missing.' : undefined)}>
      {(control) => (
        <input
          {...control}
          {...PLAIN}
          data-field={at}
          inputMode="decimal"
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            onChange(read(event.target.value))
          }}
        />
      )}
    </Field>
  )
}

/** A number, or nothing: null. */
export const OptionalNumberField = ({
  label,
  at,
  hint,
  value,
  onChange,
}: Placed & { value: number | null; onChange: (value: number | null) => void }) => {
  const { text, setText } = useNumberText(value)
  const mistake = useMistake(at)
  const isWrong = text.trim() !== '' && Number.isNaN(read(text))
  return (
    <Field label={label} hint={hint} error={mistake ?? (isWrong ? 'This is no number.' : undefined)}>
      {(control) => (
        <input
          {...control}
          {...PLAIN}
          data-field={at}
          inputMode="numeric"
          placeholder="no limit"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            onChange(event.target.value.trim() === '' ? null : read(event.target.value))
          }}
        />
      )}
    </Field>
  )
}

const UNITS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const
type Unit = keyof typeof UNITS
const unitOf = (seconds: number): Unit =>
  (Object.keys(UNITS) as Unit[]).findLast((unit) => seconds >= UNITS[unit] && seconds % UNITS[unit] === 0) ?? 'minutes'

/** A length of time: a number and its unit. */
export const DurationField = ({
  label,
  at,
  hint,
  seconds,
  onChange,
}: Placed & { seconds: number; onChange: (seconds: number) => void }) => {
  const [unit, setUnit] = useState<Unit>(unitOf(seconds))
  const mistake = useMistake(at)
  const [text, setText] = useState(shown(seconds / UNITS[unit]))
  const typed = Math.round(read(text) * UNITS[unit])
  const isSame = Number.isNaN(typed) ? !Number.isFinite(seconds) : typed === seconds
  const shownUnit = isSame ? unit : unitOf(seconds)
  const shownText = isSame ? text : shown(seconds / UNITS[shownUnit])
  const change = (nextText: string, nextUnit: Unit) => {
    setText(nextText)
    setUnit(nextUnit)
    onChange(Math.round(read(nextText) * UNITS[nextUnit]))
  }
  return (
    <Field
      label={label}
      hint={hint}
      error={mistake ?? (Number.isNaN(read(shownText)) ? 'A number is missing.' : undefined)}
    >
      {(control) => (
        <span className="flex gap-1.5">
          <input
            {...control}
            {...PLAIN}
            className={`${control.className} min-w-14`}
            data-field={at}
            inputMode="decimal"
            value={shownText}
            onChange={(event) => change(event.target.value, shownUnit)}
          />
          <select
            aria-label={`${label}, unit`}
            className={`${control.className} w-24! flex-none`}
            value={shownUnit}
            onChange={(event) => change(shownText, event.target.value as Unit)}
          >
            {Object.keys(UNITS).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </span>
      )}
    </Field>
  )
}

export const SelectField = <Value extends string>({
  label,
  at,
  hint,
  value,
  options,
  onChange,
}: Placed & {
  value: Value
  /** Each value with the words for it. */
  options: Readonly<Record<Value, string>>
  onChange: (value: Value) => void
}) => {
  const mistake = useMistake(at)
  return (
    <Field label={label} hint={hint} error={mistake}>
      {(control) => (
        <select {...control} data-field={at} value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {(Object.entries(options) as [Value, string][]).map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export const CheckField = ({
  label,
  checked,
  onChange,
}: {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
}) => (
  <label className="flex cursor-pointer items-start gap-2 touch:min-h-11 touch:py-2">
    <input
      type="checkbox"
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
      className="mt-0.5 size-3.5 flex-none accent-ink"
    />
    <span>{label}</span>
  </label>
)
