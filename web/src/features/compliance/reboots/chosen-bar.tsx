import type { RebootDebtHost } from '@rebootless/shared/contract/reboot-debt.ts'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { narrowedWords } from './narrowed-words.ts'
import type { Meant } from './plan-dialog.tsx'
import type { DebtAsked } from './queries.ts'

const ownerOf = (hosts: readonly RebootDebtHost[]): string => {
  const owners = new Set(hosts.map(({ plan }) => plan?.owner ?? ''))
  const [owner = ''] = owners
  return owners.size === 1 ? owner : ''
}

/** How many hosts the list holds, and what is done with those that are chosen, or with all. */
export const ChosenBar = ({
  hosts,
  total,
  asked,
  chosen,
  onChosen,
  onAct,
  onAll,
}: {
  hosts: readonly RebootDebtHost[]
  total: number
  asked: DebtAsked
  chosen: ReadonlySet<string>
  onChosen: (chosen: ReadonlySet<string>) => void
  /** Undefined: whoever looks plans nothing. */
  onAct: ((act: 'plan' | 'cancel', meant: Meant) => void) | undefined
  /** Undefined: the list is not narrowed. An empty one says itself how it is widened. */
  onAll: (() => void) | undefined
}) => {
  const some = hosts.filter(({ id }) => chosen.has(id))
  const words = narrowedWords(asked)
  const meant: Meant =
    some.length > 0
      ? { hosts: { ids: some.map(({ id }) => id) }, count: some.length, owner: ownerOf(some) }
      : { hosts: { filter: '', ...asked }, count: total, owner: '' }
  const which = meant.count === 1 ? 'this one' : some.length > 0 ? `these ${count(some.length)}` : `all ${count(total)}`
  const hasPlans = some.length > 0 ? some.some(({ plan }) => plan !== null) : hosts.some(({ plan }) => plan !== null)
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
      <p role="status" className="text-12 text-ink-3">
        {plural(total, 'host')}
        {words === '' ? '' : `: ${words}`}
        {some.length === 0 ? '' : `; ${count(some.length)} chosen`}
      </p>
      {onAll === undefined || total === 0 ? null : <Button onClick={onAll}>Show all</Button>}
      {onAct === undefined || total === 0 ? null : (
        <span className="ml-auto flex flex-wrap items-center gap-2">
          {some.length === 0 ? null : <Button onClick={() => onChosen(new Set())}>Choose none</Button>}
          {hasPlans ? <Button onClick={() => onAct('cancel', meant)}>Take plans back…</Button> : null}
          <Button kind="primary" onClick={() => onAct('plan', meant)}>
            Plan {which}…
          </Button>
        </span>
      )}
    </div>
  )
}
