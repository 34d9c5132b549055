import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { RolloutDetail, RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { replayRollout } from '@rebootless/shared/domain/rollouts/replay.ts'
import * as z from 'zod'
import type { ActingHosts } from './acting-hosts.ts'
import { type Fault, until } from './fault.ts'
import { decisionsOf } from './page-shows.ts'

/** A wave begins so often, or more rarely. */
const WAVE_S = 15
/** In a wave, at least. */
const HOSTS_MIN = 4
/** Hosts in change at once: a wave takes a while. */
const AT_ONCE = 2
const Made = z.object({ id: z.uuid() })
const OVER = ['done', 'aborted', 'reversed', 'reversed in part']

/** Of what it lasts that much goes to changing hosts, at least: the driver looks once a second. */
const CHANGING_S = 40

/** A rollout to these hosts that lasts for so long, or longer: its soaks nearly do. */
export const startLongRollout = async (program: ProgramUnderTest, hosts: ActingHosts, seconds: number) => {
  const waves = Math.max(3, Math.min(Math.floor(hosts.all.length / HOSTS_MIN), Math.round(seconds / WAVE_S)))
  const soakSeconds = Math.ceil(Math.max(seconds - CHANGING_S, seconds / 2) / (waves - 1))
  const plan = {
    ...{ version: 1, name: 'under kills', reason: 'what becomes of it', hosts: hosts.filter },
    change: { kind: 'load', patches: [hosts.patch] },
    waves: Array.from({ length: waves }, (_, index) => ({
      name: `wave ${index + 1}`,
      ...(index === waves - 1
        ? { share: { kind: 'rest' } }
        : { share: { kind: 'count', hosts: Math.floor(hosts.all.length / waves) }, soakSeconds }),
    })),
    gates: [{ kind: 'transitions', percent: 100, withinSeconds: 300 }, { kind: 'kernel log' }, { kind: 'agents' }],
    limits: { atOnce: AT_ONCE },
  }
  await until('every host can take the patch', async () => {
    const answer = await program.ask('POST', '/api/v1/rollouts/preview', { plan })
    return RolloutPreview.parse(await answer.json()).others.length === 0
  })
  const { id } = Made.parse(await (await program.ask('POST', '/api/v1/rollouts', { plan })).json())
  await program.ask('POST', `/api/v1/rollouts/${id}/start`, { reason: 'what becomes of it' })
  const detail = async () => RolloutDetail.parse(await (await program.ask('GET', `/api/v1/rollouts/${id}`)).json())

  return {
    id,
    phase: async () => (await detail()).phase,
    words: async () => (await detail()).sentence,
    isOver: async () =>
      await detail().then(
        ({ phase }) => OVER.includes(phase),
        () => false,
      ),
    /** The number of the lease: it rises each time that another drives. */
    async fencing(): Promise<number> {
      const { kysely, close } = await openBenchDatabase(program)
      try {
        const query = kysely.selectFrom('leases').select('fencing').where('name', '=', 'rollouts')
        return Number((await query.executeTakeFirstOrThrow()).fencing)
      } finally {
        await close()
      }
    },
    /** Its end against its plan, its log against its end, and its orders against the kernels. */
    async measure({ measured }: Pick<Fault, 'measured'>): Promise<void> {
      const { phase, counts, waves: ended } = await detail()
      measured('hosts on which the rollout is not done', '', hosts.all.length - (counts.done ?? 0), 0)
      measured('waves that are not done', '', ended.filter(({ stage }) => stage !== 'done').length, 0)
      const decisions = await decisionsOf(program, id)
      const inOrder = decisions.every(({ number }, index) => number === index)
      const replayed = replayRollout(waves, decisions)
      const same =
        phase === 'done' && replayed.phase === phase && ended.every((wave, at) => wave.stage === replayed.stages[at])
      measured('decisions out of order, or that lead elsewhere', '', Number(!inOrder) + Number(!same), 0)
      const begun = decisions.filter(({ kind }) => kind === 'wave begun').map(({ wave }) => wave)
      measured(
        'waves begun other than once and in turn',
        '',
        begun.filter((wave, at) => wave !== at).length + Math.abs(waves - begun.length),
        0,
      )

      const { kysely, close } = await openBenchDatabase(program)
      const commands = await kysely
        .selectFrom('commands')
        .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
        .select(['commands.host_id', 'authorisations.action'])
        .execute()
        .finally(close)
      const count = (host: string, action: string) =>
        commands.filter((one) => one.host_id === host && one.action === action).length
      const told = hosts.all.filter(({ hostId }) => count(hostId, 'load') !== 1)
      measured('hosts told other than once', '', told.length, 0)
      measured(
        'kernels into which the module was put other than once',
        '',
        hosts.all.filter(({ felt }) => felt.insertions !== 1).length,
        0,
      )
      const read = hosts.all.filter(({ hostId, felt }) => felt.refreshes !== count(hostId, 'refresh'))
      measured('hosts read anew more or less often than asked', '', read.length, 0)
    },
  }
}
