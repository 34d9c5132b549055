import { FILTER_KEYS, type FilterResult, parseFilter } from '@rebootless/shared/domain/filter.ts'
import { ListFilter, X } from 'lucide-react'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { arrowPlace, CompletionList, completionAria } from '../ui/completion-list.tsx'
import { HostText, visibleText } from '../ui/host-text.tsx'
import {
  type Completion,
  completionsOf,
  type KnownValues,
  partsOf,
  splitFilter,
  withoutWord,
  withWord,
} from './filter-words.ts'

/** What is filtered, and in which words. */
export interface FilterLanguage {
  /** `hosts`, as the field's name says it. */
  readonly subject: string
  readonly keys: Readonly<Record<string, string>>
  readonly parse: (text: string) => FilterResult<string>
}
const HOSTS: FilterLanguage = { subject: 'hosts', keys: FILTER_KEYS, parse: parseFilter }

/** One bar of `key:value` words, ANDed. `filter` is the whole as the address holds it. */
export const FilterBar = ({
  filter,
  onFilter,
  known,
  language = HOSTS,
}: {
  filter: string
  onFilter: (filter: string) => void
  known: KnownValues
  language?: FilterLanguage
}) => {
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [problem, setProblem] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const completions = open ? completionsOf(typed, known, language.keys) : []
  const words = splitFilter(filter)
  const stored = language.parse(filter)
  const said = problem ?? (stored.ok ? null : stored.error.detail)

  const edit = (text: string) => {
    setTyped(text)
    setActive(-1)
    setProblem(null)
    setOpen(true)
  }
  const commit = (word: string) => {
    if (word.trim() === '') return
    const next = splitFilter(word).reduce(withWord, filter)
    const parsed = language.parse(next)
    if (!parsed.ok) return setProblem(parsed.error.detail)
    edit('')
    setOpen(false)
    onFilter(next)
  }
  const take = (completion: Completion) => (completion.whole ? commit(completion.text) : edit(completion.text))
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = completions[active]
    const place = arrowPlace(event, active, completions.length)
    if (place !== undefined) {
      event.preventDefault()
      setOpen(true)
      setActive(place)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (chosen) take(chosen)
      else commit(typed)
    } else if (event.key === 'Tab' && chosen) {
      event.preventDefault()
      take(chosen)
    } else if (event.key === ' ' && typed !== '' && !/"[^"]*$/.test(typed)) {
      event.preventDefault()
      commit(typed)
    } else if (event.key === 'Escape') {
      // Escape closes the list first; only then it leaves the field, as on every page.
      if (!open) return
      event.preventDefault()
      setOpen(false)
    } else if (event.key === 'Backspace' && typed === '' && words.length > 0) {
      event.preventDefault()
      const last = words.length - 1
      onFilter(withoutWord(filter, last))
      edit(words[last] ?? '')
    }
  }

  return (
    <div className="relative min-w-0 flex-1">
      <div className="flex min-h-8 flex-wrap items-center gap-1.5 rounded-control border border-line-3 bg-sheet px-2 py-[3px] focus-within:outline-2 focus-within:outline-ink touch:min-h-11">
        <ListFilter size={14} aria-hidden className="flex-none text-ink-3" />
        {words.map((word, index) => {
          const { key, value } = partsOf(word)
          return (
            <span
              key={word}
              className="inline-flex h-[22px] max-w-full items-center rounded-[4px] bg-sunken pl-1.5 touch:h-8"
            >
              <span className="mono truncate text-[12px] text-ink">
                <span className="text-ink-3">{key}</span>
                <HostText value={value} max={60} />
              </span>
              <button
                type="button"
                aria-label={`Remove ${visibleText(word, 80)}`}
                onClick={() => {
                  onFilter(withoutWord(filter, index))
                  input.current?.focus()
                }}
                className="grid size-[22px] flex-none place-items-center text-ink-3 hover:text-ink touch:size-8"
              >
                <X size={12} aria-hidden />
              </button>
            </span>
          )
        })}
        <input
          ref={input}
          data-page-filter
          {...completionAria(id, completions.length, active)}
          aria-label={`Filter ${language.subject}`}
          aria-invalid={said !== null}
          aria-describedby={said === null ? undefined : `${id}-problem`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={words.length === 0 ? 'Filter: name, or key:value' : ''}
          value={typed}
          onChange={(event) => edit(event.target.value)}
          onKeyDown={onKey}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          className="mono h-6 min-w-20 flex-1 bg-transparent text-[12px] outline-none placeholder:font-sans placeholder:text-12 placeholder:tracking-normal placeholder:text-ink-3 touch:text-16"
        />
        <kbd
          aria-hidden
          className="rounded-mark border border-line-2 px-1.5 font-sans text-11 text-ink-3 max-desk:hidden"
        >
          /
        </kbd>
      </div>
      {said === null ? null : (
        <p id={`${id}-problem`} role="alert" className="mt-1 animate-appear text-12 text-danger-text">
          {said}
        </p>
      )}
      <CompletionList id={id} label="Completions" completions={completions} active={active} onTake={take} />
    </div>
  )
}
