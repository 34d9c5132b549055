import type { CommandView } from '@rebootless/shared/contract/commands-api.ts'
import type { CommandState } from '@rebootless/shared/domain/words.ts'
import { Ban, Check, CircleHelp, CircleX, Clock, Hourglass, type LucideIcon, Send, TimerOff } from 'lucide-react'

interface Mark {
  readonly icon: LucideIcon
  readonly word: string
  readonly look: string
}

const MARKS: Readonly<Record<CommandState, Mark>> = {
  waiting: { icon: Clock, word: 'Waiting', look: 'text-ink-2' },
  sent: { icon: Send, word: 'Sent', look: 'text-ink' },
  done: { icon: Check, word: 'Done', look: 'text-ink-2' },
  refused: { icon: Ban, word: 'Refused', look: 'font-medium text-ink' },
  failed: { icon: CircleX, word: 'Failed', look: 'font-medium text-danger-text' },
  expired: { icon: TimerOff, word: 'Expired', look: 'text-ink-3' },
  cancelled: { icon: Ban, word: 'Cancelled', look: 'text-ink-3' },
  unknown: { icon: CircleHelp, word: 'Not known', look: 'font-medium text-ink' },
}
const STARTED: Mark = { icon: Hourglass, word: 'Under way', look: 'font-medium text-ink' }

const markOf = ({ state, startedAt }: Pick<CommandView, 'state' | 'startedAt'>): Mark =>
  state === 'sent' && startedAt !== null ? STARTED : MARKS[state]

export const commandStateWord = (command: Pick<CommandView, 'state' | 'startedAt'>): string => markOf(command).word

export const isOver = ({ state }: Pick<CommandView, 'state'>): boolean => state !== 'waiting' && state !== 'sent'

/** What became of a command: shape and word, and red alone where the kernel or its tool said no. */
export const CommandMark = ({ command }: { command: Pick<CommandView, 'state' | 'startedAt'> }) => {
  const { icon: Icon, word, look } = markOf(command)
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${look}`}>
      <Icon size={14} aria-hidden className="flex-none" />
      {word}
    </span>
  )
}
