import { setTimeout as delay } from 'node:timers/promises'
import type { Machine } from './machine.ts'

/** A patch as sysfs shows it; undefined once its directory has gone. */
export interface LivepatchFiles {
  readonly enabled: boolean
  readonly transition: boolean
}

const POLL_MS = 200

export async function livepatchFiles(machine: Machine, patch: string): Promise<LivepatchFiles | undefined> {
  const folder = `/sys/kernel/livepatch/${patch}`
  const { stdout, code } = await machine.exec(['cat', `${folder}/enabled`, `${folder}/transition`])
  const [enabled, transition] = stdout.split('\n')
  return code === 0 ? { enabled: enabled === '1', transition: transition === '1' } : undefined
}

/** Waits for the end of a transition: into the kernel (`enabled`), or out of it (`gone`). */
export async function transitionEnds(
  machine: Machine,
  patch: string,
  expected: 'enabled' | 'gone' = 'enabled',
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const files = await livepatchFiles(machine, patch)
    if (expected === 'gone' ? files === undefined : files?.enabled === true && !files.transition) return
    if (Date.now() > deadline) {
      throw new Error(`${patch} is not ${expected} after ${timeoutMs} ms: ${JSON.stringify(files ?? 'gone')}`)
    }
    await delay(POLL_MS)
  }
}

/** patch_state by thread id. */
export async function patchStates(machine: Machine): Promise<Map<number, number>> {
  const { stdout } = await machine.exec(['sh', '-c', 'grep -H "" /proc/[0-9]*/task/*/patch_state'])
  const states = new Map<number, number>()
  for (const [, tid, state] of stdout.matchAll(/task\/(\d+)\/patch_state:(-?\d)/g))
    states.set(Number(tid), Number(state))
  return states
}

/** The threads in the way of an enabled patch; right after its start that is nearly every one, so wait for few. */
export async function blockingThreads(machine: Machine, target: 0 | 1): Promise<number[]> {
  const states = await patchStates(machine)
  return Array.from(states).flatMap(([tid, state]) => (state === 1 - target ? [tid] : []))
}
