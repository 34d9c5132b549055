import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

const PAUSE_MS = 250

/** Asks for what is typed once the typing pauses. */
export const SearchField = ({
  label,
  value,
  onSearch,
}: {
  label: string
  value: string
  onSearch: (text: string) => void
}) => {
  const [typed, setTyped] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setTyped(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <label className="flex h-8 w-full max-w-80 items-center gap-2 rounded-control border border-line-3 bg-sheet px-2 focus-within:outline-2 focus-within:outline-ink touch:h-11">
      <Search size={14} aria-hidden className="flex-none text-ink-3" />
      <input
        type="search"
        data-page-filter
        aria-label={label}
        placeholder={label}
        value={typed}
        maxLength={100}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={({ target: { value: text } }) => {
          setTyped(text)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onSearch(text.trim()), PAUSE_MS)
        }}
        className="min-w-0 flex-1 bg-transparent text-12 outline-none placeholder:text-ink-3 touch:text-16"
      />
    </label>
  )
}
