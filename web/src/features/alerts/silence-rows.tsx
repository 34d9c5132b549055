import type { Silence } from '@rebootless/shared/contract/alerts.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { exactTime, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { matcherWords } from './silence-words.ts'

/** What is silenced, or was; each can be ended before its time. */
export const SilenceRows = ({
  silences,
  titles,
}: {
  silences: readonly Silence[]
  titles: ReadonlyMap<string, string>
}) => (
  <ul aria-label="Silences">
    {silences.map((silence) => (
      <SilenceRow key={silence.id} silence={silence} title={titles.get(silence.matcher.rule ?? '')} />
    ))}
  </ul>
)

const SilenceRow = ({ silence, title }: { silence: Silence; title: string | undefined }) => {
  const cache = useQueryClient()
  const [ending, setEnding] = useState(false)
  const end = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/silences/:id/end', { params: { id: silence.id }, body: { reason } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.alerts }),
  })
  const { ended, endsAt, reason, createdBy, groups } = silence
  const isOver = ended !== null || Date.parse(endsAt) <= Date.now()
  return (
    <li className="grid gap-2 border-b border-line px-6 py-3 max-desk:px-4">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 max-w-[72ch]">
          <p className="font-medium wrap-anywhere">
            <HostText value={matcherWords(silence, title)} max={700} />
          </p>
          <p className="text-ink-2">
            <HostText value={reason} max={1000} />
          </p>
          <p className="text-12 text-ink-3">
            by {createdBy},{' '}
            {ended === null
              ? `${isOver ? 'until' : 'ends'} ${exactTime(endsAt)}`
              : `ended by ${ended.by} ${exactTime(ended.at)}`}
            {isOver
              ? ''
              : `; ${groups === 0 ? 'no open alert is silenced by it' : `silences ${plural(groups, 'open alert')}`}`}
          </p>
        </div>
        {isOver || ending ? null : <Button onClick={() => setEnding(true)}>End it…</Button>}
      </div>
      {ending ? (
        <div className="max-w-[560px]">
          <ReasonedAct
            act="End it"
            pending={end.isPending}
            error={end.error}
            onAct={(why) => end.mutate(why)}
            onCancel={() => setEnding(false)}
          />
        </div>
      ) : null}
    </li>
  )
}
