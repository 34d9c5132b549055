import type { AuditResult } from '@rebootless/shared/domain/words.ts'
import { Ban, Check, TriangleAlert } from 'lucide-react'

const MARKS = {
  done: { icon: Check, word: 'Done', look: 'text-ink-3' },
  refused: { icon: Ban, word: 'Refused', look: 'font-medium text-ink' },
  failed: { icon: TriangleAlert, word: 'Failed', look: 'font-medium text-ink' },
} as const satisfies Record<AuditResult, object>

/** How it ended: a shape and a word, no colour, since nothing here is a state of a kernel. */
export const ResultMark = ({ result }: { result: AuditResult }) => {
  const { icon: Icon, word, look } = MARKS[result]
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle text-12 whitespace-nowrap ${look}`}>
      <Icon size={14} aria-hidden className="flex-none" />
      {word}
    </span>
  )
}
