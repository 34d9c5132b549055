import type { EnrolmentFacts, EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { clockTime, fullDuration, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { StateGlyph, StateLabel } from '../../ui/state-glyph.tsx'
import { CommandText } from './command-text.tsx'
import { installCommand } from './install-command.ts'

const RUN = 'rebootless-agent run'

/** What to type on a host, from nothing to the running agent. */
export const SetUpSteps = ({
  token,
  facts,
  served,
  onAgain,
}: {
  token: EnrolmentToken | undefined
  facts: EnrolmentFacts | undefined
  /** The token has been used as often as it may be. */
  served: boolean
  onAgain: () => void
}) => {
  const install = facts === undefined ? undefined : (installCommand(facts) ?? undefined)
  return (
    <>
      {facts?.onlyThisMachine ? <OnlyThisMachine server={facts.server} /> : null}
      <ol className="grid gap-4">
        <li>
          <p>
            <b className="font-semibold">Install the agent,</b> as root; it needs Node 20 or later and nothing else:
          </p>
          {facts?.agentFile === null ? (
            <p className="mt-2 text-12 text-ink-3">
              This server was started without a built agent. Build it by <code className="mono">npm run build</code>.
            </p>
          ) : (
            <CommandText text={install} waitingFor="The command is being fetched." />
          )}
        </li>
        <li>
          <p>
            <b className="font-semibold">Make the host known:</b>
          </p>
          <CommandText text={token?.command} waitingFor="The token is being made." />
          <Validity token={token} onAgain={onAgain} served={served} />
        </li>
        <li>
          <p>
            <b className="font-semibold">Start its agent,</b> best as a service that starts with the host:
          </p>
          <CommandText text={RUN} waitingFor="" />
        </li>
      </ol>
    </>
  )
}

/** Whoever copies the command to another machine would wait in vain. */
const OnlyThisMachine = ({ server }: { server: string }) => (
  <div role="note" className="mb-4 flex gap-2.5 rounded-control bg-old-tint px-3 py-2.5 text-ink-2">
    <span className="pt-0.5">
      <StateGlyph state="stale" />
    </span>
    <p className="min-w-0 wrap-anywhere">
      <b className="font-semibold text-ink">Only this machine reaches {server}.</b> For others, start the server with{' '}
      <code className="mono text-[12px]">AGENT_HOST=0.0.0.0</code> and{' '}
      <code className="mono text-[12px]">AGENT_ADDRESS=NAME:PORT</code>.
    </p>
  </div>
)

/** How long the command holds; another one when it no longer does. */
const Validity = ({
  token,
  served,
  onAgain,
}: {
  token: EnrolmentToken | undefined
  served: boolean
  onAgain: () => void
}) => {
  const now = useNow()
  const left = token ? Date.parse(token.expiresAt) - now : 1
  if (token && (left <= 0 || served))
    return (
      <p className="mt-2 flex flex-wrap items-center gap-3 text-12 text-ink-3">
        {served ? 'The command has served.' : 'The command no longer holds.'}
        <Button onClick={onAgain}>Make another</Button>
      </p>
    )
  return (
    <p className="mt-2 min-h-4 text-12 text-ink-3">
      {token
        ? `It works ${token.uses === 1 ? 'once' : `for ${plural(token.uses, 'host')}`}, until ${clockTime(token.expiresAt)}, for ${fullDuration(left)} more.`
        : ''}
    </p>
  )
}

/** Hosts that came while somebody looks. */
export const NewHosts = ({ hosts, onLeave }: { hosts: readonly HostSummary[]; onLeave?: () => void }) => (
  <div role="status" className="flex min-h-13 items-center gap-3">
    {hosts.length === 0 ? (
      <>
        <StateGlyph state="stale" />
        <span className="text-ink-3">The host appears here as soon as it has enrolled.</span>
      </>
    ) : (
      <ul className="grid min-w-0 flex-1 gap-2 py-2">
        {hosts.map((host) => (
          <li key={host.id} className="flex min-w-0 animate-appear items-center gap-3">
            <StateLabel state={host.state} />
            <Link to="/hosts/$id" params={{ id: host.id }} onClick={onLeave} className="quiet-link min-w-0 truncate">
              <HostText value={host.name} max={80} />
            </Link>
            <span className="truncate text-12 text-ink-3">
              {host.readAt === null ? 'enrolled, its agent has not read it yet' : 'enrolled and read'}
            </span>
          </li>
        ))}
      </ul>
    )}
  </div>
)
