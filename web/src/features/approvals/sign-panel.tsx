import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { readSignature } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { SignForm } from '../../shell/sign-form.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
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
          <CopyableText className="mt-1.5" text={command} />
        </li>
        <li>
          <SignForm
            pasted={pasted}
            onPaste={setPasted}
            mistake={read === null ? 'There is no signature in this.' : null}
            act="Hand the signature in"
            pending={sign.isPending}
            refusal={sign.isError ? <Refusal error={sign.error} lead="Not signed." /> : null}
            onSign={() => {
              if (read !== null) sign.mutate(read)
            }}
          />
        </li>
      </ol>
    </Section>
  )
}
