import type { Clock } from '../clock.ts'
import type { Handlers } from '../http/call.ts'
import type { EnrolmentStore } from '../link/ports.ts'

export interface EnrolmentRouteOptions {
  readonly store: Pick<EnrolmentStore, 'addToken'>
  readonly clock: Clock
  readonly createJoinToken: () => { token: string; hash: string }
  /** What hosts dial; undefined: the name that the browser used, which reaches this machine too. */
  readonly agentAddress: string | undefined
  readonly agentPort: () => number
}

export const enrolmentHandlers = (options: EnrolmentRouteOptions): Pick<Handlers, 'POST /api/v1/enrolment-tokens'> => ({
  'POST /api/v1/enrolment-tokens': async ({ body: { labels, validMinutes }, signedIn, hostName }) => {
    const { token, hash } = options.createJoinToken()
    const expiresAt = new Date(options.clock.now().getTime() + validMinutes * 60_000)
    await options.store.addToken({ hash, labels, expiresAt, createdBy: signedIn.username })
    const server = `https://${options.agentAddress ?? `${hostName}:${options.agentPort()}`}`
    return {
      token,
      command: `rebootless-agent enrol --server ${server} --token ${token}`,
      expiresAt: expiresAt.toISOString(),
    }
  },
})
