import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { dayBefore, momentWord, utcDay } from './day.ts'

/** The day that is looked at; today is now. */
export const DayPicker = ({ at, onDay }: { at: string | undefined; onDay: (day: string | undefined) => void }) => {
  const today = utcDay(useNow())
  const shown = at?.slice(0, 10) ?? today
  const take = (day: string) => onDay(day >= today ? undefined : day)
  return (
    <div className="flex items-center gap-1">
      <IconButton aria-label="The day before" onClick={() => take(dayBefore(shown))}>
        <ChevronLeft size={14} aria-hidden />
      </IconButton>
      <input
        type="date"
        aria-label="Day that is looked at"
        value={shown}
        max={today}
        // A day that is being typed is empty, or far off, until it is whole.
        onChange={({ target: { value } }) => {
          if (value >= '2000-01-01') take(value)
        }}
        className="h-8 rounded-control border border-line-3 bg-sheet px-2 text-12 font-medium touch:h-11 touch:text-16"
      />
      <IconButton aria-label="The day after" disabled={at === undefined} onClick={() => take(dayBefore(shown, -1))}>
        <ChevronRight size={14} aria-hidden />
      </IconButton>
    </div>
  )
}

/** Nobody must take the past for the present. */
export const PastBand = ({ at, onNow }: { at: string; onNow: () => void }) => (
  <div
    role="status"
    className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-sunken px-6 py-2.5 max-desk:px-4"
  >
    <p className="text-ink-2">
      <b className="font-semibold text-ink">The past:</b> as it stood at {momentWord(at)}, by what had been read and
      known by then.
    </p>
    <Button onClick={onNow}>Back to now</Button>
  </div>
)
