import { type ReactNode, useId } from 'react'

export interface Choice<Value extends string> {
  value: Value
  label: string
  about: ReactNode
  /** Why it cannot be chosen. */
  refused?: string | undefined
}

/** One of a few, each with a line that explains it. What cannot be chosen stays, with the reason. */
export const ChoiceList = <Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string
  value: Value
  choices: readonly Choice<Value>[]
  onChange: (value: Value) => void
}) => {
  const name = useId()
  return (
    <fieldset className="grid content-start gap-1.5">
      <legend className="mb-1.5 text-12 font-medium text-ink-2">{label}</legend>
      <div className="divide-y divide-line rounded-control border border-line-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="flex cursor-pointer gap-2.5 px-3 py-2 transition-colors first:rounded-t-[5px] last:rounded-b-[5px] hover:bg-hover has-checked:bg-ink/6 has-disabled:cursor-not-allowed has-focus-visible:outline-2 has-focus-visible:outline-ink touch:min-h-11"
          >
            <input
              type="radio"
              name={name}
              checked={choice.value === value}
              disabled={choice.refused !== undefined}
              onChange={() => onChange(choice.value)}
              aria-labelledby={`${name}-${choice.value}`}
              aria-describedby={`${name}-${choice.value}-about`}
              className="mt-1 size-3.5 flex-none accent-ink outline-none"
            />
            <span className="min-w-0">
              <span id={`${name}-${choice.value}`} className="font-medium">
                {choice.label}
              </span>
              <span id={`${name}-${choice.value}-about`} className="block text-12 text-ink-3">
                {choice.refused ?? choice.about}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
