import type { CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { Link } from '@tanstack/react-router'
import { HostText } from '../../ui/host-text.tsx'

/** Who put a patch in, and by which rollout or request. */
export const BroughtByLine = ({ command }: { command: CommandView }) => (
  <>
    put in by <HostText value={command.requestedBy} max={64} />,{' '}
    {command.rollout === null ? (
      <Link to="/approvals/$id" params={{ id: command.authorisationId }} className="quiet-link touch:py-3">
        the request
      </Link>
    ) : (
      <>
        rollout{' '}
        <Link to="/rollouts/$id" params={{ id: command.rollout.id }} className="quiet-link touch:py-3">
          <HostText value={command.rollout.name} max={120} />
        </Link>
      </>
    )}
  </>
)
