import type { ModuleFacts } from '../contract/module-facts.ts'
import type { FitReason } from '../contract/patch-hosts.ts'
import type { FitHost, FitStatus } from './patch-fit-host.ts'
import { misfit, missing, note } from './patch-fit-reasons.ts'

/** A module of the catalogue; of one kept before facts were read, only what its metadata says. */
export interface FitModule {
  readonly name: string
  readonly release: string
  readonly srcversion: string | null
  readonly releaseCounter: number
  /** null: its file was not read whole. */
  readonly facts: ModuleFacts | null
}

/** A livepatch that is in a host. */
export interface Known {
  readonly status: FitStatus
  /** null: no module of the catalogue is known to be this livepatch. */
  readonly module: FitModule | null
}

/** Vendors give one name and one source to files for many kernels. */
export const isForKernel = ({ release, facts }: FitModule, host: Pick<FitHost, 'release' | 'architecture'>): boolean =>
  release === host.release && (facts === null || facts.architecture === host.architecture)

/** A module is known by name, kernel and source: several may bear one name. */
export const isOf = (module: FitModule, { name, srcversion }: FitStatus): boolean =>
  module.name === name && (module.srcversion === srcversion || module.srcversion === null || srcversion === null)

/** By the catalogue's release counter, which rises with each module (threat-model T21). */
export const orderReasons = (module: FitModule, known: readonly Known[]): FitReason[] => {
  const others = known.filter(({ status }) => status.name !== module.name)
  const newer = others.find(
    ({ status, module: other }) =>
      other !== null &&
      other.releaseCounter > module.releaseCounter &&
      (status.replace ?? other.facts?.replace ?? null) === true,
  )
  const strangers = others.filter(({ module: other }) => other === null).map(({ status }) => status.name)
  return [
    ...(newer === undefined
      ? []
      : [
          misfit(
            'would_be_replaced',
            `${newer.status.name} is in, is cumulative, and is newer (release ${newer.module?.releaseCounter}, this is ${module.releaseCounter}): it has this fix, or was made to replace it.`,
          ),
        ]),
    ...(strangers.length === 0
      ? []
      : [
          note(
            'not_in_catalogue',
            `${strangers.slice(0, 5).join(', ')} ${strangers.length === 1 ? 'is' : 'are'} in and not in the catalogue: whether older or newer, and with which states, is not known.`,
          ),
        ]),
  ]
}

/**
 * A patch must know each state of those before it, in no lower version; one that is not cumulative may leave states alone
 * (kernel/livepatch/state.c, klp_is_state_compatible).
 */
export const stateReasons = ({ facts, name }: FitModule, known: readonly Known[]): FitReason[] =>
  known.flatMap(({ status, module: other }) => {
    if (facts === null || other === null || other.facts === null || status.name === name) return []
    const before = other.facts.states
    if (before !== null && before.length === 0) return []
    if (before === null || facts.states === null) {
      const whose = before === null ? status.name : 'the module'
      return [
        missing('states_unread', `Which states ${whose} changes could not be read, and the kernel compares them.`),
      ]
    }
    const now = new Map(facts.states.map(({ id, version }) => [id, version]))
    return before.flatMap(({ id, version }) => {
      const own = now.get(id)
      if (own === undefined && facts.replace === true) {
        return [
          misfit(
            'state_downgrade',
            `${status.name} changed the state ${id}, which this cumulative patch does not know.`,
          ),
        ]
      }
      return own !== undefined && own < version
        ? [
            misfit(
              'state_downgrade',
              `${status.name} has the state ${id} in version ${version}, and this patch in ${own}.`,
            ),
          ]
        : []
    })
  })
