import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

/** What an address said wrongly, and what stands in its place. */
export const Corrections = ({ said }: { said: readonly string[] }) => (
  <div role="alert" className="border-b border-line bg-sunken px-6 py-2 text-12 max-desk:px-4">
    <p className="font-medium">The address was corrected</p>
    <ul>
      {said.map((one) => (
        <li key={one} className="break-words text-ink-2">
          {one}
        </li>
      ))}
    </ul>
  </div>
)

export const WorkerFailed = ({ message, onRetry }: { message: string; onRetry: () => void }) => (
  <Notice
    role="alert"
    mark={<StateGlyph state="failed" size={20} />}
    title="The simulation could not be computed"
    actions={
      <Button kind="primary" size="large" onClick={onRetry}>
        Try again
      </Button>
    }
  >
    <p>
      It runs in this browser, in a worker of its own, and the worker ended: {message} Fewer tasks or seconds need less
      memory. Where a browser or its extensions forbid workers, the Lab cannot run.
    </p>
  </Notice>
)
