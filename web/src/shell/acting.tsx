import type { HostActions } from '@rebootless/shared/contract/commands-api.ts'
import type { CommandAction } from '@rebootless/shared/domain/words.ts'
import { createContext, useContext } from 'react'
import { Button } from '../ui/button.tsx'
import { visibleText } from '../ui/host-text.tsx'

type PossibleAction = HostActions['actions'][number]

export interface Acting {
  readonly actions: readonly PossibleAction[]
  /** Opens the dialog for one act, or for all. */
  readonly open: (chosen: PossibleAction | null) => void
}

/** By it the parts of a host's page offer what can be done, without knowing how. Null: not known yet. */
export const ActingContext = createContext<Acting | null>(null)

/**
 * Offers one act where its reason is read. One that cannot be done stays and says why, and shows all that can instead: a
 * phone has no pointer that could rest on it. Nothing where the act is not among those of the host.
 */
export const ActButton = ({
  action,
  patch = null,
  label,
  about,
}: {
  action: CommandAction
  patch?: string | null
  label: string
  /** What it is done to, for whoever does not see where it stands. */
  about?: string
}) => {
  const acting = useContext(ActingContext)
  const found = acting?.actions.find((one) => one.action === action && (patch === null || one.patch === patch))
  if (!acting || !found) return null
  const { refusal } = found
  const why = refusal === null ? '' : visibleText(refusal, 700)
  return (
    <Button
      aria-haspopup="dialog"
      title={why || undefined}
      aria-label={`${label}${about ? ` ${about}` : ''}${why ? `. Not now: ${why}` : ''}`}
      kind={refusal === null && found.dangerous ? 'danger' : 'plain'}
      className={refusal === null ? '' : 'text-ink-3!'}
      onClick={() => acting.open(refusal === null ? found : null)}
    >
      {label}
    </Button>
  )
}
