import type { User } from '@rebootless/shared/contract/people.ts'
import { Link } from '@tanstack/react-router'
import { ROLE_WORDS } from '../../shell/role-words.ts'
import { ScopeText } from '../../shell/scope-text.tsx'
import { exactTime } from '../../ui/duration.ts'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const CELL = 'py-2 pr-4 align-baseline'
const WIDE = 'max-desk:hidden'

const secondFactor = (user: User): string =>
  user.account === 'local' ? (user.secondFactor ? 'on' : 'off') : 'by the provider'

const LastSignIn = ({ user }: { user: User }) =>
  user.lastSignedInAt === null ? 'never' : <TimeAgo at={user.lastSignedInAt} suffix=" ago" />

/** All who can sign in, and who could. A name opens what can be done. */
export const PeopleTable = ({ users, own }: { users: readonly User[]; own: string }) => (
  <table className="w-full border-collapse">
    <caption className="sr-only">People, their roles and scopes</caption>
    <thead>
      <tr className="border-b border-line text-12 text-ink-3">
        <th className="py-2 pr-4 font-medium">Name</th>
        <th className="py-2 pr-4 font-medium">Role</th>
        <th className={`py-2 pr-4 font-medium ${WIDE}`}>Hosts</th>
        <th className={`py-2 pr-4 font-medium ${WIDE}`}>Second factor</th>
        <th className={`py-2 font-medium ${WIDE}`}>Last sign-in</th>
      </tr>
    </thead>
    <tbody>
      {users.map((user) => (
        <tr key={user.id} className={`border-b border-line ${user.disabledAt === null ? '' : 'text-ink-3'}`}>
          <td className={CELL}>
            <span className="flex flex-wrap items-baseline gap-x-2">
              <Link
                to="/settings/people"
                search={{ user: user.id }}
                resetScroll={false}
                className="quiet-link wrap-anywhere touch:inline-flex touch:min-h-11 touch:items-center"
              >
                {user.username}
              </Link>
              {user.username === own ? <span className="text-12 text-ink-3">you</span> : null}
              {user.disabledAt === null ? null : (
                <span
                  className="rounded-mark border border-line-2 px-1.5 text-11"
                  title={`since ${exactTime(user.disabledAt)}`}
                >
                  disabled
                </span>
              )}
            </span>
            <span className="block text-12 text-ink-3 desk:hidden">
              <ScopeText scope={user.scope} />; second factor {secondFactor(user)};{' '}
              {user.lastSignedInAt === null ? (
                'never signed in'
              ) : (
                <>
                  signed in <LastSignIn user={user} />
                </>
              )}
            </span>
          </td>
          <td className={CELL}>{ROLE_WORDS[user.role].word}</td>
          <td className={`${CELL} ${WIDE}`}>
            <ScopeText scope={user.scope} />
          </td>
          <td className={`${CELL} ${WIDE}`}>{secondFactor(user)}</td>
          <td className={`py-2 align-baseline ${WIDE}`}>
            <LastSignIn user={user} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

export const PeopleLoading = () => (
  <div aria-busy="true" className="divide-y divide-line border-b border-line">
    <p role="status" className="sr-only">
      The people are loading.
    </p>
    {['w-24', 'w-36', 'w-28', 'w-32'].map((width) => (
      <div key={width} className="flex h-10 items-center gap-8">
        <Placeholder className={width} />
        <Placeholder className="w-20" />
        <Placeholder className="w-48" />
      </div>
    ))}
  </div>
)
