import { REBOOT_WINDOWS, windowWord } from '@rebootless/shared/domain/gains/reboot-window.ts'
import { plural } from '../../../ui/duration.ts'
import type { GainsAsked } from './gains-query.ts'

const SELECT =
  'h-7 rounded-control border border-line-2 bg-sheet px-1.5 text-12 transition-colors hover:border-ink-3 touch:h-11 touch:text-16'
// On a phone one below the other, words left and fields right.
const LABEL = 'flex items-center gap-1.5 max-desk:w-full max-desk:justify-between'
const BOOT_MINUTES = [1, 2, 5, 10, 15, 30, 60]

/** What the gains are held against. A number of minutes that an address brought stands among the others. */
export const GainsChoices = ({
  asked,
  onAsked,
}: {
  asked: GainsAsked
  onAsked: (next: { window?: string; boot?: string }) => void
}) => (
  <span className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-ink-3">
    <label className={LABEL}>
      Monthly window
      <select className={SELECT} value={asked.window} onChange={({ target: { value } }) => onAsked({ window: value })}>
        {REBOOT_WINDOWS.map((window) => (
          <option key={window} value={window}>
            {windowWord(window)}
          </option>
        ))}
      </select>
    </label>
    <label className={LABEL}>
      A boot takes
      <select
        className={SELECT}
        value={asked.bootMinutes}
        onChange={({ target: { value } }) => onAsked({ boot: value })}
      >
        {[...new Set([...BOOT_MINUTES, asked.bootMinutes])]
          .sort((left, right) => left - right)
          .map((minutes) => (
            <option key={minutes} value={minutes}>
              {plural(minutes, 'minute')}
            </option>
          ))}
      </select>
    </label>
  </span>
)
