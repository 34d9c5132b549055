import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import type { RebootAnswer } from '@rebootless/shared/domain/words.ts'
import { RotateCw, ShieldCheck } from 'lucide-react'

/** Marks a host that waits for a reboot; `brief` leaves the words to readers and to the pointer. */
export const RebootMark = ({ answer, brief = false }: { answer: RebootAnswer; brief?: boolean }) => {
  if (answer === 'no' || answer === 'unknown') return null
  const covered = answer === 'yes_but_covered'
  const Icon = covered ? ShieldCheck : RotateCw
  const { word, meaning } = REBOOT_WORDS[answer]
  return (
    <span
      title={`Reboot ${word.toLowerCase()}: ${meaning}`}
      className={`inline-flex flex-none items-center gap-1 text-12 font-medium ${covered ? 'text-ink-2' : 'text-old-text'}`}
    >
      <Icon size={13} aria-hidden />
      <span className={brief ? 'sr-only' : ''}>Reboot {word.toLowerCase()}</span>
    </span>
  )
}
