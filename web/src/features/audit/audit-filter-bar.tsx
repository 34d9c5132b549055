import { ListFilter, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { AUDIT_FILTER_KEYS, parseAuditFilter, withAuditWord } from './audit-filter.ts'

const RESULTS = [
  { value: '', label: 'All' },
  { value: 'refused', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
] as const

/** One field of `key:value` words; what it says holds once Enter is pressed or the field is left. */
export const AuditFilterBar = ({ filter, onFilter }: { filter: string; onFilter: (filter: string) => void }) => {
  const [typed, setTyped] = useState(filter)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => setTyped(filter), [filter])
  const parsed = parseAuditFilter(typed)
  const stored = parseAuditFilter(filter)
  const result = (stored.ok ? stored.asked.result : undefined) ?? ''
  const commit = () => {
    const next = typed.trim()
    if (next !== filter) onFilter(next)
  }
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-start max-desk:w-full max-desk:flex-none gap-x-3 gap-y-2">
      <form
        className="min-w-60 flex-1"
        onSubmit={(event) => {
          event.preventDefault()
          commit()
        }}
      >
        <div className="flex h-8 items-center gap-2 rounded-control border border-line-2 bg-sheet pr-1 pl-2 focus-within:border-line-3 touch:h-11">
          <ListFilter size={14} aria-hidden className="flex-none text-ink-3" />
          <input
            ref={input}
            data-page-filter
            type="text"
            spellCheck={false}
            autoComplete="off"
            aria-label="Filter the log"
            aria-describedby={`${id}-hint`}
            aria-invalid={!parsed.ok}
            placeholder="Text, or actor:ann action:user target:web-1"
            value={typed}
            maxLength={500}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={commit}
            className="mono h-6 min-w-20 flex-1 bg-transparent text-[12px] outline-none placeholder:font-sans placeholder:text-12 placeholder:tracking-normal placeholder:text-ink-3 touch:text-16"
          />
          {typed === '' ? null : (
            <IconButton
              aria-label="Clear the filter"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => {
                setTyped('')
                onFilter('')
                input.current?.focus()
              }}
            >
              <X size={14} aria-hidden />
            </IconButton>
          )}
        </div>
        <p
          id={`${id}-hint`}
          role={parsed.ok ? undefined : 'alert'}
          className={`mt-1 text-12 ${parsed.ok ? 'text-ink-3' : 'text-danger-text'}`}
        >
          {parsed.ok ? (
            <>
              Keys:{' '}
              {Object.entries(AUDIT_FILTER_KEYS).map(([key, about], index) => (
                <span key={key} title={about}>
                  {index === 0 ? '' : ', '}
                  <code className="mono">{key}:</code>
                </span>
              ))}
            </>
          ) : (
            parsed.detail
          )}
        </p>
      </form>
      <Segmented
        label="Result"
        value={result === 'done' ? '' : result}
        onChange={(value) => onFilter(withAuditWord(filter, 'result', value))}
        segments={RESULTS}
      />
    </div>
  )
}
