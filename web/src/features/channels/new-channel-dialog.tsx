import type { NewChannel } from '@rebootless/shared/contract/channels.ts'
import { CHANNEL_KINDS, type ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { flushSync } from 'react-dom'
import { saidOfField } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { type ChannelDraft, mistakesOf, NEW_DRAFT, newChannelOf, ofKind } from './channel-draft.ts'
import { EventFields } from './channel-fields.tsx'
import { KIND_WORDS } from './channel-words.ts'
import { PlaceFields } from './place-fields.tsx'
import { TestPart } from './test-part.tsx'

const ABOUT: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Each event as JSON to an address of yours, signed as Standard Webhooks says.',
  slack: 'A message for each alert and decision in a channel of Slack.',
  teams: 'A card for each alert and decision in a channel of Teams.',
  smtp: 'Mail to people or lists; an alert and its end are one thread.',
  pagerduty: 'An incident for each alert: acknowledged and resolved with it.',
  alertmanager: 'Alerts to your Alertmanager, which routes, groups and silences them as all others.',
  grafana: 'Alerts and decisions as annotations over your graphs; a wave that is over is a region.',
}

/** A new channel; then its secret, this once, and a test. */
export const NewChannelDialog = ({ onClose }: { onClose: () => void }) => {
  const cache = useQueryClient()
  const [draft, setDraft] = useState<ChannelDraft>({ ...NEW_DRAFT, pages: location.origin })
  const [tried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: (body: NewChannel) => api.post('/api/v1/channels', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.channels }),
    // The secret goes with the dialog that shows it.
    gcTime: 0,
  })
  if (create.isSuccess) {
    const { channel, secret } = create.data
    return <Made id={channel.id} name={channel.name} secret={secret} onClose={onClose} />
  }
  const change = (one: Partial<ChannelDraft>) => setDraft((before) => ({ ...before, ...one }))
  const mistakes = mistakesOf(draft)
  const scopeSaid = saidOfField(create.error, 'scope_invalid')
  const isRight = Object.keys(mistakes).length === 0
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (isRight) return create.mutate(newChannelOf(draft))
    // What is wrong may be far above the button.
    flushSync(() => setTried(true))
    event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  const shown = { ...(tried ? mistakes : {}), ...(scopeSaid === undefined ? {} : { scope: scopeSaid }) }
  return (
    <Dialog label="Add a channel" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Add a channel" onClose={onClose} />
      <form noValidate className="grid gap-5 p-4" onSubmit={submit}>
        <ChoiceList
          label="Kind"
          value={draft.kind}
          onChange={(kind) => change(ofKind(kind))}
          choices={CHANNEL_KINDS.map((kind) => ({ value: kind, label: KIND_WORDS[kind], about: ABOUT[kind] }))}
        />
        <PlaceFields draft={draft} mistakes={shown} onChange={change} />
        <EventFields draft={draft} mistakes={shown} onChange={change} />
        {create.isError && scopeSaid === undefined ? <Refusal error={create.error} lead="Not added." /> : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" size="large" kind="primary" disabled={create.isPending} className="disabled:bg-sunken">
            Add the channel
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          {tried && !isRight ? <span className="text-12 text-ink-3">Something above is not right yet.</span> : null}
        </div>
      </form>
    </Dialog>
  )
}

const Made = ({
  id,
  name,
  secret,
  onClose,
}: {
  id: string
  name: string
  secret: string | null
  onClose: () => void
}) => (
  <Dialog label="The channel is there" onClose={onClose} className="overflow-y-auto">
    <DialogHead title="The channel is there" onClose={onClose} />
    <div className="grid gap-5 p-4">
      {secret === null ? null : (
        <ShownOnce text={secret} label={`Secret of ${name}`}>
          By this secret the receiver tells our messages from others’. It is not shown again: give it to the receiver
          now.
        </ShownOnce>
      )}
      <TestPart id={id} />
      <div>
        <Button size="large" kind="primary" data-autofocus onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  </Dialog>
)
