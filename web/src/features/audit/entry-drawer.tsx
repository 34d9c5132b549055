import type { AuditRecord } from '@rebootless/shared/contract/audit-api.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { count, exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { ActorName } from './actor-name.tsx'
import { DifferenceTable } from './difference-table.tsx'
import { entryQuery } from './queries.ts'
import { ResultMark } from './result-mark.tsx'

/** One entry, whole: who, what, whom, why, what changed, and its place in the chain. */
export const EntryDrawer = ({ sequence, onClose }: { sequence: number; onClose: () => void }) => {
  const entry = useQuery(entryQuery(sequence))
  return (
    <Dialog
      label={`Entry ${count(sequence)}`}
      onClose={onClose}
      className="mt-0! mr-0! h-dvh max-h-dvh! w-[min(520px,100vw)]! max-w-none! overflow-y-auto! rounded-none!"
    >
      <div className="sticky top-0 flex items-center justify-between border-b border-line bg-raised py-2 pr-2 pl-4">
        <h2 className="text-14">Entry {count(sequence)}</h2>
        <IconButton aria-label="Close" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      {entry.isPending ? (
        <div role="status" className="grid gap-4 p-4">
          <span className="sr-only">The entry is being fetched.</span>
          {['w-40', 'w-64', 'w-32', 'w-56'].map((width) => (
            <Placeholder key={width} className={width} />
          ))}
        </div>
      ) : entry.isError ? (
        <ProblemNotice what="This entry" error={entry.error} onRetry={() => void entry.refetch()} />
      ) : entry.data === null ? (
        <p className="p-4">
          There is no entry {count(sequence)}: the log does not go so far, or it was removed. Verify the log.
        </p>
      ) : (
        <EntryFacts record={entry.data} />
      )}
    </Dialog>
  )
}

const Fact = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 border-b border-line py-2">
    <dt className="text-ink-3">{word}</dt>
    <dd className="min-w-0">{children}</dd>
  </div>
)

const Code = ({ text }: { text: string }) => (
  <span className="mono text-[12px] wrap-anywhere">
    <HostText value={text} max={200} />
  </span>
)

const EntryFacts = ({ record: { sequence, hash, entry } }: { record: AuditRecord }) => {
  const { at, actor, action, target, result, problem, reason, requestId } = entry
  return (
    <div className="grid gap-4 p-4">
      <dl>
        <Fact word="What">
          <Code text={action} />
        </Fact>
        <Fact word="Result">
          <ResultMark result={result} /> {problem === null ? null : <Code text={problem} />}
        </Fact>
        <Fact word="When">
          <time dateTime={at}>{exactTime(at)}</time>
        </Fact>
        <Fact word="Who">
          <ActorName actor={actor} />
        </Fact>
        {actor.address === null ? null : (
          <Fact word="From where">
            <Code text={actor.address} />
          </Fact>
        )}
        {target === null ? null : (
          <Fact word="To what">
            <HostText value={target.name ?? target.id} max={255} />
            <span className="block text-12 text-ink-3">
              <HostText value={target.kind} max={32} /> <Code text={target.id} />
            </span>
            {target.kind === 'host' ? (
              <Link to="/hosts/$id" params={{ id: target.id }} className="quiet-link">
                The host
              </Link>
            ) : target.kind === 'authorisation' ? (
              <Link to="/approvals/$id" params={{ id: target.id }} className="quiet-link">
                The request
              </Link>
            ) : null}
          </Fact>
        )}
        <Fact word="Why">
          {reason === null ? (
            <span className="text-ink-3">no reason was given</span>
          ) : (
            <HostText value={reason} max={1000} />
          )}
        </Fact>
        {requestId === null ? null : (
          <Fact word="Request id">
            <Code text={requestId} />
          </Fact>
        )}
      </dl>
      <section aria-labelledby="entry-difference" className="grid gap-2">
        <h3 id="entry-difference" className="text-13">
          What changed
        </h3>
        <DifferenceTable entry={entry} />
      </section>
      <section aria-labelledby="entry-place" className="grid gap-2">
        <h3 id="entry-place" className="text-13">
          Its place in the chain
        </h3>
        <p className="text-12 text-ink-3">
          Entry {count(sequence)}. Its hash covers this text, its place, and the hash of the entry before it.
        </p>
        <p className="flex items-start gap-3 rounded-control bg-sunken p-3">
          <code className="mono min-w-0 flex-1 text-[12px] wrap-anywhere select-all">{hash}</code>
          <CopyButton text={hash} />
        </p>
      </section>
    </div>
  )
}
