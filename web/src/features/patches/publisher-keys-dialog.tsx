import type { PublisherKey } from '@rebootless/shared/contract/patches.ts'
import { isPublicKey } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { dayOf, exactTime } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { publisherKeysQuery } from './queries.ts'

/** Whose signatures over modules count. @param mayChange an admin looks, who registers keys and takes them back */
export const PublisherKeysDialog = ({ mayChange, onClose }: { mayChange: boolean; onClose: () => void }) => {
  const keys = useQuery(publisherKeysQuery)
  return (
    <Dialog label="Publishers’ keys" onClose={onClose} className="max-w-[600px] overflow-y-auto">
      <DialogHead title="Publishers’ keys" onClose={onClose} />
      <div className="grid gap-4 p-4">
        <p className="text-ink-3">
          Of whoever makes modules: a vendor, or the machine that builds them. They are not approvers’ keys, and approve
          nothing.
        </p>
        {keys.isPending ? (
          <div aria-busy="true" className="grid gap-3 py-2">
            <Placeholder className="w-64" />
            <Placeholder className="w-48" />
          </div>
        ) : keys.isError && !keys.data ? (
          <div className="grid justify-items-start gap-2">
            <Refusal error={keys.error} lead="The keys could not be read." />
            <Button onClick={() => void keys.refetch()}>Try again</Button>
          </div>
        ) : keys.data.items.length === 0 ? (
          <p>None is registered, so no signature can be handed in.</p>
        ) : (
          <ul aria-label="Keys" className="divide-y divide-line border-y border-line">
            {keys.data.items.map((key) => (
              <KeyRow key={key.id} of={key} mayChange={mayChange} />
            ))}
          </ul>
        )}
        {mayChange ? <Register /> : <p className="text-12 text-ink-3">An admin registers keys and takes them back.</p>}
      </div>
    </Dialog>
  )
}

/** Every signature shown may count, or count no more. */
const useKeysChanged = () => {
  const cache = useQueryClient()
  return () => cache.invalidateQueries({ queryKey: queryKeys.patches })
}

const KeyRow = ({ of, mayChange }: { of: PublisherKey; mayChange: boolean }) => {
  const changed = useKeysChanged()
  const [asked, setAsked] = useState(false)
  const revoke = useMutation({
    mutationFn: () => api.delete('/api/v1/publisher-keys/:id', { params: { id: of.id } }),
    onSuccess: changed,
  })
  const name = visibleText(of.name, 64)
  return (
    <li className={`py-2 ${of.revokedAt === null ? '' : 'text-ink-3'}`}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="min-w-0 flex-1 basis-56">
          <b className="font-medium">
            <HostText value={of.name} max={64} />
          </b>
          <span className="mono block text-[11px] wrap-anywhere text-ink-3 select-all">{of.publicKey}</span>
        </span>
        <time
          dateTime={of.revokedAt ?? of.registeredAt}
          title={exactTime(of.revokedAt ?? of.registeredAt)}
          className="text-12 text-ink-3"
        >
          {of.revokedAt === null ? `since ${dayOf(of.registeredAt)}` : `taken back ${dayOf(of.revokedAt)}`}
        </time>
        {mayChange && of.revokedAt === null && !asked ? (
          <Button aria-label={`Take back ${name}`} onClick={() => setAsked(true)}>
            Take back…
          </Button>
        ) : null}
      </div>
      {asked && of.revokedAt === null ? (
        <div className="mt-2 grid gap-2 rounded-control bg-sunken p-3">
          <p>What it signed counts no more, here and at once. It cannot be registered again.</p>
          {revoke.isError ? <Refusal error={revoke.error} lead="Not taken back." /> : null}
          <div className="flex flex-wrap gap-2">
            <Button kind="danger" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
              Take back {name}
            </Button>
            <Button onClick={() => setAsked(false)}>Keep it</Button>
          </div>
        </div>
      ) : null}
    </li>
  )
}

const Register = () => {
  const changed = useKeysChanged()
  const form = useForm({ defaultValues: { name: '', publicKey: '' } })
  const register = useMutation({
    mutationFn: (body: { name: string; publicKey: string }) => api.post('/api/v1/publisher-keys', { body }),
    onSuccess: async () => {
      form.reset()
      await changed()
    },
  })
  const { errors } = form.formState
  return (
    <form className="grid gap-3" onSubmit={form.handleSubmit((given) => register.mutate(given))}>
      <h3 className="text-13">Register a key</h3>
      <Field
        label="Publisher"
        error={errors.name?.message}
        hint="As people here call it: the vendor, the build machine."
      >
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            maxLength={64}
            {...form.register('name', {
              setValueAs: (typed: string) => typed.trim(),
              required: 'Write whose key it is.',
            })}
          />
        )}
      </Field>
      <Field
        label="Public key"
        error={errors.publicKey?.message}
        hint="As rebootless keygen --show prints it: 44 characters of base64."
      >
        {(control) => (
          <input
            {...control}
            className={`${control.className} mono`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...form.register('publicKey', {
              setValueAs: (typed: string) => typed.trim(),
              validate: (given) => isPublicKey(given) || 'This is no Ed25519 public key as the command prints it.',
            })}
          />
        )}
      </Field>
      {register.isError ? <Refusal error={register.error} lead="Not registered." /> : null}
      <div>
        <Button type="submit" size="large" kind="primary" disabled={register.isPending} className="disabled:bg-sunken">
          Register the key
        </Button>
      </div>
    </form>
  )
}
