import type { Channel, ChannelChange } from '@rebootless/shared/contract/channels.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { saidOfField } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { exactTime, plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { type ChannelDraft, changeOf, draftOf, mistakesOf } from './channel-draft.ts'
import { EventFields } from './channel-fields.tsx'
import { ChannelStateMark } from './channel-list.tsx'
import { KIND_WORDS } from './channel-words.ts'
import { Deliveries } from './deliveries.tsx'
import { PlaceFields } from './place-fields.tsx'
import { TestPart } from './test-part.tsx'

/** How one channel goes, and what can be done with it. */
export const ChannelDialog = ({ channel, onClose }: { channel: Channel; onClose: () => void }) => (
  <Dialog label={`Channel ${visibleText(channel.name, 64)}`} onClose={onClose} className="overflow-y-auto">
    <DialogHead title={<HostText value={channel.name} max={64} />} onClose={onClose} />
    <div className="divide-y divide-line">
      <Part title="How it goes">
        <HowItGoes channel={channel} />
        <TestPart id={channel.id} />
      </Part>
      <Part title="Messages">
        <Deliveries channel={channel.id} dead={channel.dead} />
      </Part>
      <SettingsPart channel={channel} />
      {channel.publicKey === null ? null : <SecretPart channel={channel} publicKey={channel.publicKey} />}
      <OnOffPart channel={channel} />
      <DeletePart channel={channel} onClose={onClose} />
    </div>
  </Dialog>
)

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="grid gap-3 p-4">
    <h3 className="text-13">{title}</h3>
    {children}
  </section>
)

const HowItGoes = ({ channel }: { channel: Channel }) => {
  const { enabled, failing, offBecause, lastDeliveredAt } = channel
  return (
    <div className="grid gap-1">
      <ChannelStateMark channel={channel} />
      {offBecause === null ? null : <p>{offBecause} The server turned it off.</p>}
      {failing === null ? null : (
        <>
          <p className="wrap-anywhere text-ink-2">
            <HostText value={failing.detail} max={500} />
          </p>
          <p className="text-ink-2">
            {plural(failing.failures, 'failure')} since <TimeAgo at={failing.since} full suffix=" ago" />
            {enabled ? `; the next try is at ${exactTime(failing.nextAt)}.` : '.'}
          </p>
        </>
      )}
      <p className="text-12 text-ink-3">
        {lastDeliveredAt === null ? (
          'Nothing was delivered yet.'
        ) : (
          <>
            Delivered last <TimeAgo at={lastDeliveredAt} suffix=" ago" />.
          </>
        )}{' '}
        {KIND_WORDS[channel.kind]}, made by {channel.createdBy}.
      </p>
    </div>
  )
}

const useChange = (channel: Channel) => {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ChannelChange) => api.patch('/api/v1/channels/:id', { params: { id: channel.id }, body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.channels }),
  })
}

const SettingsPart = ({ channel }: { channel: Channel }) => {
  const [draft, setDraft] = useState<ChannelDraft>(() => draftOf(channel))
  const change = useChange(channel)
  const mistakes = mistakesOf(draft, channel)
  const scopeSaid = saidOfField(change.error, 'scope_invalid')
  const wanted = changeOf(draft, channel)
  const same = Object.keys(wanted).length === 0
  const wrong = Object.keys(mistakes).length > 0
  return (
    <form
      noValidate
      aria-label="What it is sent, and where"
      className="grid gap-5 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!same && !wrong) change.mutate(wanted, { onSuccess: (after) => setDraft(draftOf(after)) })
      }}
    >
      <h3 className="text-13">What it is sent, and where</h3>
      <PlaceFields
        known
        draft={draft}
        mistakes={mistakes}
        onChange={(one) => setDraft((before) => ({ ...before, ...one }))}
      />
      <EventFields
        draft={draft}
        mistakes={scopeSaid === undefined ? mistakes : { ...mistakes, scope: scopeSaid }}
        onChange={(one) => setDraft((before) => ({ ...before, ...one }))}
      />
      {change.isError && scopeSaid === undefined ? <Refusal error={change.error} lead="Not changed." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          size="large"
          kind="primary"
          disabled={same || wrong || change.isPending}
          className="disabled:bg-sunken"
        >
          Change
        </Button>
        <span role="status" className="text-12 text-ink-3">
          {same
            ? change.isSuccess
              ? 'Changed.'
              : 'Nothing is changed yet.'
            : wrong
              ? 'Something above is not right yet.'
              : ''}
        </span>
      </div>
    </form>
  )
}

const SecretPart = ({ channel, publicKey }: { channel: Channel; publicKey: string }) => {
  const another = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/channels/:id/secret', { params: { id: channel.id }, body: { reason } }),
    // The secret goes with the dialog that shows it.
    gcTime: 0,
  })
  return (
    <Part title="Signature">
      <p className="text-ink-2">
        Each message is signed by a secret that the receiver knows (v1) and by a key of this channel (v1a), whose public
        half is:
      </p>
      <CopyableText text={publicKey} />
      {another.isSuccess ? (
        <ShownOnce text={another.data.secret} label={`New secret of ${channel.name}`}>
          It is not shown again. Until {exactTime(another.data.formerUntil)} the one before signs too.
        </ShownOnce>
      ) : null}
      <OpenedAct
        opener="New secret…"
        act="Make a new secret"
        lead="No secret was made."
        pending={another.isPending}
        error={another.error}
        onAct={another.mutate}
      />
    </Part>
  )
}

const OnOffPart = ({ channel }: { channel: Channel }) => {
  const change = useChange(channel)
  if (!channel.enabled)
    return (
      <Part title="Turn on">
        <p className="text-ink-2">What waits is sent then, and events from then on. Those in between are not.</p>
        {change.isError ? <Refusal error={change.error} lead="Still off." /> : null}
        <div>
          <Button size="large" disabled={change.isPending} onClick={() => change.mutate({ enabled: true })}>
            Turn on
          </Button>
        </div>
      </Part>
    )
  return (
    <Part title="Turn off">
      <p className="text-ink-2">Events are not sent, and are not kept for later. What waits already is kept.</p>
      <OpenedAct
        opener="Turn off…"
        act="Turn off"
        lead="Still on."
        pending={change.isPending}
        error={change.error}
        onAct={(reason, done) => change.mutate({ enabled: false, reason }, done)}
      />
    </Part>
  )
}

const DeletePart = ({ channel, onClose }: { channel: Channel; onClose: () => void }) => {
  const cache = useQueryClient()
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/channels/:id', { params: { id: channel.id }, body: { reason } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.channels })
      onClose()
    },
  })
  return (
    <Part title="Delete">
      <p className="text-ink-2">
        With its secret and its messages, those too that wait or were given up. It cannot be taken back.
      </p>
      <OpenedAct
        opener="Delete…"
        act="Delete the channel"
        name={channel.name}
        dangerous
        lead="Not deleted."
        pending={remove.isPending}
        error={remove.error}
        onAct={(reason) => remove.mutate(reason)}
      />
    </Part>
  )
}
