import type { DecisionKind } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { clockTime, dayOf, exactTime, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { readOlderDecisions, rolloutDecisionsQuery } from '../queries.ts'
import type { Decision } from './decision-log.ts'

/** What stands out in a log; the rest is a dot. */
const MARKS: Partial<Record<DecisionKind, HostState>> = {
  ...{ 'wave begun': 'patching', 'wave done': 'patched', done: 'patched' },
  ...{ paused: 'stalled', 'paused by itself': 'stalled', stalled: 'stalled', 'gate shut': 'stalled' },
  ...{ reversing: 'unpatching', 'reversing by itself': 'unpatching' },
  ...{ failed: 'failed', 'reversed in part': 'failed', vanished: 'offline', aborted: 'offline' },
}

/** Every decision, newest first: who, what, and because of what. */
export const TimeLine = ({ id }: { id: string }) => {
  const cache = useQueryClient()
  const log = useQuery(rolloutDecisionsQuery(id))
  const older = useMutation({ mutationFn: () => readOlderDecisions(cache, id) })
  return (
    <section
      aria-labelledby="decisions"
      className="border-line px-6 py-4 max-wide:border-t max-desk:px-4 wide:border-l wide:px-5"
    >
      <h2 id="decisions" className="flex items-baseline justify-between gap-3 text-13">
        Decisions
        {log.data ? (
          <span className="text-12 font-normal text-ink-3">{plural(log.data.total, 'entry', 'entries')}</span>
        ) : null}
      </h2>
      {log.isPending ? (
        <div aria-busy="true" className="mt-3 grid gap-4">
          {['w-40', 'w-56', 'w-48'].map((width) => (
            <Placeholder key={width} className={width} />
          ))}
        </div>
      ) : log.isError && log.data === undefined ? (
        <div className="mt-2 grid gap-2">
          <Refusal error={log.error} lead="The log could not be read." />
          <div>
            <Button onClick={() => void log.refetch()}>Try again</Button>
          </div>
        </div>
      ) : log.data?.items.length === 0 ? (
        <p className="mt-2 text-ink-3">Nothing was decided yet: the log begins when somebody starts it.</p>
      ) : (
        <ol aria-label="Decisions, newest first" className="mt-2">
          {log.data?.items.map((decision, index, all) => (
            <Entry key={decision.number} decision={decision} before={all[index - 1]} />
          ))}
        </ol>
      )}
      {log.data && log.data.items.length < log.data.total ? (
        <div className="mt-3 grid gap-2">
          {older.isError ? <Refusal error={older.error} lead="No older ones came." /> : null}
          <div>
            <Button disabled={older.isPending} onClick={() => older.mutate()}>
              Show older
            </Button>
          </div>
        </div>
      ) : null}
    </section>
  )
}

const Entry = ({ decision, before }: { decision: Decision; before: Decision | undefined }) => {
  const { at, kind, sentence, because, by, hosts } = decision
  const mark = MARKS[kind]
  const only = hosts.length === 1 ? hosts[0] : undefined
  return (
    <>
      {before === undefined || dayOf(before.at) !== dayOf(at) ? (
        <li className="pt-1 pb-1.5 text-11 font-medium text-ink-3">{dayOf(at)}</li>
      ) : null}
      <li className="grid grid-cols-[56px_16px_minmax(0,1fr)] gap-x-2.5 pb-3.5">
        <time dateTime={at} title={exactTime(at)} className="text-right text-12 leading-5 text-ink-3">
          {clockTime(at)}
        </time>
        <span className="grid h-5 place-items-center">
          {mark === undefined ? (
            <i aria-hidden className="size-[7px] rounded-full border-[1.5px] border-line-3" />
          ) : (
            <StateGlyph state={mark} />
          )}
        </span>
        <div className="min-w-0">
          <p className="font-medium wrap-anywhere">
            <HostText value={sentence} max={600} />
          </p>
          {because === null ? null : (
            <p className="text-12 wrap-anywhere text-ink-2">
              <HostText value={because} max={600} />
            </p>
          )}
          <p className="flex flex-wrap gap-x-3 text-12 text-ink-3">
            <span>{by === null ? 'by itself' : <HostText value={by} max={64} />}</span>
            {only === undefined ? (
              hosts.length > 0 ? (
                <span>
                  {plural(hosts.length, 'host')}
                  {hosts.length === 1000 ? ' or more' : ''}
                </span>
              ) : null
            ) : (
              <Link
                from="/rollouts/$id"
                to="."
                search={(search) => ({ ...search, host: only })}
                resetScroll={false}
                replace
                className="quiet-link inline-block min-h-6"
              >
                The host
              </Link>
            )}
          </p>
        </div>
      </li>
    </>
  )
}
