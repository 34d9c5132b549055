import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { INPUT } from '../../../ui/field.tsx'
import type { DaysDraft } from './sla-draft.ts'

/** Days by severity in a row, and those of what is known to be exploited; an empty one is due never. */
export const DaysFields = ({
  legend,
  draft,
  error,
  onChange,
}: {
  legend: string
  draft: DaysDraft
  error: string | undefined
  onChange: (next: Partial<DaysDraft>) => void
}) => (
  <fieldset>
    <legend className="mb-1.5 text-12 font-medium text-ink-2">{legend}</legend>
    <div className="grid grid-cols-3 gap-2 desk:grid-cols-6">
      {SEVERITIES.map((severity) => (
        <Days
          key={severity}
          word={SEVERITY_WORDS[severity].word}
          value={draft.days[severity]}
          invalid={error !== undefined}
          onChange={(value) => onChange({ days: { ...draft.days, [severity]: value } })}
        />
      ))}
      <Days
        word="exploited"
        value={draft.knownExploitedDays}
        invalid={error !== undefined}
        onChange={(value) => onChange({ knownExploitedDays: value })}
      />
    </div>
    <p
      className={`mt-1.5 text-12 ${error === undefined ? 'text-ink-3' : 'text-danger-text'}`}
      role={error === undefined ? undefined : 'alert'}
    >
      {error ?? 'Empty: due never. Of severity and known exploited the earlier date counts.'}
    </p>
  </fieldset>
)

const Days = ({
  word,
  value,
  invalid,
  onChange,
}: {
  word: string
  value: string
  invalid: boolean
  onChange: (value: string) => void
}) => (
  <label className="grid gap-1 text-12">
    <span className="text-ink-3 first-letter:uppercase">{word}</span>
    <input
      inputMode="numeric"
      autoComplete="off"
      maxLength={4}
      placeholder="never"
      aria-invalid={invalid && !/^\s*\d{0,4}\s*$/.test(value)}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      className={`${INPUT} placeholder:text-ink-3`}
    />
  </label>
)
