// Goal: an approver hands in all signatures of a rollout at once, and nothing that is not of these texts. Method: the panel by
// role and name; what it sends is caught where the browser would send it.
import type { RolloutApprovals } from '@rebootless/shared/contract/rollout-requests.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { SignTextsPanel, textsToSign } from './sign-texts-panel.tsx'

type Text = RolloutApprovals['items'][number]
const ROLLOUT = '5f0c1d6e-0000-4000-8000-00000000000a'
const AT = '2026-11-26T12:00:00.000Z'
const publicKey = `${'A'.repeat(43)}=`
const signature = `${'A'.repeat(86)}==`
const text = (n: number, change: Partial<Text> = {}): Text => ({
  ...{ id: `5f0c1d6e-0000-4000-8000-00000000000${n}`, sha256: 'a'.repeat(64), state: 'waiting', stateReason: '' },
  ...{ action: 'load', patch: 'lp_fix', provider: null, hostCount: 2, hostName: null, reason: 'fix' },
  ...{ requestedBy: 'operator', requestedAt: AT, expiresAt: AT, approvals: [], approvalsNeeded: 1 },
  ...{ payload: `{"id":${n}}`, text: [], cannotSign: null, cannotCancel: null, cannotReverse: null },
  ...change,
})
const signatureOf = ({ id }: Text) => ({ authorisation: id, publicKey, signature })

const isDisabled = (button: HTMLElement) => button.getAttribute('aria-disabled') === 'true'

afterEach(() => vi.unstubAllGlobals())

const shown = (texts: readonly Text[]) => {
  const sent: { url: string; body: unknown }[] = []
  vi.stubGlobal('fetch', async (url: string, { body }: RequestInit) => {
    sent.push({ url: String(url), body: JSON.parse(String(body)) })
    return Response.json({ items: [] }, { status: 201 })
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignTextsPanel rolloutId={ROLLOUT} texts={texts} />
    </QueryClientProvider>,
  )
  const paste = (value: unknown) =>
    fireEvent.change(screen.getByRole('textbox', { name: 'Paste what it printed' }), {
      target: { value: JSON.stringify(value) },
    })
  return { sent, paste, button: () => screen.getByRole<HTMLButtonElement>('button', { name: /^Hand/ }) }
}

test('all that were pasted are handed in together', async () => {
  const [first, second] = [text(1), text(2)]
  const { sent, paste, button } = shown([first, second])
  expect([isDisabled(button()), screen.getByRole('button', { name: 'Download 2 texts' })]).toEqual([
    true,
    expect.anything(),
  ])
  const signatures = [signatureOf(first), signatureOf(second)]
  paste({ signatures })
  expect(button().textContent).toBe('Hand 2 signatures in')
  fireEvent.click(button())
  await vi.waitFor(() =>
    expect(sent).toEqual([{ url: expect.stringContaining(`/rollouts/${ROLLOUT}/approve`), body: { signatures } }]),
  )
})

test('signatures of other texts are not handed in, and it says so', () => {
  const { paste, button } = shown([text(1), text(2)])
  paste({ signatures: [signatureOf(text(1)), signatureOf(text(3))] })
  expect([isDisabled(button()), screen.getByText(/of texts that are not here/)]).toEqual([true, expect.anything()])
  paste({ publicKey, signature })
  expect([isDisabled(button()), screen.getByText(/are not in this/)]).toEqual([true, expect.anything()])
})

test('of a single text the command prints no list, which is taken as well', async () => {
  const { sent, paste, button } = shown([text(1)])
  paste({ publicKey, signature })
  fireEvent.click(button())
  await vi.waitFor(() => expect(sent[0]?.body).toEqual({ signatures: [signatureOf(text(1))] }))
})

test('wanted are signatures of texts that lack some, a lost one does not count, and of nobody who cannot sign', () => {
  const approval = { username: 'ann', publicKey, signedAt: AT, lost: null }
  const items = [
    text(1, { cannotSign: 'You signed it already.' }),
    text(2, { approvals: [approval] }),
    text(3, { approvals: [{ ...approval, lost: 'key revoked' }] }),
    text(4, { approvalsNeeded: 0 }),
    text(5),
  ]
  expect(textsToSign(items).map(({ id }) => id)).toEqual([text(3).id, text(5).id])
})
