import type { Advice } from '@rebootless/shared/contract/transition.ts'
import { Clock, Radio, RotateCcw, Skull, Undo2, Zap } from 'lucide-react'
import type { ReactNode } from 'react'
import { ADVICE_WORDS } from './blocking-words.ts'
import { HostText } from './host-text.tsx'

const ICONS = { wait: Clock, restart_unit: RotateCcw, kill: Skull, signal: Radio, reverse: Undo2, force: Zap }

/** What can be done about a blocking task, or cannot and why. `children`: the button that does it, where one can. */
export const AdviceRow = ({ advice, children }: { advice: Advice; children?: ReactNode }) => {
  const Icon = ICONS[advice.action]
  return (
    <li className={`flex gap-3 border-t border-line py-2.5 ${advice.possible ? '' : 'text-ink-3'}`}>
      <Icon
        size={16}
        strokeWidth={1.75}
        aria-hidden
        className={`mt-0.5 flex-none ${advice.possible ? 'text-ink-2' : 'text-ink-4'}`}
      />
      <div className="min-w-0 flex-1">
        <p className={advice.possible ? 'font-medium' : ''}>{ADVICE_WORDS[advice.action]}</p>
        <p className="text-12 wrap-anywhere text-ink-3">
          <HostText value={advice.text} max={500} />
        </p>
      </div>
      {advice.recommended ? (
        <span className="h-5 rounded-[4px] border border-line-2 px-1.5 text-11 leading-[18px] whitespace-nowrap text-ink-2">
          Recommended
        </span>
      ) : advice.possible ? null : (
        <span className="text-11 whitespace-nowrap text-ink-3">Cannot help</span>
      )}
      {children ? <span className="flex-none">{children}</span> : null}
    </li>
  )
}
