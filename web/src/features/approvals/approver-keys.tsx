import type { ApproverKey } from '@rebootless/shared/contract/commands-api.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { isAmong, KEY_READERS } from '@rebootless/shared/domain/audiences.ts'
import { isPublicKey } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import type { z } from 'zod'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { dayOf, exactTime } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { approverKeysQuery } from './queries.ts'

type Key = z.output<typeof ApproverKey>

const KEYGEN = 'rebootless keygen approver.pem'

/** Public keys by which approvers sign: one's own, or everybody's for an admin. */
export const ApproverKeys = ({ session }: { session: Session }) => {
  const keys = useQuery({ ...approverKeysQuery, enabled: isAmong(session, KEY_READERS) })
  const [revoking, setRevoking] = useState<Key | null>(null)
  if (!isAmong(session, KEY_READERS))
    return (
      <Section title="Approver keys">
        <p className="text-ink-2">Approvers have keys of their own, and admins see them. You are {session.role}.</p>
      </Section>
    )
  const mine = session.role === 'approver'
  return (
    <>
      <Section
        title={mine ? 'Your keys' : 'Approvers’ keys'}
        about="The public halves. A key counts on the hosts whose own agent.json names it among its approvers: root of the host puts it there."
      >
        {keys.isPending ? (
          <div aria-busy="true" className="grid gap-3 py-2">
            <Placeholder className="w-64" />
            <Placeholder className="w-48" />
          </div>
        ) : keys.isError && !keys.data ? (
          <ProblemNotice what="The keys" error={keys.error} onRetry={() => void keys.refetch()} />
        ) : keys.data.items.length === 0 ? (
          <p className="text-ink-3">{mine ? 'You have registered none yet.' : 'No approver has registered one yet.'}</p>
        ) : (
          <ul aria-label="Keys" className="divide-y divide-line border-y border-line">
            {keys.data.items.map((key) => (
              <KeyRow key={key.id} of={key} owner={!mine} onRevoke={() => setRevoking(key)} />
            ))}
          </ul>
        )}
      </Section>
      {mine ? <Register /> : null}
      {revoking === null ? null : <RevokeDialog of={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}

/** As it goes into `approvers` of a host's agent.json: by the name that all know. */
const configEntry = ({ username, publicKey }: Key): string => JSON.stringify({ name: username, publicKey })

const KeyRow = ({ of, owner, onRevoke }: { of: Key; owner: boolean; onRevoke: () => void }) => (
  <li className={`flex flex-wrap items-center gap-x-4 gap-y-1 py-2 ${of.revokedAt === null ? '' : 'text-ink-3'}`}>
    <span className="min-w-0 flex-1 basis-64">
      <span className="font-medium">
        <HostText value={of.name} max={64} />
      </span>
      {owner ? (
        <span className="text-ink-3">
          {' '}
          of <HostText value={of.username} max={64} />
        </span>
      ) : null}
      <span className="mono block text-[11px] wrap-anywhere text-ink-3 select-all">{of.publicKey}</span>
    </span>
    <span className="text-12 text-ink-3">
      {of.revokedAt === null ? (
        <time dateTime={of.registeredAt} title={exactTime(of.registeredAt)}>
          since {dayOf(of.registeredAt)}
        </time>
      ) : (
        <time dateTime={of.revokedAt} title={exactTime(of.revokedAt)}>
          taken back {dayOf(of.revokedAt)}
        </time>
      )}
    </span>
    {of.revokedAt === null ? (
      <span className="flex gap-2">
        <CopyButton text={configEntry(of)} label="For agent.json" />
        <Button aria-label={`Take back ${visibleText(of.name, 64)}`} onClick={onRevoke}>
          Take back…
        </Button>
      </span>
    ) : null}
  </li>
)

const Register = () => {
  const cache = useQueryClient()
  const form = useForm({ defaultValues: { name: '', publicKey: '' } })
  const register = useMutation({
    mutationFn: (body: { name: string; publicKey: string }) => api.post('/api/v1/approver-keys', { body }),
    onSuccess: async () => {
      form.reset()
      await cache.invalidateQueries({ queryKey: queryKeys.approverKeys })
    },
  })
  const { errors } = form.formState
  return (
    <Section
      title="Register a key"
      about="Make one on your own machine; the command prints its public half. Requests from before cannot be signed with it."
    >
      <CopyableText text={KEYGEN} className="max-w-[640px]" />
      <p className="mt-2 max-w-[640px] text-12 text-ink-3">
        Of a key that is there already, <code className="mono">rebootless keygen --show --key FILE</code> or{' '}
        <code className="mono">--show --ssh-agent</code> prints the public half. The command is one file, which you
        build from source that you trust, and do not take from this server: docs/commands.md, <i>The command line</i>.
      </p>
      <form className="mt-4 grid max-w-[640px] gap-4" onSubmit={form.handleSubmit((given) => register.mutate(given))}>
        <Field label="Name" error={errors.name?.message} hint="Where the key is: laptop, token in the safe.">
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              maxLength={64}
              {...form.register('name', {
                setValueAs: (typed: string) => typed.trim(),
                required: 'Write where the key is.',
              })}
            />
          )}
        </Field>
        <Field label="Public key" error={errors.publicKey?.message} hint="44 characters of base64, the last one =.">
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
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={register.isPending}
            className="disabled:bg-sunken"
          >
            Register the key
          </Button>
        </div>
      </form>
    </Section>
  )
}

const RevokeDialog = ({ of, onClose }: { of: Key; onClose: () => void }) => {
  const cache = useQueryClient()
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/approver-keys/:id', { params: { id: of.id }, body: { reason } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.approverKeys })
      void cache.invalidateQueries({ queryKey: queryKeys.authorisations })
      onClose()
    },
  })
  const title = `Take back ${visibleText(of.name, 64)}`
  return (
    <Dialog label={title} onClose={onClose} className="max-w-[440px] overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-3 p-4">
        <p>
          What it has signed, and what has not ended, is void at once and has to be asked for anew. It cannot be
          registered again. Have root of the hosts take it out of agent.json too.
        </p>
        <ReasonedAct
          act="Take back"
          name={of.name}
          dangerous
          lead="Not taken back."
          pending={revoke.isPending}
          error={revoke.error}
          onAct={revoke.mutate}
        />
      </div>
    </Dialog>
  )
}
