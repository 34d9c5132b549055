import type { SingleSignOnSetup } from '@rebootless/shared/contract/session.ts'
import type { ReactNode } from 'react'
import { ROLE_WORDS } from '../../shell/role-words.ts'
import { ScopeText } from '../../shell/scope-text.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { HostText } from '../../ui/host-text.tsx'

const wayBack = () => `${location.origin}/api/v1/session/oidc/callback`

/** How single sign-on is set up. It is set by environment alone, so that nobody who gets in can open another door. */
export const SingleSignOnOn = ({ setup }: { setup: SingleSignOnSetup }) => (
  <div className="grid gap-6">
    <dl className="grid max-w-[720px] gap-x-6 gap-y-3 desk:grid-cols-[160px_minmax(0,1fr)]">
      <Fact term="Issuer">
        <HostText value={setup.issuer} />
      </Fact>
      <Fact term="Client id">
        <HostText value={setup.clientId} />
      </Fact>
      <Fact term="Client secret">{setup.hasSecret ? 'set, and not shown' : 'none: held by PKCE alone'}</Fact>
      <Fact term="Redirect URI">
        <WayBack />
      </Fact>
      <Fact term="Groups from claim">
        <HostText value={setup.groupsClaim} />
      </Fact>
      <Fact term="ID tokens signed by">{setup.algorithm}</Fact>
    </dl>
    <table className="w-full max-w-[720px] border-collapse">
      <caption className="pb-2 text-left text-12 text-ink-3">
        The first row whose group somebody is in counts, at each sign-in. Without one there is no way in.
      </caption>
      <thead>
        <tr className="border-b border-line text-12 text-ink-3">
          <th className="py-2 pr-4 font-medium">Group</th>
          <th className="py-2 pr-4 font-medium">Role</th>
          <th className="py-2 font-medium">Hosts</th>
        </tr>
      </thead>
      <tbody>
        {setup.groups.map(({ group, role, scope }) => (
          <tr key={`${group} ${role} ${scope}`} className="border-b border-line">
            <td className="py-2 pr-4">
              <HostText value={group} />
            </td>
            <td className="py-2 pr-4">{ROLE_WORDS[role].word}</td>
            <td className="py-2">
              <ScopeText scope={scope} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div className="contents">
    <dt className="text-ink-3 max-desk:-mb-2">{term}</dt>
    <dd className="min-w-0 wrap-anywhere">{children}</dd>
  </div>
)

const WayBack = () => (
  <span className="flex flex-wrap items-center gap-3">
    <code className="mono wrap-anywhere select-all">{wayBack()}</code>
    <CopyButton text={wayBack} />
  </span>
)

const SETTINGS = `OIDC_ISSUER=https://id.example.org
OIDC_CLIENT_ID=rebootless
OIDC_CLIENT_SECRET_FILE=/etc/rebootless/oidc-secret
OIDC_ROLES='fleet admins=admin; staging=operator@label.env:staging'`

/** What would turn it on. */
export const SingleSignOnOff = () => (
  <div className="grid max-w-[720px] gap-4">
    <p>
      It is off: people sign in with a password. To turn it on, register this server at your identity provider (OpenID
      Connect, authorisation code with PKCE) with this redirect URI:
    </p>
    <WayBack />
    <p>Then start the server with these settings, the values being your own:</p>
    <div className="flex items-start gap-3 rounded-control bg-sunken p-3">
      <pre className="mono min-w-0 flex-1 py-1 text-[12px] whitespace-pre-wrap wrap-anywhere">{SETTINGS}</pre>
      <CopyButton text={SETTINGS} />
    </div>
    <p className="text-ink-3">
      <code className="mono">OIDC_ROLES</code> gives each group a role and, behind an @, the labels of its hosts.
      Passwords keep working beside it.
    </p>
  </div>
)
