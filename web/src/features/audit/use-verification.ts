import { useCallback, useEffect, useRef, useState } from 'react'
import { api } from '../../api/client.ts'
import { type Verdict, verifyLog } from './verify-log.ts'

export type Verification =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly done: number; readonly last: number }
  | { readonly kind: 'over'; readonly verdict: Verdict }
  | { readonly kind: 'failed'; readonly error: Error }

/** Runs one verification at a time; leaving the page ends it. */
export const useVerification = (): { verification: Verification; verify: () => void } => {
  const [verification, setVerification] = useState<Verification>({ kind: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const verify = useCallback(() => {
    running.current?.abort()
    const ending = new AbortController()
    running.current = ending
    const { signal } = ending
    const show = (next: Verification) => {
      if (!signal.aborted) setVerification(next)
    }
    show({ kind: 'running', done: 0, last: 0 })
    verifyLog(
      {
        heads: () => api.get('/api/v1/audit/heads', { signal }),
        chain: async (from) => (await api.get('/api/v1/audit/chain', { query: { from }, signal })).links,
      },
      (done, last) => show({ kind: 'running', done, last }),
      signal,
    ).then(
      (verdict) => show({ kind: 'over', verdict }),
      (cause: unknown) => show({ kind: 'failed', error: cause instanceof Error ? cause : new Error(String(cause)) }),
    )
  }, [])
  return { verification, verify }
}
