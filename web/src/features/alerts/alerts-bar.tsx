import { ALERT_RULE_IDS } from '@rebootless/shared/domain/alerts/alert-words.ts'
import type { ReactNode } from 'react'
import { FilterBar } from '../../shell/filter-bar.tsx'
import type { KnownValues } from '../../shell/filter-words.ts'
import { Segmented } from '../../ui/segmented.tsx'
import type { AlertsAsked } from './alerts-asked.ts'

const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'silenced', label: 'Silenced' },
  { value: 'pending', label: 'Pending' },
  { value: 'resolved', label: 'Over' },
] as const
const SEVERITIES = [
  { value: 'all', label: 'All' },
  { value: 'page', label: 'Page' },
  { value: 'ticket', label: 'Ticket' },
  { value: 'info', label: 'Info' },
] as const
const TAKEN = ['no', 'yes'] as const
const SELECT = 'h-8 min-w-0 rounded-control border border-line-3 bg-sheet px-2 font-medium text-ink touch:h-11'

export type AlertsChange = { readonly [Key in keyof AlertsAsked]?: AlertsAsked[Key] | undefined }

/** Which alerts are shown: by their hosts in the words of the filter, by state, urgency, rule, and whether somebody took them up. */
export const AlertsBar = ({
  asked,
  titles,
  known,
  onChange,
  children,
}: {
  asked: AlertsAsked
  titles: ReadonlyMap<string, string>
  known: KnownValues
  onChange: (change: AlertsChange) => void
  /** How many there are. */
  children: ReactNode
}) => (
  <>
    <div className="border-b border-line px-6 py-2.5 max-desk:px-4">
      <FilterBar filter={asked.filter ?? ''} onFilter={(filter) => onChange({ filter })} known={known} />
    </div>
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 text-12 text-ink-3 max-desk:px-4">
      <Segmented
        label="State"
        value={asked.status ?? 'open'}
        segments={STATES}
        onChange={(next) => onChange({ status: next === 'open' ? undefined : next })}
      />
      <Segmented
        label="Urgency"
        value={asked.severity ?? 'all'}
        segments={SEVERITIES}
        onChange={(next) => onChange({ severity: next === 'all' ? undefined : next })}
      />
      <label className="flex min-w-0 items-center gap-2 max-desk:order-1">
        Rule
        <select
          value={asked.rule ?? ''}
          onChange={({ target: { value } }) => onChange({ rule: ALERT_RULE_IDS.find((id) => id === value) })}
          className={`${SELECT} max-desk:max-w-24`}
        >
          <option value="">every</option>
          {ALERT_RULE_IDS.map((id) => (
            <option key={id} value={id}>
              {titles.get(id) ?? id}
            </option>
          ))}
        </select>
      </label>
      <label className="flex items-center gap-2 max-desk:order-1">
        Taken up
        <select
          value={asked.taken ?? ''}
          onChange={({ target: { value } }) => onChange({ taken: TAKEN.find((word) => word === value) })}
          className={SELECT}
        >
          <option value="">either way</option>
          <option value="no">by nobody</option>
          <option value="yes">by somebody</option>
        </select>
      </label>
      {children}
    </div>
  </>
)
