import { actTitle } from '@rebootless/shared/domain/act-words.ts'
import { ChevronRight } from 'lucide-react'
import { HostText } from '../../ui/host-text.tsx'
import { ACT_ICONS } from './act-icons.ts'
import type { PossibleAction } from './act-words.ts'
import { approvalsWord } from './approvals-word.ts'

/** A transition that has turned round since is another. */
export const keyOf = ({ action, patch, provider, target }: PossibleAction): string =>
  JSON.stringify([action, patch, provider, target])

/** Everything that can be done, and what cannot, with the reason. */
export const ActList = ({
  actions,
  onChoose,
}: {
  actions: readonly PossibleAction[]
  onChoose: (chosen: PossibleAction) => void
}) => {
  const sorted = [...actions].sort((left, right) => Number(left.refusal !== null) - Number(right.refusal !== null))
  // Where all is refused for one reason, as on a host that is only observed, it is said once.
  const [first] = sorted
  const common = sorted.every(({ refusal }) => refusal === first?.refusal) ? (first?.refusal ?? null) : null
  return (
    <>
      {common === null ? null : (
        <p className="border-b border-line px-4 py-3 text-ink-2 wrap-anywhere">
          <HostText value={common} max={700} />
        </p>
      )}
      <ul>
        {sorted.map((possible) => (
          <li key={keyOf(possible)} className="border-b border-line last:border-b-0">
            <Row possible={possible} saysWhy={common === null} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </>
  )
}

const Row = ({
  possible,
  saysWhy,
  onChoose,
}: {
  possible: PossibleAction
  saysWhy: boolean
  onChoose: (chosen: PossibleAction) => void
}) => {
  const { action, refusal, waitsFor, dangerous, approvals } = possible
  const Icon = ACT_ICONS[action]
  const can = refusal === null
  const note = [approvals > 0 ? approvalsWord(approvals) : null, waitsFor].filter((one) => one !== null).join('; ')
  return (
    <button
      type="button"
      disabled={!can}
      onClick={() => onChoose(possible)}
      className="flex min-h-12 w-full items-center gap-3 px-4 py-2 text-left transition-colors enabled:hover:bg-hover focus-visible:-outline-offset-2 disabled:cursor-not-allowed"
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden className={`flex-none ${can ? 'text-ink-2' : 'text-ink-4'}`} />
      <span className="min-w-0 flex-1">
        <span
          className={`block wrap-anywhere ${can ? 'font-medium' : 'text-ink-3'} ${can && dangerous ? 'text-danger-text' : ''}`}
        >
          <HostText value={actTitle(possible)} max={120} />
        </span>
        {(can ? note === '' : !saysWhy) ? null : (
          <span className="block text-12 wrap-anywhere text-ink-3">
            <HostText value={refusal ?? note} max={700} />
          </span>
        )}
      </span>
      {can ? <ChevronRight size={14} aria-hidden className="flex-none text-ink-3" /> : null}
    </button>
  )
}
