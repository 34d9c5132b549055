import type { RolloutApprovals as Texts } from '@rebootless/shared/contract/rollout-requests.ts'
import { requestTitle } from '@rebootless/shared/domain/act-words.ts'
import { listed } from '@rebootless/shared/domain/sentence.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { RequestsLoading } from '../features/approvals/request-list.tsx'
import { RequestMark } from '../features/approvals/request-state.tsx'
import { RequestText } from '../features/approvals/request-text.tsx'
import { SignPanel } from '../features/approvals/sign-panel.tsx'
import { SignTextsPanel, textsToSign } from '../features/approvals/sign-texts-panel.tsx'
import { missingSignatures, Signers } from '../features/approvals/signers.tsx'
import { rolloutApprovalsQuery } from '../features/rollouts/queries.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

/** The texts that a rollout's commands rest on: who has signed each, and where to sign. */
export default function RolloutApprovals({ id }: { id: string }) {
  const texts = useQuery(rolloutApprovalsQuery(id))
  const [opened, setOpened] = useState<string | null>(null)
  if (texts.isPending) return <RequestsLoading />
  if (texts.isError)
    return <ProblemNotice what="The approvals" error={texts.error} onRetry={() => void texts.refetch()} />
  const { items } = texts.data
  if (items.length === 0)
    return (
      <Notice mark={<StateGlyph state="unsupported" size={20} />} title="Nothing to sign">
        <p>No host of this rollout is told anything, so it rests on no text.</p>
      </Notice>
    )
  const missing = items.filter((text) => text.state === 'waiting').length
  const toSign = textsToSign(items)
  return (
    <section aria-labelledby="texts" className="pt-4">
      <div className="px-6 max-desk:px-4">
        <h2 id="texts" className="text-14">
          {missing === 0
            ? 'Nothing waits for a signature'
            : `${plural(missing, 'text')} of ${items.length} wait for approvers`}
        </h2>
        <p className="mt-0.5 max-w-[640px] text-ink-3">
          One text for each act, module and kernel. Undoing is among them, so that nobody has to be found for it at
          night.
        </p>
      </div>
      {toSign.length === 0 ? null : (
        <div className="mt-2 max-w-[640px]">
          <SignTextsPanel rolloutId={id} texts={toSign} />
        </div>
      )}
      <ul aria-label="Texts" className="mt-3 border-t border-line">
        {items.map((text) => {
          const title = requestTitle(text)
          const isOpen = opened === text.id
          return (
            <li key={text.id} className="border-b border-line">
              <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 px-6 py-2 max-desk:px-4">
                <RequestMark state={text.state} />
                <p className="min-w-0 flex-1 font-medium wrap-anywhere max-desk:basis-full">
                  <HostText value={title} max={200} />
                </p>
                <span className="text-12 text-ink-2">
                  <SignedBy text={text} />
                </span>
                <Button
                  aria-expanded={isOpen}
                  aria-label={`${isOpen ? 'Close' : 'Read'}: ${visibleText(title, 120)}`}
                  onClick={() => setOpened(isOpen ? null : text.id)}
                >
                  {isOpen ? 'Close' : text.cannotSign === null ? 'Read and sign' : 'Read'}
                </Button>
              </div>
              {isOpen ? (
                <div className="grid border-t border-line desk:grid-cols-[minmax(0,1fr)_minmax(320px,420px)]">
                  <div className="min-w-0">
                    <RequestText request={{ ...text, hosts: [] }} />
                  </div>
                  <div className="min-w-0 border-line max-desk:border-t desk:border-l">
                    <Signers request={{ ...text, hosts: [] }} />
                    {text.approvalsNeeded > 0 ? <SignPanel request={{ ...text, hosts: [] }} /> : null}
                  </div>
                </div>
              ) : null}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** Who has signed a text, as far as it counts, and how many still must. */
const SignedBy = ({ text }: { text: Texts['items'][number] }) => {
  const names = text.approvals.flatMap(({ username, lost }) => (lost === null ? [username] : []))
  const missing = missingSignatures(text)
  if (text.approvalsNeeded === 0) return 'no signature needed'
  return (
    <>
      {names.length === 0 ? 'signed by nobody' : <HostText value={`signed by ${listed(names)}`} max={200} />}
      {missing === 0 || text.state !== 'waiting' ? null : <b className="font-medium text-ink">, {missing} missing</b>}
    </>
  )
}
