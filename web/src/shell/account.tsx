import { useQuery } from '@tanstack/react-query'
import { UserRound } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'

const AccountDialog = lazy(() => import('./account-dialog.tsx'))

/** Who is signed in; opens looks, keys and the way out. */
export const AccountButton = ({
  className,
  stacked = false,
  onFreeze,
  frozen,
}: {
  className: string
  stacked?: boolean
  onFreeze: () => void
  frozen: boolean
}) => {
  const [open, setOpen] = useState(false)
  const session = useQuery(sessionQuery).data
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)} aria-haspopup="dialog">
        <UserRound
          size={stacked ? 20 : 16}
          strokeWidth={1.75}
          aria-hidden
          className={stacked ? '' : 'flex-none text-ink-3'}
        />
        {stacked ? (
          'You'
        ) : (
          <span className="min-w-0 flex-1 truncate text-left max-wide:sr-only">
            {session?.username ?? 'You'}
            <span className="ml-1.5 text-12 text-ink-3">{session?.role}</span>
          </span>
        )}
      </button>
      {open ? (
        <Suspense>
          <AccountDialog onClose={() => setOpen(false)} onFreeze={onFreeze} frozen={frozen} />
        </Suspense>
      ) : null}
    </>
  )
}
