import { ApiProblem } from '../api/api-problem.ts'
import { HostText } from '../ui/host-text.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

/** What was asked for was not done: beside the control that asked. */
export const Refusal = ({ error, lead, after }: { error: Error; lead?: string; after?: string | undefined }) => (
  <div role="alert" className="flex animate-appear gap-2.5 rounded-control bg-danger-tint px-3 py-2.5 text-danger-text">
    <span className="pt-0.5">
      <StateGlyph state="failed" />
    </span>
    <p className="min-w-0">
      {lead ? <b className="font-semibold">{lead} </b> : null}
      <HostText value={error instanceof ApiProblem ? error.detail : error.message} max={600} />
      {after ? ` ${after}` : null}
      {error instanceof ApiProblem && error.requestId ? (
        <span className="block text-12">
          Request <code className="mono select-all">{error.requestId}</code>
        </span>
      ) : null}
    </p>
  </div>
)
