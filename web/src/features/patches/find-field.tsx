import { Search } from 'lucide-react'

/** Narrows a list to what holds a text. */
export const FindField = ({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) => (
  <label className="flex h-8 w-full max-w-80 items-center gap-2 rounded-control border border-line-3 bg-sheet px-2 focus-within:outline-2 focus-within:outline-ink touch:h-11">
    <Search size={14} aria-hidden className="flex-none text-ink-3" />
    <input
      type="search"
      data-page-filter
      aria-label={label}
      placeholder={label}
      value={value}
      maxLength={200}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      className="min-w-0 flex-1 bg-transparent text-12 outline-none placeholder:text-ink-3 touch:text-16"
    />
  </label>
)
