import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import { useQuery } from '@tanstack/react-query'
import { Hammer } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useContext, useMemo, useState } from 'react'
import { ActingContext } from '../../shell/acting.tsx'
import { useKeys } from '../../shell/keys.ts'
import { Button } from '../../ui/button.tsx'
import type { PossibleAction } from './act-words.ts'
import { hostActionsQuery } from './queries.ts'

const ActDialog = lazy(() => import('./act-dialog.tsx'))

/** Around a host's page: knows what can be done now, and holds the dialog in which it is done. */
export const ActHost = ({
  host,
  transition,
  children,
}: {
  host: HostDetail
  /** The running one, or the last. */
  transition: TransitionView | null
  children: ReactNode
}) => {
  const possible = useQuery(hostActionsQuery(host.id)).data
  const [chosen, setChosen] = useState<PossibleAction | 'list' | null>(null)
  const acting = useMemo(
    () =>
      possible === undefined
        ? null
        : { actions: possible.actions, open: (one: PossibleAction | null) => setChosen(one ?? 'list') },
    [possible],
  )
  useKeys(useMemo(() => ({ a: () => setChosen('list') }), []))
  return (
    <ActingContext value={acting}>
      {children}
      {chosen === null || possible === undefined ? null : (
        <Suspense>
          <ActDialog
            acted={{ host, possible, transition: transition?.endedAt === null ? transition : null }}
            first={chosen === 'list' ? null : chosen}
            onClose={() => setChosen(null)}
          />
        </Suspense>
      )}
    </ActingContext>
  )
}

export const ActMenuButton = () => {
  const acting = useContext(ActingContext)
  return (
    <Button
      kind="primary"
      aria-haspopup="dialog"
      disabled={acting === null}
      onClick={() => acting?.open(null)}
      className="disabled:bg-sunken"
    >
      <Hammer size={14} aria-hidden />
      Act
    </Button>
  )
}
