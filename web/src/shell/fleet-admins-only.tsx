import type { Session } from '@rebootless/shared/contract/session.ts'
import { ROLE_WORDS } from './role-words.ts'

/** Instead of a page that is of admins of the whole fleet, for whoever is none. */
export const FleetAdminsOnly = ({ what, session }: { what: string; session: Session | undefined }) => (
  <p className="text-ink-2">
    {what} are seen and changed by admins of the whole fleet. You are{' '}
    {session === undefined ? 'not' : ROLE_WORDS[session.role].word.toLowerCase()}
    {session?.scope == null ? '' : ' with a scope'}: ask one of them.
  </p>
)
