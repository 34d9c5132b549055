import { setTimeout as delay } from 'node:timers/promises'
import { EmulatorCrash } from './death.ts'
import { bootMachine, type Machine, type MachineOptions } from './machine.ts'

const ATTEMPTS_MAX = 3
/** How long a run whose machine is gone may take to notice and clean up. */
const CLEAN_UP_MS = 30_000

/** {@link withMachines} of one. */
export const withMachine = <T>(options: MachineOptions, run: (machine: Machine) => Promise<T>): Promise<T> =>
  withMachines([options], ([machine]) => run(machine))

/** One for each of the tuple. */
type Each<Options extends readonly MachineOptions[]> = { readonly [Index in keyof Options]: Machine }

/**
 * Boots, runs, pulls the plugs. The whole run is repeated, on machines all booted anew, when the emulator of one of them
 * failed, never when the test did; so the run must leave nothing behind on the host that a second one would find. The last
 * attempt is the slow one that cannot crash so.
 */
export async function withMachines<const Options extends readonly MachineOptions[], T>(
  options: Options,
  run: (machines: Each<Options>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const singleThread = attempt === ATTEMPTS_MAX
    try {
      return await runOnce(
        options.map((each) => ({ singleThread, ...each })),
        (machines) => run(machines as Each<Options>),
      )
    } catch (cause) {
      if (!(cause instanceof EmulatorCrash) || attempt === ATTEMPTS_MAX) throw cause
      console.warn(`kernel lab: the emulator failed (attempt ${attempt} of ${ATTEMPTS_MAX}): ${cause.message}`)
    }
  }
}

async function runOnce<T>(options: readonly MachineOptions[], run: (machines: Machine[]) => Promise<T>): Promise<T> {
  const machines: Machine[] = []
  let running: Promise<T> | undefined
  try {
    for (const each of options) machines.push(await bootMachine(each))
    running = run(machines)
    return await Promise.race([running, ...machines.map(({ died }) => died)])
  } catch (cause) {
    if (cause instanceof EmulatorCrash) throw cause
    // A failed expectation may be the first sign that a guest is no more.
    const crashed = await Promise.all(machines.map((machine) => machine.crashedByEmulator()))
    if (crashed.includes(true)) throw new EmulatorCrash('a guest died during the run', { cause })
    throw cause
  } finally {
    await Promise.all(machines.map((machine) => machine.stop()))
    await Promise.race([running?.catch(() => {}), delay(CLEAN_UP_MS, undefined, { ref: false })])
  }
}
