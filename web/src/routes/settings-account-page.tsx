import { useQuery } from '@tanstack/react-query'
import { PasswordForm } from '../features/access/password-form.tsx'
import { sessionQuery } from '../features/access/queries.ts'
import { SecondFactor } from '../features/access/second-factor.tsx'
import { SessionList } from '../features/access/session-list.tsx'
import { BrowserNotifications } from '../features/push/browser-notifications.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ROLE_WORDS } from '../shell/role-words.ts'
import { HostText } from '../ui/host-text.tsx'
import { Section } from '../ui/section.tsx'

export const SettingsAccountPage = () => {
  usePageTitle('Your account')
  const session = useQuery(sessionQuery).data
  // The route above has asked already: without a session there is no page.
  if (session === undefined) return null
  return (
    <>
      <Section
        title={session.username}
        about={
          <>
            <p>
              <span className="text-ink-2">{ROLE_WORDS[session.role].word}.</span> {ROLE_WORDS[session.role].about}
            </p>
            <p>
              {session.scope === null ? (
                'On all hosts of the fleet.'
              ) : (
                <>
                  On hosts that match{' '}
                  <code className="mono text-ink-2">
                    <HostText value={session.scope} />
                  </code>
                  : others you do not see.
                </>
              )}
            </p>
          </>
        }
      />
      <Section title="Password">
        <PasswordForm session={session} />
      </Section>
      <Section title="Second factor">
        <SecondFactor session={session} />
      </Section>
      <Section
        title="Notifications"
        about="Alerts on the screen of a browser, also while these pages are closed. They are encrypted for it; the browser’s maker carries them."
      >
        <BrowserNotifications />
      </Section>
      <Section title="Where you are signed in" about="What a browser calls itself is its own word, and no proof.">
        <SessionList />
      </Section>
    </>
  )
}
