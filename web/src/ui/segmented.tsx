import { type ReactNode, useId } from 'react'

export interface Segment<Value extends string> {
  value: Value
  label: string
  icon?: ReactNode
}

/** One of a few, all in view. Radio buttons, so arrow keys and readers know it already. */
export const Segmented = <Value extends string>({
  label,
  value,
  segments,
  onChange,
  iconsOnly = false,
}: {
  label: string
  value: Value
  segments: readonly Segment<Value>[]
  onChange: (value: Value) => void
  iconsOnly?: boolean
}) => {
  const name = useId()
  return (
    <fieldset className="inline-flex rounded-control border border-line-2 bg-sheet p-px">
      <legend className="sr-only">{label}</legend>
      {segments.map((segment) => (
        <label
          key={segment.value}
          title={iconsOnly ? segment.label : undefined}
          className="inline-flex h-6 cursor-pointer items-center gap-1.5 rounded-[4px] px-2 text-12 font-medium whitespace-nowrap text-ink-3 transition-colors hover:text-ink has-checked:bg-ink/9 has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-ink touch:h-10 touch:px-3"
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={segment.value === value}
            onChange={() => onChange(segment.value)}
          />
          {segment.icon}
          <span className={iconsOnly ? 'sr-only' : ''}>{segment.label}</span>
        </label>
      ))}
    </fieldset>
  )
}
