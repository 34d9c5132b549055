import { parseScope } from '@rebootless/shared/domain/host-scope.ts'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { api } from '../api/client.ts'
import { arrowPlace, CompletionList, completionAria } from '../ui/completion-list.tsx'
import { count, plural } from '../ui/duration.ts'
import { type ControlProps, Field } from '../ui/field.tsx'
import { type Completion, completionsOf, splitFilter } from './filter-words.ts'

const HOSTS_MAX = 500

/** Labels as hosts carry them, key by key; of the first hosts, since completion is a help and no list. */
const labelsQuery = {
  queryKey: ['fleet', 'labels'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { items } = await api.get('/api/v1/hosts', { query: { limit: HOSTS_MAX, sort: 'name' }, signal })
    const values = new Map<string, Set<string>>()
    for (const { labels } of items)
      for (const [key, value] of Object.entries(labels)) {
        const found = values.get(`label.${key}`) ?? new Set()
        values.set(`label.${key}`, found.add(value))
      }
    return Object.fromEntries([...values].map(([key, found]) => [key, [...found].sort()]))
  },
  staleTime: 60_000,
}

const COUNT_EVERY_MS = 10_000

const hostCount = (filter: string) => ({
  queryKey: ['fleet', 'host-count', filter],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await api.get('/api/v1/hosts', { query: { filter, limit: 1 }, signal })).total,
  staleTime: COUNT_EVERY_MS,
  refetchInterval: COUNT_EVERY_MS,
})

/** The word that is being typed, and what stands before it. */
const lastWord = (text: string): { before: string; word: string } => {
  const word = /\s$/.test(text) ? '' : (splitFilter(text).at(-1) ?? '')
  return { before: text.slice(0, text.length - word.length), word }
}

/** Words that select hosts by their labels, with completion from the fleet's own, and how many hosts they select now. */
export const ScopeField = ({
  value,
  onChange,
  error,
  label = 'Scope',
}: {
  value: string
  onChange: (scope: string) => void
  error?: string | undefined
  label?: string
}) => {
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const id = useId()
  const labels = useQuery(labelsQuery).data
  const known = useMemo(() => new Map(Object.entries(labels ?? {})), [labels])
  const { before, word } = lastWord(value)
  const completions = open
    ? completionsOf(word === '' ? 'label.' : word, known).filter(
        ({ text }) => text.startsWith('label.') && text !== word,
      )
    : []
  const list = useRef<HTMLDivElement>(null)
  const shown = completions.length > 0
  // In a dialog the list may open below what is in view.
  useEffect(() => {
    if (shown) list.current?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  const take = (completion: Pick<Completion, 'text' | 'whole'>) => {
    onChange(`${before}${completion.text}${completion.whole ? ' ' : ''}`)
    setActive(-1)
    setOpen(!completion.whole)
  }
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = completions[active]
    const place = arrowPlace(event, active, completions.length)
    if (place !== undefined) {
      event.preventDefault()
      setOpen(true)
      setActive(place)
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) {
      event.preventDefault()
      take(chosen)
    } else if (event.key === 'Escape' && open && completions.length > 0) {
      // Escape closes the list; only the next one closes the dialog around it.
      event.preventDefault()
      setOpen(false)
    }
  }
  return (
    <div className="relative">
      <Field label={label} error={error} hint={error === undefined ? <Selected scope={value} /> : SCOPE_HINT}>
        {(control: ControlProps) => (
          <input
            {...control}
            className={`${control.className} mono placeholder:text-ink-3`}
            {...completionAria(id, completions.length, active)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            placeholder="label.env:staging"
            value={value}
            onChange={(event) => {
              onChange(event.target.value)
              setActive(-1)
              setOpen(true)
            }}
            onKeyDown={onKey}
            onFocus={() => setOpen(true)}
            onBlur={() => setOpen(false)}
          />
        )}
      </Field>
      <CompletionList
        element={list}
        id={id}
        label="Labels of the fleet"
        completions={completions.map(({ text, whole }) => ({ text, whole }))}
        active={active}
        onTake={take}
      />
    </div>
  )
}

const SCOPE_HINT = 'Words such as label.env:staging; all of them must hold.'

/** How many hosts the words select, or why they select none. */
const Selected = ({ scope }: { scope: string }) => {
  const text = useDeferredValue(scope.trim())
  const parsed = parseScope(text)
  const all = useQuery(hostCount('')).data
  const selected = useQuery({ ...hostCount(text), enabled: parsed.ok })
  if (text === '') return SCOPE_HINT
  if (!parsed.ok) return parsed.detail
  if (selected.isError) return 'The hosts could not be counted.'
  return (
    <span role="status">
      {selected.data === undefined || all === undefined
        ? 'Counting hosts.'
        : `${count(selected.data)} of ${plural(all, 'host')} now, and whichever comes to match.`}
    </span>
  )
}
