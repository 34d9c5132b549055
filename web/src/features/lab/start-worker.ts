import type { LabAnswer, LabRequest } from './lab-messages.ts'
import workerUrl from './lab-worker.ts?worker&url'

interface ScriptUrlPolicy {
  createScriptURL(url: string): unknown
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy
}

/** T03: the one policy that the content security policy allows; it lets nothing pass but a script of our own origin. */
const ownScript = (url: string): string => {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError(`not a script of ours: ${url}`)
  return url
}

let policy: ScriptUrlPolicy | null = null

const trusted = (url: string): string => {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return ownScript(url)
  policy ??= trustedTypes.createPolicy('rebootless', { createScriptURL: ownScript })
  // The types of the DOM do not know TrustedScriptURL yet.
  return policy.createScriptURL(url) as string
}

/**
 * Asks a worker of its own, which ends when it is through. A worker that cannot be started answers `failed` as well.
 *
 * @returns how to end it before
 */
export const startWorker = (request: LabRequest, onAnswer: (answer: LabAnswer) => void): (() => void) => {
  let worker: Worker
  try {
    worker = new Worker(trusted(workerUrl), { type: 'module' })
  } catch (error) {
    onAnswer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    return () => undefined
  }
  worker.onmessage = ({ data }: MessageEvent<LabAnswer>) => {
    if (data.kind === 'through' || data.kind === 'failed') worker.terminate()
    onAnswer(data)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    onAnswer({ kind: 'failed', message: event.message || 'The simulator’s script could not be loaded.' })
  }
  worker.postMessage(request)
  return () => worker.terminate()
}
