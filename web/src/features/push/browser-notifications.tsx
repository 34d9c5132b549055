import type { PushSubscription } from '@rebootless/shared/contract/push-subscriptions.ts'
import { ALERT_SEVERITIES, type AlertSeverity } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Field } from '../../ui/field.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { pushSubscriptionsQuery } from './queries.ts'
import { subscribeHere, unsubscribeHere, whyNot } from './this-browser.ts'

const SEVERITIES: Readonly<Record<AlertSeverity, { label: string; about: string }>> = {
  page: { label: 'Pages', about: 'What should wake you.' },
  ticket: { label: 'Pages and tickets', about: 'What waits for working hours, too.' },
  info: { label: 'Every alert', about: 'And what is good to know.' },
}

/** Which of one's browsers are sent notifications of alerts, and this one. */
export const BrowserNotifications = () => {
  const found = useQuery(pushSubscriptionsQuery)
  if (found.isPending) return <Placeholder className="h-20" />
  if (found.isError)
    return <ProblemNotice what="Your browsers" error={found.error} onRetry={() => void found.refetch()} />
  const { items, own, publicKey } = found.data
  const isHere = items.some(({ fingerprint }) => fingerprint === own)
  return (
    <div className="grid gap-5">
      {items.length === 0 ? null : (
        <ul aria-label="Your browsers" className="divide-y divide-line border-y border-line">
          {items.map((item) => (
            <Browser key={item.id} item={item} isThis={item.fingerprint === own} />
          ))}
        </ul>
      )}
      {isHere ? null : <TurnOn publicKey={publicKey} />}
    </div>
  )
}

const TurnOn = ({ publicKey }: { publicKey: string }) => {
  const cache = useQueryClient()
  const refused = whyNot()
  const [severityAtLeast, setSeverity] = useState<AlertSeverity>('page')
  const [name, setName] = useState(() => (matchMedia('(pointer: coarse)').matches ? 'Phone' : 'Computer'))
  const turnOn = useMutation({
    mutationFn: async () => {
      const body = { ...(await subscribeHere(publicKey)), name: name.trim(), severityAtLeast }
      return api.post('/api/v1/push-subscriptions', { body })
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.pushSubscriptions }),
  })
  if (refused !== null) return <p className="text-ink-3">{refused}</p>
  return (
    <form
      noValidate
      className="grid max-w-120 gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') turnOn.mutate()
      }}
    >
      <ChoiceList
        label="This browser is told"
        value={severityAtLeast}
        onChange={setSeverity}
        choices={ALERT_SEVERITIES.map((value) => ({ value, ...SEVERITIES[value] }))}
      />
      <Field
        label="What you call it"
        error={name.trim() === '' ? 'Write a name.' : undefined}
        hint="To tell it from your others."
      >
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {turnOn.isError ? <Refusal error={turnOn.error} lead="Not turned on." /> : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button
          type="submit"
          size="large"
          kind="primary"
          disabled={turnOn.isPending || name.trim() === ''}
          className="disabled:bg-sunken"
        >
          Turn on in this browser
        </Button>
        <p role="status" className="text-12 text-ink-3">
          {turnOn.isPending ? 'Waiting for the push service of the browser’s maker…' : null}
        </p>
      </div>
    </form>
  )
}

const Browser = ({ item, isThis }: { item: PushSubscription; isThis: boolean }) => {
  const cache = useQueryClient()
  const { id, name, severityAtLeast, service, lastDeliveredAt, failing } = item
  const test = useMutation({ mutationFn: () => api.post('/api/v1/push-subscriptions/:id/test', { params: { id } }) })
  const remove = useMutation({
    mutationFn: async () => {
      await api.delete('/api/v1/push-subscriptions/:id', { params: { id } })
      if (isThis) await unsubscribeHere()
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.pushSubscriptions }),
  })
  return (
    <li className="grid gap-1.5 py-2.5">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          <p>
            <span className="font-medium">
              <HostText value={name} max={64} />
            </span>
            {isThis ? <span className="text-12 text-ink-3"> this browser</span> : null}
          </p>
          <p className="text-12 text-ink-3 wrap-anywhere">
            {SEVERITIES[severityAtLeast].label}, by {service};{' '}
            {lastDeliveredAt === null ? (
              'nothing was sent yet.'
            ) : (
              <>
                sent last <TimeAgo at={lastDeliveredAt} suffix=" ago" />.
              </>
            )}
          </p>
          {failing === null ? null : (
            <p className="text-12 wrap-anywhere text-danger-text">
              <HostText value={failing} max={200} />
            </p>
          )}
        </div>
        <div className="flex gap-2">
          <Button disabled={test.isPending} aria-label={`Send a test to ${name}`} onClick={() => test.mutate()}>
            Send a test
          </Button>
          <Button disabled={remove.isPending} aria-label={`Turn off ${name}`} onClick={() => remove.mutate()}>
            Turn off
          </Button>
        </div>
      </div>
      <div role="status">
        {test.data === undefined ? null : (
          <p className={`text-12 ${test.data.delivered ? 'text-ink-2' : 'text-danger-text'}`}>
            <HostText value={test.data.detail} max={300} />
          </p>
        )}
      </div>
      {test.isError ? <Refusal error={test.error} lead="Not sent." /> : null}
      {remove.isError ? <Refusal error={remove.error} lead="Still on." /> : null}
    </li>
  )
}
