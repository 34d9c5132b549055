import { type ReactNode, useId } from 'react'

export const INPUT =
  'h-9 w-full rounded-control border border-line-3 bg-sheet px-2.5 text-14 transition-colors hover:border-ink-3 disabled:bg-sunken disabled:text-ink-3 aria-invalid:border-danger-fill touch:h-11 touch:text-16'

/** Of what is no sentence: an address, a zone, words of a filter. */
export const PLAIN = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

/** What the control itself must carry, so that a reader says its name, its hint and what is wrong with it. */
export interface ControlProps {
  id: string
  'aria-invalid': boolean
  'aria-describedby': string | undefined
  className: string
}

/** A control with its name above, and below what to write, or what is wrong. */
export const Field = ({
  label,
  hint,
  error,
  children,
}: {
  label: string
  hint?: ReactNode
  error?: string | undefined
  children: (control: ControlProps) => ReactNode
}) => {
  const id = useId()
  const said = [error === undefined ? null : `${id}-error`, hint ? `${id}-hint` : null].filter((one) => one !== null)
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-12 font-medium text-ink-2">
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error !== undefined,
        'aria-describedby': said.length === 0 ? undefined : said.join(' '),
        className: INPUT,
      })}
      {error === undefined ? null : (
        <p id={`${id}-error`} role="alert" className="animate-appear text-12 text-danger-text">
          {error}
        </p>
      )}
      {hint ? (
        <div id={`${id}-hint`} className="text-12 text-ink-3">
          {hint}
        </div>
      ) : null}
    </div>
  )
}
