import { setTimeout as delay } from 'node:timers/promises'
import { EmulatorCrash } from './death.ts'
import { bootMachine, type Machine, type MachineOptions } from './machine.ts'

const ATTEMPTS_MAX = 3
/** How long a run whose machine is gone may take to notice and clean up. */
const CLEAN_UP_MS = 30_000

/**
 * Boots, runs, pulls the plug. The whole run is repeated when the emulator failed, never when the test did; so the run
 * must leave nothing behind on the host that a second one would find. The last attempt is the slow one that cannot crash so.
 */
export async function withMachine<T>(options: MachineOptions, run: (machine: Machine) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce({ singleThread: attempt === ATTEMPTS_MAX, ...options }, run)
    } catch (cause) {
      if (!(cause instanceof EmulatorCrash) || attempt === ATTEMPTS_MAX) throw cause
      console.warn(`kernel lab: the emulator failed (attempt ${attempt} of ${ATTEMPTS_MAX}): ${cause.message}`)
    }
  }
}

async function runOnce<T>(options: MachineOptions, run: (machine: Machine) => Promise<T>): Promise<T> {
  const machine = await bootMachine(options)
  const running = run(machine)
  try {
    return await Promise.race([running, machine.died])
  } catch (cause) {
    if (cause instanceof EmulatorCrash) throw cause
    // A failed expectation may be the first sign that the guest is no more.
    if (await machine.crashedByEmulator()) throw new EmulatorCrash('the guest died during the run', { cause })
    throw cause
  } finally {
    await machine.stop()
    await Promise.race([running.catch(() => {}), delay(CLEAN_UP_MS, undefined, { ref: false })])
  }
}
