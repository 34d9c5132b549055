import type { FitReason } from '@rebootless/shared/contract/patch-hosts.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutFit } from '@rebootless/shared/contract/rollouts-api.ts'
import { patchFit } from '@rebootless/shared/domain/patch-fit.ts'
import type { FitHost } from '@rebootless/shared/domain/patch-fit-host.ts'
import { commandReasons } from '@rebootless/shared/domain/patch-fit-reasons.ts'
import { vendorFit } from '@rebootless/shared/domain/patch-fit-vendor.ts'
import type { Effect } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { comesAsPackage, isUpdatable } from '@rebootless/shared/domain/updatable-providers.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type CatalogueModule, modulesOfKernels } from '../patches/patch-fit.ts'

/** How a plan's change stands on one host. */
export interface HostChange {
  readonly fit: RolloutFit
  readonly effect: Effect
  /** Why the host takes no command, whatever it is; null: it would. */
  readonly refusal: string | null
  /** The livepatch that is in transition there, by name; null: none is. */
  readonly busyWith: string | null
}

export type ChangeOf = (host: FitHost) => HostChange

type HostDecision = Omit<HostChange, 'busyWith'>

/** What decides, for all hosts of a plan: its modules, and what else the catalogue has for their kernels. */
export const readChangeOf = async (database: Kysely<DatabaseSchema>, plan: RolloutPlan): Promise<ChangeOf> => {
  const { change } = plan
  switch (change.kind) {
    case 'load': {
      const rows = await database
        .selectFrom('artefacts')
        .select('vermagic')
        .where('sha256', 'in', change.patches)
        .execute()
      const releases = rows.map(({ vermagic }) => vermagic.split(' ')[0] ?? '')
      const catalogue = await modulesOfKernels(database, releases)
      return (host) => ({ ...loadOf(catalogue, change, host), busyWith: host.transition })
    }
    case 'disable':
      return (host) => ({ ...disableOf(change.patch, host), busyWith: host.transition })
    case 'update':
      return (host) => ({ ...updateOf(change, host), busyWith: host.transition })
  }
}

const notFit = (why: string): RolloutFit => ({ fits: false, why: why.slice(0, 500) })
const refusalOf = (host: FitHost, action: 'load' | 'update'): string | null => {
  const [reason] = commandReasons(host, action)
  return reason?.text ?? null
}

const STAGE: Readonly<Record<FitHost['stack'][number]['state'], Effect>> = {
  patching: 'going in',
  applied: 'in',
  unpatching: 'going out',
  disabled: 'out',
  superseded: 'out',
  unknown: 'unknown',
}

const effectOf = (patch: string, { stack, stackRead }: FitHost): Effect => {
  const status = stack.find(({ name }) => name === patch)
  if (status !== undefined) return STAGE[status.state]
  return stackRead ? 'out' : 'unknown'
}

const loadOf = (
  catalogue: readonly CatalogueModule[],
  { patches, downgrade }: Extract<RolloutPlan['change'], { kind: 'load' }>,
  host: FitHost,
): HostDecision => {
  const refusal = refusalOf(host, 'load')
  const own = catalogue.filter(({ id }) => patches.includes(id))
  const isFor = ({ release, facts }: CatalogueModule) =>
    release === host.release && (facts?.architecture ?? host.architecture) === host.architecture
  const module = own.find(isFor)
  if (module === undefined) {
    const kernel = host.release === '' ? 'a kernel that was not read' : `${host.release} on ${host.architecture}`
    return { fit: notFit(`None of the plan's modules is for ${kernel}.`), effect: 'unknown', refusal }
  }
  const others = catalogue.filter(({ id, release }) => id !== module.id && release === module.release)
  const effect = effectOf(module.name, host)
  const there = host.stack.find(({ name }) => name === module.name)
  const isSame = there !== undefined && (there.srcversion === null || there.srcversion === module.srcversion)
  // That it is in already, or on its way, is no reason against it: such a host is done, or will be.
  const isOnItsWay = isSame && (effect === 'in' || effect === 'going in' || effect === 'going out')
  const barred = new Set(commandReasons(host, 'load').map(({ code }) => code))
  const against = patchFit(module, host, others).reasons.filter(
    ({ kind, code }) =>
      kind !== 'note' &&
      !barred.has(code) &&
      !(isOnItsWay && code === 'already_there') &&
      !(downgrade && code === 'would_be_replaced'),
  )
  const fit: RolloutFit =
    against.length === 0 ? { fits: true, artefact: module.id, patch: module.name } : notFit(textOf(against))
  return { fit, effect, refusal }
}

const textOf = (against: readonly FitReason[]): string =>
  (against.find(({ kind }) => kind === 'no') ?? against[0])?.text ?? 'It does not fit.'

const disableOf = (patch: string, host: FitHost): HostDecision => {
  const effect = effectOf(patch, host)
  const status = host.stack.find(({ name }) => name === patch)
  const refusal = refusalOf(host, 'load')
  if (status === undefined && host.stackRead) return { fit: notFit(`It has no livepatch ${patch}.`), effect, refusal }
  return { fit: { fits: true, artefact: null, patch }, effect, refusal }
}

const updateOf = (
  { provider, level }: Extract<RolloutPlan['change'], { kind: 'update' }>,
  host: FitHost,
): HostDecision => {
  const refusal = refusalOf(host, 'update')
  if (!isUpdatable(provider)) {
    return { fit: notFit(`No documented command updates ${provider}.`), effect: 'unknown', refusal }
  }
  const barred = new Set(commandReasons(host, 'update').map(({ code }) => code))
  const reasons = vendorFit({ provider, level }, host).reasons.filter(
    ({ kind, code }) => kind !== 'note' && !barred.has(code),
  )
  const isThere = reasons.some(({ code }) => code === 'already_there')
  const against = reasons.filter(({ code }) => code !== 'already_there')
  const isUnknown = against.some(({ code }) => code === 'vendor_level' || code === 'not_read')
  // A package is there as soon as it is installed, when the kernel's tasks may yet have to go over to it.
  const isOnItsWay = isThere && comesAsPackage(provider) && host.transition !== null
  const effect: Effect = isOnItsWay
    ? 'going in'
    : isThere
      ? 'in'
      : isUnknown
        ? 'unknown'
        : host.transition === null
          ? 'out'
          : 'going in'
  const fit: RolloutFit =
    isThere || against.length === 0 ? { fits: true, artefact: null, patch: null } : notFit(textOf(against))
  return { fit, effect, refusal }
}
