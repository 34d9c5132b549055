import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Keyboard, LogOut, Monitor, Moon, OctagonPause, Settings, Signature, Sun } from 'lucide-react'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { forgetPerson } from '../api/query-client.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { KeyList } from './key-list.tsx'
import { setPreference, usePreferences } from './preferences.ts'

/** Looks, keys and the way out. */
export default function AccountDialog({
  onClose,
  onFreeze,
  frozen,
}: {
  onClose: () => void
  onFreeze: () => void
  frozen: boolean
}) {
  const session = useQuery(sessionQuery).data
  const { theme, density } = usePreferences()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [keys, setKeys] = useState(false)
  const signOut = useMutation({
    mutationFn: () => api.delete('/api/v1/session', {}),
    onSuccess: async () => {
      await navigate({ to: '/sign-in' })
      forgetPerson(cache)
    },
  })
  const row = 'flex min-h-12 items-center justify-between gap-4 border-b border-line px-4 py-2'
  if (keys)
    return (
      <Dialog label="Keys" onClose={onClose}>
        <KeyList />
      </Dialog>
    )
  return (
    <Dialog label="You and this browser" onClose={onClose} className="max-w-[400px]">
      <div className={row}>
        <div className="min-w-0">
          <h2 className="truncate text-14">{session?.username}</h2>
          <p className="text-12 text-ink-3">Signed in as {session?.role}</p>
        </div>
        <Link to="/settings/account" onClick={onClose} className={buttonClass('plain', 'large')}>
          <Settings size={14} aria-hidden />
          Settings
        </Link>
      </div>
      <div className={row}>
        <span className="text-ink-2">Theme</span>
        <Segmented
          label="Theme"
          value={theme}
          onChange={(value) => setPreference({ theme: value })}
          segments={[
            { value: 'light', label: 'Light', icon: <Sun size={14} aria-hidden /> },
            { value: 'dark', label: 'Dark', icon: <Moon size={14} aria-hidden /> },
            { value: 'system', label: 'System', icon: <Monitor size={14} aria-hidden /> },
          ]}
        />
      </div>
      <div className={row}>
        <span className="text-ink-2">Rows</span>
        <Segmented
          label="Rows"
          value={density}
          onChange={(value) => setPreference({ density: value })}
          segments={[
            { value: 'comfortable', label: 'Comfortable' },
            { value: 'dense', label: 'Dense' },
          ]}
        />
      </div>
      <div className={`${row} desk:hidden`}>
        <span className="text-ink-2">Changes</span>
        <span className="flex flex-wrap justify-end gap-2">
          <Link to="/approvals" onClick={onClose} className={buttonClass()}>
            <Signature size={14} aria-hidden />
            Approvals
          </Link>
          <Button
            kind="danger"
            onClick={() => {
              onClose()
              onFreeze()
            }}
          >
            <OctagonPause size={14} aria-hidden />
            {frozen ? 'Let changes go on' : 'Stop all changes'}
          </Button>
        </span>
      </div>
      {signOut.isError ? (
        <p role="alert" className="px-4 pt-3 text-danger-text">
          Still signed in: {signOut.error.message}
        </p>
      ) : null}
      <div className="flex flex-wrap justify-between gap-2 p-4">
        <Button size="large" onClick={() => setKeys(true)}>
          <Keyboard size={14} aria-hidden />
          Keys
        </Button>
        <Button size="large" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
          <LogOut size={14} aria-hidden />
          Sign out
        </Button>
      </div>
    </Dialog>
  )
}
