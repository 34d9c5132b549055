import type { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { useMutation } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'

const AddHostDialog = lazy(() => import('./add-host-dialog.tsx'))

/** Makes a join token and shows what to type with it. Nothing for whoever is no administrator. */
export const AddHost = ({
  allowed,
  kind = 'plain',
  className = '',
}: {
  allowed: boolean
  kind?: 'plain' | 'primary'
  className?: string
}) => {
  const [openedAt, setOpenedAt] = useState<number | null>(null)
  const token = useMutation({
    mutationFn: (): Promise<EnrolmentToken> => api.post('/api/v1/enrolment-tokens', { body: {} }),
    // The token is a secret: it goes with the dialog that shows it.
    gcTime: 0,
  })
  if (!allowed) return null
  return (
    <>
      <Button
        size="large"
        kind={kind}
        className={className}
        aria-haspopup="dialog"
        onClick={() => {
          setOpenedAt(Date.now())
          token.mutate()
        }}
      >
        <Plus size={14} aria-hidden />
        Add a host
      </Button>
      {openedAt === null ? null : (
        <Suspense>
          <AddHostDialog
            token={token.data}
            error={token.error}
            openedAt={openedAt}
            onAgain={() => token.mutate()}
            onClose={() => {
              setOpenedAt(null)
              token.reset()
            }}
          />
        </Suspense>
      )}
    </>
  )
}
