import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { readSignature } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Field } from '../../ui/field.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Section } from '../../ui/section.tsx'
import { fileNameOf } from './request-text.tsx'

export const useRequestChanged = () => {
  const cache = useQueryClient()
  return (request: AuthorisationDetail) => {
    cache.setQueryData(queryKeys.authorisation(request.id), request)
    void cache.invalidateQueries({ queryKey: queryKeys.authorisations })
    void cache.invalidateQueries({ queryKey: queryKeys.commands })
    // Some are texts of a rollout, which may begin now.
    void cache.invalidateQueries({ queryKey: queryKeys.rollouts })
  }
}

/** How to sign outside of the browser, and where the signature goes. */
export const SignPanel = ({ request }: { request: AuthorisationDetail }) => {
  const changed = useRequestChanged()
  const [pasted, setPasted] = useState('')
  const read = readSignature(pasted)
  const sign = useMutation({
    mutationFn: (body: NonNullable<typeof read>) =>
      api.post('/api/v1/authorisations/:id/signatures', { params: { id: request.id }, body }),
    onSuccess: (next) => {
      changed(next)
      setPasted('')
      announce('Your signature is taken')
    },
  })
  if (request.cannotSign !== null)
    return (
      <Section title="Sign">
        <p className="text-ink-2">
          <HostText value={request.cannotSign} max={300} />
        </p>
      </Section>
    )
  const command = `rebootless approve ${fileNameOf(request)} --key approver.pem`
  return (
    <Section
      title="Sign"
      about="Your key stays with you. This page could lie to you: read what the command prints, and sign that."
    >
      <ol className="grid list-decimal gap-3 pl-5">
        <li>
          Download the text, to a machine where your key is. With a key of <code className="mono">ssh-agent</code>, say{' '}
          <code className="mono whitespace-nowrap">--ssh-agent</code> in place of{' '}
          <code className="mono whitespace-nowrap">--key</code>. Where the command comes from: docs/commands.md,{' '}
          <i>The command line</i>.
          <div className="mt-1.5 flex items-start gap-3 rounded-control bg-sunken p-3">
            <code className="mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere select-all">{command}</code>
            <CopyButton text={command} />
          </div>
        </li>
        <li>
          <form
            className="grid gap-3"
            onSubmit={(event) => {
              event.preventDefault()
              if (read !== null && !sign.isPending) sign.mutate(read)
            }}
          >
            <Field
              label="Paste what it printed"
              error={pasted.trim() !== '' && read === null ? 'There is no signature in this.' : undefined}
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  value={pasted}
                  spellCheck={false}
                  autoComplete="off"
                  onChange={(event) => setPasted(event.target.value)}
                  className={`${control.className} mono h-auto! py-2 text-[12px]`}
                />
              )}
            </Field>
            {sign.isError ? <Refusal error={sign.error} lead="Not signed." /> : null}
            <div className="flex flex-wrap items-center gap-3">
              <Button
                type="submit"
                size="large"
                kind="primary"
                disabled={read === null || sign.isPending}
                className="disabled:bg-sunken"
              >
                Hand the signature in
              </Button>
              {pasted.trim() === '' ? <span className="text-12 text-ink-3">No signature is pasted yet.</span> : null}
            </div>
          </form>
        </li>
      </ol>
    </Section>
  )
}
