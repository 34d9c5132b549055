import type { Fits } from '@rebootless/shared/domain/patch-words.ts'
import { Ban, CircleCheck, CircleHelp, type LucideIcon } from 'lucide-react'
import { FIT_WORDS } from './fit-words.ts'

const MARKS: Readonly<Record<Fits, { icon: LucideIcon; tone: string }>> = {
  yes: { icon: CircleCheck, tone: 'text-new-text' },
  no: { icon: Ban, tone: 'text-old-text' },
  unknown: { icon: CircleHelp, tone: 'text-ink-3' },
}

export const FitMark = ({ fits }: { fits: Fits }) => {
  const { icon: Icon, tone } = MARKS[fits]
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <Icon size={16} strokeWidth={1.75} aria-hidden className="flex-none" />
      {FIT_WORDS[fits]}
    </span>
  )
}
