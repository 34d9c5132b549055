import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react'
import { IconButton } from '../../../ui/button.tsx'

/** Once the page is drawn anew: the row that was moved is at another place, and one that was removed is gone. */
const focusLater = (list: string, place: number, act: string): void => {
  requestAnimationFrame(() => {
    const inRow = (at: number) => document.querySelector<HTMLElement>(`[data-row-act="${list} ${at} ${act}"]`)
    const found = inRow(place) ?? inRow(place - 1) ?? document.querySelector<HTMLElement>(`[data-row-add="${list}"]`)
    found?.focus()
  })
}

export const moved = <One,>(all: readonly One[], from: number, to: number): One[] => {
  const next = [...all]
  const [one] = next.splice(from, 1)
  if (one !== undefined) next.splice(to, 0, one)
  return next
}

/** To move a row of a list, and to remove it. The focus stays with the row, or goes to the next. */
export const RowButtons = <One,>({
  list,
  what,
  place,
  all,
  onChange,
  canBeEmpty = true,
}: {
  /** Tells lists apart. */
  list: string
  /** What the row is: `wave canary`. */
  what: string
  place: number
  all: readonly One[]
  onChange: (all: One[]) => void
  canBeEmpty?: boolean
}) => {
  const move = (to: number, act: string) => {
    onChange(moved(all, place, to))
    focusLater(list, to, act)
  }
  return (
    <span className="flex flex-none">
      <IconButton
        aria-label={`Move ${what} up`}
        data-row-act={`${list} ${place} up`}
        disabled={place === 0}
        onClick={() => move(place - 1, 'up')}
      >
        <ArrowUp size={14} aria-hidden />
      </IconButton>
      <IconButton
        aria-label={`Move ${what} down`}
        data-row-act={`${list} ${place} down`}
        disabled={place === all.length - 1}
        onClick={() => move(place + 1, 'down')}
      >
        <ArrowDown size={14} aria-hidden />
      </IconButton>
      <IconButton
        aria-label={`Remove ${what}`}
        data-row-act={`${list} ${place} remove`}
        disabled={!canBeEmpty && all.length === 1}
        onClick={() => {
          onChange(all.filter((_, at) => at !== place))
          focusLater(list, place, 'remove')
        }}
      >
        <Trash2 size={14} aria-hidden />
      </IconButton>
    </span>
  )
}
