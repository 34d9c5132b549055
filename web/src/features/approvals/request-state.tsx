import type { AuthorisationState } from '@rebootless/shared/domain/authorisation-state.ts'
import { Ban, CircleSlash, Clock, Flag, type LucideIcon, Signature, TimerOff } from 'lucide-react'

const MARKS: Readonly<Record<AuthorisationState, { icon: LucideIcon; word: string; look: string }>> = {
  waiting: { icon: Clock, word: 'Waiting', look: 'font-medium text-ink' },
  approved: { icon: Signature, word: 'Approved', look: 'font-medium text-ink' },
  // Not a tick: what it came to is each host's to say.
  done: { icon: Flag, word: 'Ended', look: 'text-ink-2' },
  cancelled: { icon: Ban, word: 'Cancelled', look: 'text-ink-3' },
  void: { icon: CircleSlash, word: 'Void', look: 'font-medium text-ink' },
  expired: { icon: TimerOff, word: 'Expired', look: 'text-ink-3' },
}

/** What a request is worth: a shape and a word, no colour, since nothing here is a state of a kernel. */
export const RequestMark = ({ state }: { state: AuthorisationState }) => {
  const { icon: Icon, word, look } = MARKS[state]
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${look}`}>
      <Icon size={14} aria-hidden className="flex-none" />
      {word}
    </span>
  )
}
