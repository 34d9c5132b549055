import { RotateCw } from 'lucide-react'
import { ApiProblem } from '../api/api-problem.ts'
import { Button } from '../ui/button.tsx'
import { HostText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

/** An error where its answer would stand: what happened, what to do, and what to quote when asking for help. */
export const ProblemNotice = ({ error, onRetry, what }: { error: Error; onRetry: () => void; what: string }) => {
  const problem = error instanceof ApiProblem ? error : null
  return (
    <Notice
      role="alert"
      mark={<StateGlyph state="failed" size={20} />}
      title={`${what} could not be shown`}
      actions={
        <Button kind="primary" size="large" onClick={onRetry}>
          <RotateCw size={14} aria-hidden />
          Try again
        </Button>
      }
    >
      <p>
        <HostText value={problem?.detail ?? error.message} max={600} />
      </p>
      {problem?.requestId ? (
        <p className="text-12 text-ink-3">
          Request <code className="mono text-ink-2 select-all">{problem.requestId}</code>, as in the server's log
        </p>
      ) : null}
    </Notice>
  )
}
