import type { Session } from '@rebootless/shared/contract/session.ts'
import { Link, useRouterState } from '@tanstack/react-router'
import { KeyRound, X } from 'lucide-react'
import { useState } from 'react'
import { buttonClass, IconButton } from '../../ui/button.tsx'

const PLACE = '/settings/account'
const KEY = 'rebootless.password-put-off'

/** By whom, in this window: whoever signs in next is told again. */
const readPutOff = (): string | null => {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** Told to whoever came in by a one-time link and has no other way to come back, until there is one or it is put off. */
export const PasswordBand = ({ session }: { session: Session }) => {
  const [putOff, setPutOff] = useState(readPutOff)
  const there = useRouterState({ select: ({ location }) => location.pathname === PLACE })
  if (session.account !== 'local' || session.hasPassword || putOff === session.username || there) return null
  return (
    <section
      aria-label="No password yet"
      className="flex min-h-11 animate-appear flex-wrap items-center gap-x-2.5 gap-y-1.5 border-b border-line-2 bg-sunken px-6 py-1.5 max-desk:px-4"
    >
      <KeyRound size={16} aria-hidden className="flex-none text-ink-3" />
      <p className="min-w-0 flex-1 basis-60 text-ink-2">
        <b className="font-semibold text-ink">You have no password yet.</b> The link that let you in is spent: without a
        password you come back only by another one.
      </p>
      <Link to={PLACE} className={buttonClass()}>
        Set a password
      </Link>
      <IconButton
        aria-label="Not now"
        onClick={() => {
          try {
            sessionStorage.setItem(KEY, session.username)
          } catch {
            // Not kept, but put off for this page.
          }
          setPutOff(session.username)
        }}
      >
        <X size={14} aria-hidden />
      </IconButton>
    </section>
  )
}
