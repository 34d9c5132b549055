import type { WaitingHost } from '@rebootless/shared/contract/waiting-room.ts'
import { endsFingerprint, keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import { parseLabelWords } from '@rebootless/shared/domain/label-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { LabelsField } from './labels-field.tsx'

const useRoomChanged = () => {
  const cache = useQueryClient()
  return () => void cache.invalidateQueries({ queryKey: queryKeys.waitingRoom })
}

/** Whoever lets a host in has read the end of its key on the host itself, and types it. */
export const ApproveDialog = ({ host, onClose }: { host: WaitingHost; onClose: () => void }) => {
  const changed = useRoomChanged()
  const [typed, setTyped] = useState('')
  const [labels, setLabels] = useState('')
  const read = parseLabelWords(labels)
  const matches = endsFingerprint(host.keyFingerprint, typed)
  const differs = typed.replace(/[\s-]/g, '').length >= 8 && !matches
  const approve = useMutation({
    mutationFn: () =>
      api.post('/api/v1/waiting-room/:id/approve', {
        params: { id: host.id },
        body: { fingerprintEnd: typed, labels: read.ok ? read.labels : {} },
      }),
    onSuccess: () => {
      changed()
      onClose()
    },
  })
  return (
    <Dialog label={`Let ${visibleText(host.name, 80)} in`} onClose={onClose} className="overflow-y-auto">
      <DialogHead
        title={
          <>
            Let <HostText value={host.name} max={80} /> in
          </>
        }
        onClose={onClose}
      />
      <form
        className="grid gap-5 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (matches && read.ok && !approve.isPending) approve.mutate()
        }}
      >
        <p className="text-ink-2">
          The name is the host's own word, and anybody may say it. The key is what counts: compare it with what the
          command printed <b className="font-semibold">on the host itself</b>.
        </p>
        <p className="mono rounded-control bg-sunken p-3 text-[13px] leading-6 wrap-anywhere">
          {keyFingerprintText(host.keyFingerprint)}
        </p>
        <Field
          label="The last eight characters, as the host shows them"
          error={differs ? 'That is another key: do not let it in.' : undefined}
        >
          {(control) => (
            <input
              {...control}
              data-autofocus
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          )}
        </Field>
        <LabelsField value={labels} onChange={setLabels} error={read.ok ? undefined : read.detail} />
        {approve.isError ? <Refusal error={approve.error} lead="Not let in." /> : null}
        <div className="flex items-center gap-3">
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={!matches || !read.ok || approve.isPending}
            className="disabled:bg-sunken"
          >
            Let in
          </Button>
          {matches || differs ? null : <span className="text-12 text-ink-3">The key is not typed yet.</span>}
        </div>
      </form>
    </Dialog>
  )
}

export const DenyDialog = ({ host, onClose }: { host: WaitingHost; onClose: () => void }) => {
  const changed = useRoomChanged()
  const deny = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/waiting-room/:id/deny', { params: { id: host.id }, body: { reason } }),
    onSuccess: () => {
      changed()
      onClose()
    },
  })
  return (
    <Dialog label={`Turn ${visibleText(host.name, 80)} away`} onClose={onClose} className="overflow-y-auto">
      <DialogHead
        title={
          <>
            Turn <HostText value={host.name} max={80} /> away
          </>
        }
        onClose={onClose}
      />
      <div className="grid gap-4 p-4">
        <p className="text-ink-2">It is told so, and may ask again by another key, or with a token.</p>
        <ReasonedAct act="Turn away" pending={deny.isPending} error={deny.error} onAct={deny.mutate} />
      </div>
    </Dialog>
  )
}
