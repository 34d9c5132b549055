import type { ModuleImage } from '../kernel/module-image.ts'
import type { SimulatedKernel } from '../kernel/simulated-kernel.ts'
import type { FleetPatch } from './patch-images.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'

/** How often insmod, rmmod and a write are tried again while a transition is in the way, once a second. */
const TRIES_MAX = 60

/** insmod, until no other transition is in the way. @returns errno */
export function* insmod(host: SimulatedHost, image: ModuleImage): Script<string | null> {
  return yield* tried(host, 'EBUSY', `insmod ${image.name}`, (kernel) => kernel.finitModule(image))
}

/** rmmod, until the module is out of use. @returns errno */
export function* rmmod(host: SimulatedHost, name: string): Script<string | null> {
  return yield* tried(host, 'EAGAIN', `rmmod ${name}`, (kernel) => kernel.deleteModule(name))
}

/** Writes to `enabled` or `force` of a patch. @returns errno */
export function* writeAttribute(
  host: SimulatedHost,
  patch: string,
  attribute: 'enabled' | 'force',
  value: '0' | '1',
): Script<string | null> {
  const path = `/sys/kernel/livepatch/${patch}/${attribute}`
  return yield* tried(host, 'EBUSY', `echo ${value} > ${path}`, (kernel) => kernel.writeFile(path, value))
}

function* tried(
  host: SimulatedHost,
  passing: string,
  what: string,
  call: (kernel: SimulatedKernel) => ReturnType<SimulatedKernel['finitModule']>,
): Script<string | null> {
  for (let tries = 1; ; tries += 1) {
    if (host.kernel === null) throw new Error(`${host.plan.name} is off`)
    const pending = call(host.kernel)
    yield pending
    if (pending.errno === passing && tries < TRIES_MAX) yield 1
    else {
      host.log(`${what}: ${pending.errno ?? 'done'}`)
      return pending.errno
    }
  }
}

/** A change of the patch in effect that has begun, and perhaps ended. */
export interface Change {
  /** The patch in transition. */
  readonly patch: string
  /** What `enabled` was or will be told for it. */
  readonly direction: 'patching' | 'unpatching'
  /** Waits until it is over, and leaves the host with one patch in effect. */
  settle(): Script
  /** The same after it was reversed. */
  settleReversed(): Script
}

/**
 * Puts another patch in the place of the present one, as a distributor's package does; where there is only one it is taken
 * out, to be put in again when that is done. With `redirect`, one that changes that function or has changed it.
 */
export function* beginChange(host: SimulatedHost, redirect?: string): Script<Change | null> {
  const { patches } = host.plan
  const before = host.patch
  const old = before === null ? undefined : patches[before]
  const next = nextPatch(patches, before, redirect)
  if (next !== null) {
    const patch = patches[next]
    if (patch === undefined) return null
    // One that was in before may still be there as a module.
    yield* rmmod(host, patch.image.name)
    if ((yield* insmod(host, patch.image)) !== null) return null
    return {
      ...{ patch: patch.image.name, direction: 'patching' },
      *settle() {
        if (old) yield* rmmod(host, old.image.name)
        else yield 3
        host.patch = next
      },
      *settleReversed() {
        yield* rmmod(host, patch.image.name)
      },
    }
  }
  if (old === undefined) return null
  const name = old.image.name
  if ((yield* writeAttribute(host, name, 'enabled', '0')) !== null) return null
  return {
    ...{ patch: name, direction: 'unpatching' },
    *settle() {
      yield* rmmod(host, name)
      yield* insmod(host, old.image)
    },
    *settleReversed() {
      yield 3
    },
  }
}

/** The newer one, or from the newest the one before; null: there is no other. */
const nextPatch = (patches: readonly FleetPatch[], now: number | null, redirect?: string): number | null => {
  const changes = (index: number) => redirect === undefined || patches[index]?.redirects.includes(redirect) === true
  if (now !== null && patches.length < 2) return null
  const order = now === null ? patches.keys() : [now + 1, now - 1, ...patches.keys()]
  const held = now !== null && changes(now)
  return [...order].find((index) => index !== now && patches[index] !== undefined && (held || changes(index))) ?? null
}

/** Takes the present patch out, with its module. */
export function* withdraw(host: SimulatedHost, name: string): Script {
  yield* writeAttribute(host, name, 'enabled', '0')
  yield* rmmod(host, name)
}

/** What a boot service does: loads the patch that was in effect before. */
export function* loadAgain(host: SimulatedHost, index: number | null): Script {
  const patch = host.plan.patches[index ?? -1]
  if (patch === undefined || (yield* insmod(host, patch.image)) !== null) return
  yield 3
  host.patch = index
}
