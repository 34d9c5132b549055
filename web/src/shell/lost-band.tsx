import { RotateCw } from 'lucide-react'
import { useLiveStatus } from '../live/live-store.ts'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/clock.ts'
import { briefDuration, clockTime } from '../ui/duration.ts'
import { StateGlyph } from '../ui/state-glyph.tsx'

/** Said on every page while the stream is lost, above what is old by then. */
export const LostBand = ({ onRetry }: { onRetry: () => void }) => {
  const { connection, since, retryAt } = useLiveStatus()
  const now = useNow()
  if (connection !== 'lost') return null
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000)
  return (
    <div className="flex min-h-11 animate-appear items-center gap-2.5 border-b border-line-2 bg-sunken px-6 py-1.5 max-desk:px-4">
      <StateGlyph state="stale" />
      <p className="min-w-0 flex-1 text-ink-2">
        <span className="font-semibold text-ink">What you see is as of {clockTime(since)}.</span> The live stream was
        lost {briefDuration(now - since)} ago; {seconds > 0 ? `trying again in ${seconds} s.` : 'trying again.'}
      </p>
      <Button onClick={onRetry}>
        <RotateCw size={14} aria-hidden />
        Try now
      </Button>
    </div>
  )
}
