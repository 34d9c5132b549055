import type { HostForecast, PatchForecast, TaskLookAsked } from '@rebootless/shared/contract/patch-hosts.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { TimeAgo } from '../../ui/time-ago.tsx'

/** Hosts answer within seconds; a busy one may take half a minute. */
const ANSWERS_WITHIN_MS = 40_000
const ASK_AGAIN_MS = 3_000

/** Asks the hosts of a forecast which tasks sleep in the functions now, and has the forecast read again while they answer. */
export const TaskLookButton = ({ id, filter, first }: { id: string; filter: string; first: PatchForecast }) => {
  const cache = useQueryClient()
  const look = useMutation({
    mutationFn: () => api.post('/api/v1/patches/:id/forecast/look', { params: { id }, body: { filter } }),
  })
  const asked = look.data?.asked ?? 0
  const { submittedAt } = look
  useEffect(() => {
    if (asked === 0) return
    const timer = setInterval(() => {
      void cache.invalidateQueries({ queryKey: [...queryKeys.patch(id), 'forecast'] })
      if (Date.now() - submittedAt > ANSWERS_WITHIN_MS) clearInterval(timer)
    }, ASK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [cache, id, asked, submittedAt])
  if (first.looked === 0) return null
  return (
    <div className="px-6 pb-5 max-desk:px-4">
      <p className="mb-2 text-ink-2">{lookedSentence(first)}</p>
      <Button onClick={() => look.mutate()} disabled={look.isPending}>
        Look at the tasks now
      </Button>
      <p role="status" className="mt-2 text-12 text-ink-2">
        {look.data === undefined ? '' : askedSentence(look.data)}
      </p>
      {look.error === null ? null : (
        <ProblemNotice what="The question" error={look.error} onRetry={() => look.mutate()} />
      )}
    </div>
  )
}

const lookedSentence = ({ looked, tasksLookedAt }: PatchForecast): string =>
  tasksLookedAt === 0
    ? 'Which tasks sleep in these functions now has not been looked at.'
    : `The tasks of ${count(tasksLookedAt)} of ${plural(looked, 'host')} were looked at in the last ten minutes.`

/** Whom it asked, and why not the others. */
export const askedSentence = ({ asked, justAsked, beyond, older, apart }: TaskLookAsked): string =>
  [
    asked === 0 ? 'No host is asked now' : `${plural(asked, 'host')} ${asked === 1 ? 'is' : 'are'} asked`,
    justAsked === 0 ? '' : `${count(justAsked)} asked less than a minute ago`,
    beyond === 0 ? '' : `${count(beyond)} left for the next time`,
    older === 0 ? '' : `${count(older)} with an agent too old for it: update it to know`,
    apart === 0 ? '' : `${count(apart)} not connected, or the functions are not known`,
  ]
    .filter((part) => part !== '')
    .join('; ')
    .concat('.')

/** When the tasks of one host were looked at, and how many could be. */
export const HostLook = ({ look }: { look: NonNullable<HostForecast['look']> }) => (
  <>
    Its tasks were looked at <TimeAgo at={look.lookedAt} suffix=" ago" />: the stacks of {count(look.tasksRead)} of{' '}
    {count(look.tasksTotal)} could be read;{' '}
    {look.sleepingTotal === 0 ? 'none sleeps' : `${count(look.sleepingTotal)} sleep`} in these functions.
  </>
)
