import type { Pending, SimulatedKernel } from '../kernel/simulated-kernel.ts'
import { type FleetPatch, objectOf } from './patch-images.ts'
import { applied, type Script, type SimulatedHost } from './simulated-host.ts'
import type { ToolStep } from './tool-state.ts'

/** A tool fetches and checks each patch before it is put in, seconds. */
const FETCH_SECONDS = [2, 5] as const

/**
 * What is to be done for all patches up to one of them to be in. A cumulative patch is one step. Ksplice takes an update of
 * a module out before a newer one of that module goes in, and puts it in anew, as the vendor's own logs show it.
 * @param withdrawn what its vendor has taken back: it comes out, and does not go in
 */
export const stepsTo = (
  patches: readonly FleetPatch[],
  isIn: (patch: FleetPatch) => boolean,
  to: number,
  cumulative: boolean,
  withdrawn: number | null = null,
): ToolStep[] => {
  const wanted = patches.slice(0, to + 1)
  if (cumulative)
    return wanted.at(-1) === undefined || wanted.slice(-1).some(isIn) ? [] : [{ action: 'install', patch: to }]
  const lacking = wanted.filter((patch, index) => !isIn(patch) && index !== withdrawn)
  const objects = new Set(lacking.flatMap(modulesIn))
  const out = [...wanted.keys()].filter((index) => {
    const patch = wanted[index]
    if (patch === undefined || !isIn(patch)) return false
    return index === withdrawn || modulesIn(patch).some((object) => objects.has(object))
  })
  const coming = [...wanted.keys()].filter((index) => {
    const patch = wanted[index]
    return patch !== undefined && index !== withdrawn && (!isIn(patch) || out.includes(index))
  })
  return [
    ...out.toReversed().map((patch): ToolStep => ({ action: 'remove', patch })),
    ...coming.map((patch): ToolStep => ({ action: 'install', patch })),
  ]
}

const modulesIn = ({ redirects }: FleetPatch): readonly string[] =>
  redirects.map(objectOf).filter((object) => object !== 'vmlinux')

/** Of this host, as its kernel is now. */
export const stepsFor = ({ kernel, plan }: Pick<SimulatedHost, 'kernel' | 'plan'>, to: number): ToolStep[] => {
  const applied = kernel?.state.system?.applied ?? []
  const isIn = ({ image }: FleetPatch) => applied.some(({ name }) => name === image.name)
  return stepsTo(plan.patches, isIn, to, plan.kind !== 'ksplice', plan.withdrawn)
}

/** Of a host whose system is not livepatch: step by step, until done or one is refused. @returns whether all is in */
export function* upgrade(host: SimulatedHost, to: number): Script<boolean> {
  const { tool, plan } = host
  const steps = stepsFor(host, to)
  for (const [position, step] of steps.entries()) {
    tool.upgrade = steps.slice(position)
    yield host.random.integer(...FETCH_SECONDS)
    const { kernel } = host
    const patch = plan.patches[step.patch]
    if (kernel === null || patch === undefined) return false
    const what = `${step.action} ${patch.image.name}`
    const errno =
      step.action === 'install' ? yield* install(host, kernel, patch, what) : yield* remove(host, kernel, patch, what)
    if (errno !== null) {
      tool.failure = { step, blocked: kernel.state.system?.blocked ?? [] }
      tool.upgrade = null
      return false
    }
  }
  tool.upgrade = null
  tool.failure = null
  host.patch = to
  return true
}

function* install(
  host: SimulatedHost,
  kernel: SimulatedKernel,
  patch: FleetPatch,
  what: string,
): Script<string | null> {
  const errno = yield* asked(host, what, applied(kernel, patch))
  // kGraft's module is in at once; the kernel goes over until the last task has.
  while (errno === null && host.kernel === kernel && kernel.state.system?.changing) yield 1
  return errno
}

function* remove(
  host: SimulatedHost,
  kernel: SimulatedKernel,
  { image }: FleetPatch,
  what: string,
): Script<string | null> {
  const errno = yield* asked(host, what, kernel.disablePatch(image.name))
  return errno ?? (yield* asked(host, `rmmod ${image.name}`, kernel.deleteModule(image.name)))
}

function* asked(host: SimulatedHost, what: string, pending: Pending): Script<string | null> {
  yield pending
  host.log(pending.errno === null ? `${what}: done` : `${what}: refused (${pending.errno})`)
  return pending.errno
}

/** After a boot: the patches that were in before it, as the tool's boot service puts them in. */
export function* restore(host: SimulatedHost, level: number | null): Script {
  const { plan } = host
  if (level === null) return
  const indices = plan.kind === 'ksplice' ? [...plan.patches.keys()].filter((index) => index <= level) : [level]
  for (const index of indices) {
    const patch = plan.patches[index]
    if (host.kernel === null || patch === undefined) return
    if ((yield* install(host, host.kernel, patch, `install ${patch.image.name}`)) !== null) return
    host.patch = index
  }
}
