import type { AlertPhase, AlertSeverity } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { Bell, BellOff, CheckCheck, CircleCheck, CircleDashed, Info, OctagonAlert, TriangleAlert } from 'lucide-react'

const SEVERITIES = {
  page: { icon: OctagonAlert, word: 'Page', meaning: 'Somebody is woken.', tone: 'text-danger-text' },
  ticket: { icon: TriangleAlert, word: 'Ticket', meaning: 'For working hours.', tone: 'text-old-text' },
  info: { icon: Info, word: 'Info', meaning: 'To know of.', tone: 'text-ink-2' },
} as const satisfies Record<AlertSeverity, object>

/** How urgent it is: shape, word and colour together. */
export const AlertSeverityMark = ({ severity }: { severity: AlertSeverity }) => {
  const { icon: Icon, word, meaning, tone } = SEVERITIES[severity]
  return (
    <span title={meaning} className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <Icon size={16} aria-hidden className="flex-none" />
      {word}
    </span>
  )
}

const PHASES = {
  pending: { icon: CircleDashed, word: 'Pending' },
  firing: { icon: Bell, word: 'Firing' },
  acknowledged: { icon: CheckCheck, word: 'Acknowledged' },
  silenced: { icon: BellOff, word: 'Silenced' },
  resolved: { icon: CircleCheck, word: 'Over' },
} as const satisfies Record<AlertPhase, object>

export const AlertPhaseMark = ({ phase }: { phase: AlertPhase }) => {
  const { icon: Icon, word } = PHASES[phase]
  return (
    <span
      className={`inline-flex items-center gap-1 whitespace-nowrap ${phase === 'firing' ? 'font-medium' : 'text-ink-3'}`}
    >
      <Icon size={14} aria-hidden className="flex-none" />
      {word}
    </span>
  )
}
