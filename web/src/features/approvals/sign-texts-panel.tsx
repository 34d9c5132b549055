import type { RolloutApprovals } from '@rebootless/shared/contract/rollout-requests.ts'
import { readSignature, readSignatures } from '@rebootless/shared/domain/pasted-signature.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { SignForm } from '../../shell/sign-form.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { download } from '../../ui/download.ts'
import { plural } from '../../ui/duration.ts'
import { Section } from '../../ui/section.tsx'
import { missingSignatures } from './signers.tsx'

type Text = RolloutApprovals['items'][number]

/** Texts for which people have yet to sign, and whoever asked can. */
export const textsToSign = (items: readonly Text[]): readonly Text[] =>
  items.filter((text) => text.cannotSign === null && missingSignatures(text) > 0)

/** What was pasted, as signatures of texts; of a single text the command prints no list. Null: there are none in it. */
const signaturesIn = (pasted: string, texts: readonly Text[]) => {
  const all = readSignatures(pasted)
  if (all !== null) return all
  const one = readSignature(pasted)
  const [only, ...others] = texts
  return one === null || only === undefined || others.length > 0 ? null : [{ authorisation: only.id, ...one }]
}

/** All texts of a rollout that whoever reads can sign: downloaded together, and signed together. */
export const SignTextsPanel = ({ rolloutId, texts }: { rolloutId: string; texts: readonly Text[] }) => {
  const cache = useQueryClient()
  const [pasted, setPasted] = useState('')
  const read = signaturesIn(pasted, texts)
  const known = new Set(texts.map(({ id }) => id))
  const isForeign = read?.some(({ authorisation }) => !known.has(authorisation)) === true
  const sign = useMutation({
    mutationFn: (signatures: NonNullable<typeof read>) =>
      api.post('/api/v1/rollouts/:id/approve', { params: { id: rolloutId }, body: { signatures } }),
    onSuccess: (next, signatures) => {
      cache.setQueryData(queryKeys.rolloutApprovals(rolloutId), next)
      void cache.invalidateQueries({ queryKey: queryKeys.rollout(rolloutId) })
      void cache.invalidateQueries({ queryKey: queryKeys.authorisations })
      setPasted('')
      announce(`${plural(signatures.length, 'signature')} taken`)
    },
  })
  const file = `rollout-${rolloutId}.texts`
  return (
    <Section
      title={texts.length === 1 ? 'Sign it' : `Sign all ${texts.length} at once`}
      about="Your key stays with you. This page could lie to you: read what the command prints, and sign that."
    >
      <ol className="grid list-decimal gap-3 pl-5">
        <li>
          Download the texts, one a line, to a machine where your key is.
          <div className="mt-1.5">
            <Button onClick={() => download(new Blob(texts.map(({ payload }) => `${payload}\n`)), file)}>
              <Download size={14} aria-hidden />
              Download {plural(texts.length, 'text')}
            </Button>
          </div>
        </li>
        <li>
          The command shows each in full, and signs all or none. With a key of <code className="mono">ssh-agent</code>,
          say <code className="mono whitespace-nowrap">--ssh-agent</code> in place of{' '}
          <code className="mono whitespace-nowrap">--key</code>; where it may reach this server,{' '}
          <code className="mono wrap-anywhere">--rollout {rolloutId}</code> in place of the file.
          <CopyableText className="mt-1.5" text={`rebootless approve ${file} --key approver.pem`} />
        </li>
        <li>
          <SignForm
            pasted={pasted}
            onPaste={setPasted}
            mistake={
              read === null
                ? 'The signatures of these texts are not in this.'
                : isForeign
                  ? 'Some of these signatures are of texts that are not here, or no longer want one of you.'
                  : null
            }
            act={`Hand ${read === null || read.length === 1 ? 'it' : `${read.length} signatures`} in`}
            pending={sign.isPending}
            refusal={sign.isError ? <Refusal error={sign.error} lead="Nothing was signed." /> : null}
            onSign={() => {
              if (read !== null) sign.mutate(read)
            }}
          />
        </li>
      </ol>
    </Section>
  )
}
