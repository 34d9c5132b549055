import { useQuery } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useProofWanted } from '../api/proof-desk.ts'
import { PasswordBand } from '../features/access/password-band.tsx'
import { sessionQuery } from '../features/access/queries.ts'
import { freezeQuery } from '../features/freeze/queries.ts'
import { announce, useSpoken } from '../live/announcer.ts'
import { useLiveStatus } from '../live/live-store.ts'
import { useFleetEvents } from '../live/use-fleet-events.ts'
import { HatchPatterns } from '../ui/hatch-patterns.tsx'
import { useKeys, useLeavingFilter } from './keys.ts'
import { LostBand } from './lost-band.tsx'
import { BottomBar, Rail } from './rail.tsx'
import { useKeptFocus } from './use-kept-focus.ts'
import { WaitingBand } from './waiting-approvals.tsx'

const Palette = lazy(() => import('./palette.tsx'))
const KeysDialog = lazy(() => import('./keys-dialog.tsx'))
const FreezeBand = lazy(() => import('../features/freeze/freeze-band.tsx'))
const FreezeDialog = lazy(() => import('../features/freeze/freeze-dialog.tsx'))
const ProveAgainDialog = lazy(() => import('../features/access/prove-again-dialog.tsx'))

/** Moves focus to the page and says its name after each change of path, but not of search, and not at first. */
const useRouteFocus = () => {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (before.current !== undefined && path !== before.current) {
      main.current?.focus({ preventScroll: true })
      announce(document.title)
    }
    before.current = path
  }, [path])
  return main
}

/** What surrounds every page for a person who is signed in: rail, keys, palette, stream, live region. */
export const Shell = () => {
  const retryNow = useFleetEvents()
  const main = useRouteFocus()
  const spoken = useSpoken()
  const proofWanted = useProofWanted()
  const lost = useLiveStatus().connection === 'lost'
  const navigate = useNavigate()
  const session = useQuery(sessionQuery).data
  const freeze = useQuery(freezeQuery).data
  const [open, setOpen] = useState<'palette' | 'keys' | 'freeze' | null>(null)
  const onFreeze = () => setOpen('freeze')
  useLeavingFilter()
  useKeptFocus()
  useKeys(
    useMemo(
      () => ({
        'g f': () => void navigate({ to: '/' }),
        'g h': () => void navigate({ to: '/hosts' }),
        'g p': () => void navigate({ to: '/patches' }),
        'g r': () => void navigate({ to: '/rollouts' }),
        'g c': () => void navigate({ to: '/compliance' }),
        'g n': () => void navigate({ to: '/alerts' }),
        'g l': () => void navigate({ to: '/lab' }),
        'g a': () => void navigate({ to: '/audit' }),
        'g v': () => void navigate({ to: '/approvals' }),
        'g s': () => void navigate({ to: '/settings' }),
        '?': () => setOpen('keys'),
        'mod+k': () => setOpen('palette'),
        '/': () => {
          const filter = document.querySelector<HTMLElement>('[data-page-filter]')
          if (filter) filter.focus()
          else setOpen('palette')
        },
      }),
      [navigate],
    ),
  )
  return (
    <div className="min-h-dvh desk:grid desk:grid-cols-[56px_minmax(0,1fr)] wide:grid-cols-[200px_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-30 rounded-control bg-ink px-3 py-2 text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <HatchPatterns />
      <Rail onFind={() => setOpen('palette')} onFreeze={onFreeze} frozen={freeze?.frozen ?? false} />
      <main
        id="content"
        ref={main}
        tabIndex={-1}
        className="min-w-0 pb-[calc(56px+env(safe-area-inset-bottom))] outline-none desk:pb-0"
      >
        <LostBand onRetry={retryNow} />
        {freeze?.frozen ? (
          <Suspense>
            <FreezeBand freeze={freeze} onLift={onFreeze} />
          </Suspense>
        ) : null}
        {session ? <PasswordBand session={session} /> : null}
        <WaitingBand />
        <div className={lost ? 'faded-state' : 'transition-[filter]'}>
          <Outlet />
        </div>
      </main>
      <BottomBar onFind={() => setOpen('palette')} onFreeze={onFreeze} frozen={freeze?.frozen ?? false} />
      <div role="status" aria-live="polite" className="sr-only">
        {spoken}
      </div>
      {proofWanted ? (
        <Suspense>
          <ProveAgainDialog />
        </Suspense>
      ) : null}
      {open === 'palette' ? (
        <Suspense>
          <Palette onClose={() => setOpen(null)} onFreeze={onFreeze} frozen={freeze?.frozen ?? false} />
        </Suspense>
      ) : null}
      {open === 'freeze' && session ? (
        <Suspense>
          <FreezeDialog session={session} onClose={() => setOpen(null)} />
        </Suspense>
      ) : null}
      {open === 'keys' ? (
        <Suspense>
          <KeysDialog onClose={() => setOpen(null)} />
        </Suspense>
      ) : null}
    </div>
  )
}
