import { useSyncExternalStore } from 'react'
import { ApiProblem } from './api-problem.ts'

interface Question {
  readonly answered: Promise<void>
  readonly resolve: () => void
  readonly reject: (problem: ApiProblem) => void
}

let question: Question | null = null
const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of listeners) listener()
}

const close = (end: (open: Question) => void) => {
  const open = question
  question = null
  if (open !== null) end(open)
  tell()
}

/**
 * Where calls wait for a person to prove again who it is, and the one dialog of the page answers. Calls that come while
 * it is open wait for the same answer.
 */
export const proofDesk = {
  /** @throws ApiProblem `not_proven` when the dialog was closed, or what was asked with where no dialog can open */
  ask(asked: ApiProblem): Promise<void> {
    if (listeners.size === 0) return Promise.reject(asked)
    if (question === null) {
      let resolve = () => {}
      let reject: Question['reject'] = () => {}
      const answered = new Promise<void>((onGiven, onRefused) => {
        resolve = onGiven
        reject = onRefused
      })
      question = { answered, resolve, reject }
      tell()
    }
    return question.answered
  },
  given: () => close((open) => open.resolve()),
  refuse: () => close((open) => open.reject(ApiProblem.notProven())),
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    // Whoever would have answered has left the page.
    if (listeners.size === 0) proofDesk.refuse()
  }
}

/** Whether a call waits for a proof. Only the dialog's place in the shell asks: a listener counts as one who answers. */
export const useProofWanted = (): boolean => useSyncExternalStore(subscribe, () => question !== null)
