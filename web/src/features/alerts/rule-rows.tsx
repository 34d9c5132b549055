import type { AlertRule } from '@rebootless/shared/contract/alerts.ts'
import { Link } from '@tanstack/react-router'
import { exactTime, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { AlertSeverityMark } from './alert-marks.tsx'
import { secondsWord } from './rule-draft.ts'

const GRID =
  'desk:grid desk:grid-cols-[minmax(0,1.8fr)_96px_minmax(150px,1fr)_minmax(110px,0.7fr)] desk:items-center gap-x-5 px-6 max-desk:px-4'

const whenOf = ({ settings: { threshold, forSeconds }, thresholdUnit }: AlertRule): string =>
  [
    ...(threshold === null ? [] : [`${threshold} ${thresholdUnit ?? ''}`.trim()]),
    ...(forSeconds === 0 ? [] : [`after ${secondsWord(forSeconds)}`]),
  ].join(', ') || 'at once'

/** Every rule; each opens its settings and its runbook. */
export const RuleRows = ({ rules }: { rules: readonly AlertRule[] }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span>Rule</span>
      <span>Urgency</span>
      <span>Fires</span>
      <span className="text-right">Now</span>
    </div>
    <ul aria-label="Rules">
      {rules.map((rule) => (
        <li
          key={rule.id}
          className={`${GRID} relative min-h-12 border-b border-line py-2.5 transition-colors hover:bg-hover max-desk:grid max-desk:gap-y-1`}
        >
          <div className="min-w-0">
            <Link
              to="/alerts/rules"
              search={{ rule: rule.id }}
              resetScroll={false}
              data-row-link
              className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
            >
              {rule.title}
            </Link>
            <p className="text-12 text-ink-3">{rule.about}</p>
          </div>
          {rule.settings.enabled ? (
            <AlertSeverityMark severity={rule.settings.severity} />
          ) : (
            <span className="text-ink-3">Off</span>
          )}
          <span className="min-w-0 text-12 text-ink-2">
            {whenOf(rule)}
            {rule.settings.hosts === null ? null : (
              <span className="block truncate">
                on <HostText value={rule.settings.hosts} max={100} />
              </span>
            )}
          </span>
          <span className="text-12 text-ink-2 desk:text-right">
            {rule.firing === 0 ? <span className="text-ink-3">none fires</span> : plural(rule.firing, 'alert')}
            {rule.changed === null ? null : (
              <span className="block text-ink-3" title={exactTime(rule.changed.at)}>
                changed by {rule.changed.by}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  </div>
)
