import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import { HostText } from '../../ui/host-text.tsx'

const KINDS = { user: null, token: 'API token', host: 'host', server: null } as const

/** Who did it. What a host or a script calls itself is only a name. */
export const ActorName = ({ actor }: { actor: AuditActor }) => {
  const kind = KINDS[actor.kind]
  return (
    <>
      <HostText value={actor.name === '' ? 'unknown' : actor.name} max={80} />
      {kind === null ? null : <span className="ml-1.5 text-12 font-normal text-ink-3">{kind}</span>}
    </>
  )
}
