import { clockTime, dayOf } from '../../ui/duration.ts'
import { ShownOnce } from '../../ui/shown-once.tsx'

/** A link for one sign-in, to be sent to whom it is for. */
export const PersonalLink = ({ link, username }: { link: { path: string; expiresAt: string }; username: string }) => (
  <ShownOnce text={`${location.origin}${link.path}`} label={`One-time link of ${username}`}>
    It is not shown again. Give it to {username} by a way that nobody else reads: it signs in once, until{' '}
    {dayOf(link.expiresAt)}, {clockTime(link.expiresAt)}. A password is then set under Settings, Your account.
  </ShownOnce>
)
