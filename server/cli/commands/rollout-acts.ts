import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { findRollout } from '../find-rollout.ts'
import type { CliCommand } from '../main.ts'
import { formOf, OUTPUT_OPTIONS, OUTPUT_USAGE, show } from '../output.ts'
import { defineCommand, UsageError } from '../run-command.ts'

interface Asked {
  readonly id: string
  readonly reason: string
  readonly fromWave: number
  readonly afterwards: 'end' | 'pause'
}
interface Act {
  readonly about: string
  /** What it does, in full. */
  readonly says: string
  /** A token is refused: give --user. */
  readonly byPerson: boolean
  /** Takes --from-wave and --pause. */
  readonly isReversal?: true
  ask(api: ApiClient, asked: Asked): Promise<RolloutDetail>
}

/** What people do to a rollout as a whole; each is a route of its own. */
const ACTS = {
  start: {
    ...{ about: 'start a rollout', says: 'Starts it; it waits for its approvals.', byPerson: false },
    ask: (api, { id, reason }) => api.post('/api/v1/rollouts/:id/start', { params: { id }, body: { reason } }),
  },
  pause: {
    ...{ about: 'pause a rollout', says: 'Tells no further host; what runs ends as it will.', byPerson: false },
    ask: (api, { id, reason }) => api.post('/api/v1/rollouts/:id/pause', { params: { id }, body: { reason } }),
  },
  resume: {
    ...{ about: 'resume a rollout', says: 'Goes on; what failed until now stops it no more.', byPerson: false },
    ask: (api, { id, reason }) => api.post('/api/v1/rollouts/:id/resume', { params: { id }, body: { reason } }),
  },
  promote: {
    ...{ about: 'end a soak early', says: 'Past the rest of a soak and past shut gates.', byPerson: true },
    ask: (api, { id, reason }) => api.post('/api/v1/rollouts/:id/promote', { params: { id }, body: { reason } }),
  },
  abort: {
    ...{ about: 'end a rollout', says: 'Ends it where it stands; nothing is undone.', byPerson: true },
    ask: (api, { id, reason }) => api.post('/api/v1/rollouts/:id/abort', { params: { id }, body: { reason } }),
  },
  reverse: {
    ...{ about: 'undo a rollout', says: 'Undoes a wave and all after it, in the reverse order.', byPerson: true },
    isReversal: true,
    ask: (api, { id, ...body }) => api.post('/api/v1/rollouts/:id/reverse', { params: { id }, body }),
  },
} satisfies Readonly<Record<string, Act>>
export type ActName = keyof typeof ACTS

const REVERSAL_USAGE = `
  --from-wave N  from this wave on, counted from 1; all of it unless said
  --then-pause   what was undone waits, and goes again when somebody resumes`

/** `rebootless start`, `pause` and the others: docs/as-code.md. */
export const actCommand = (name: ActName): CliCommand => {
  const act: Act = ACTS[name]
  const person = act.byPerson ? '\nA person must do it: give --user NAME.' : ''
  return defineCommand({
    about: act.about,
    usage: `Usage: rebootless ${name} ID|NAME --reason TEXT [--server URL]

${act.says}${person}
  --reason TEXT  why; it stands in the rollout's log and in the audit log${act.isReversal ? REVERSAL_USAGE : ''}
${OUTPUT_USAGE}
${SERVER_USAGE}

Exit status: 0 done, 1 refused or not reached, 2 wrong use.`,
    options: {
      ...{ ...SERVER_OPTIONS, ...OUTPUT_OPTIONS, reason: { type: 'string' } },
      ...(act.isReversal ? { 'from-wave': { type: 'string' }, 'then-pause': { type: 'boolean' } } : {}),
    } as const,
    async run(values, [word, ...rest]) {
      if (word === undefined || rest.length > 0) throw new UsageError('one ID or NAME of a rollout is needed')
      const { reason } = values
      if (reason === undefined || reason.trim() === '') throw new UsageError('--reason TEXT is needed: say why')
      const form = formOf(values.output)
      const wave = Number(values['from-wave'] ?? 1)
      if (!Number.isInteger(wave) || wave < 1) throw new UsageError('--from-wave is a number from 1')
      const afterwards = values['then-pause'] === true ? 'pause' : 'end'
      return withServer(values, async ({ api }) => {
        const id = await findRollout(api, word)
        const detail = await act.ask(api, { id, reason, fromWave: wave - 1, afterwards })
        show(form, detail, () => [`${detail.name} (${id}), ${detail.phase}`, detail.sentence])
        return 0
      })
    },
  })
}
