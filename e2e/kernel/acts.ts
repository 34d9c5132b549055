import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { CpioEntry } from './lab/cpio.ts'
import type { Machine } from './lab/machine.ts'
import { answer, type Person } from './people.ts'

/** Long enough for two of the kernel's retries on a slow machine, and for the news of them. */
export const TOLD_WITHIN_MS = 60_000
/** A guest whose server may act without approvers. */
export const LAB_CLASS: CpioEntry = {
  path: 'etc/rebootless/agent.json',
  kind: 'file',
  content: JSON.stringify({ class: 'lab' }),
}

/** A module of the lab, as a person uploads it; its hash. */
export async function upload({ api }: Person, machine: Machine, name: string): Promise<string> {
  const data = await readFile(path.join(machine.modulesDirectory, `${name}.ko`))
  const headers = { 'content-type': 'application/octet-stream' }
  return (await answer(api.post('/api/v1/patches', { data, headers }))).id
}

/** What a livepatch could have left in the kernel. */
export async function kernelText(machine: Machine): Promise<string> {
  const script = [
    'ls -R /sys/kernel/livepatch',
    'grep "" /sys/kernel/livepatch/*/[et]*',
    'cut -d" " -f1-3 /proc/modules',
    'dmesg | grep livepatch:',
  ]
  return (await machine.exec(['sh', '-c', script.join('; ')])).stdout
}

/** A thread called worker-3 that sleeps, until it is released or killed, in the function that lp_killable replaces. */
export async function sleepInOldFunction(machine: Machine): Promise<void> {
  await machine.insmod('lptarget')
  await machine.spawnReader({ path: '/proc/lpt/wait_killable', name: 'db-writer', thread: 'worker-3' })
  await expect.poll(() => sleepers(machine)).toHaveLength(1)
}

export async function sleepers(machine: Machine): Promise<Authorisation['blockingTasks']> {
  const { stdout } = await machine.exec(['sh', '-c', 'grep -l lpt_wait_killable /proc/[0-9]*/task/*/wchan'])
  return Array.from(stdout.matchAll(/task\/(\d+)/g), ([, tid]) => ({ tid: Number(tid), name: 'worker-3' }))
}

/** Until the program calls the transition stalled, and knows by whom. */
export async function stalled({ api }: Person, hostId: string): Promise<void> {
  const blocking = async () => {
    const { transition } = await answer(api.get(`/api/v1/hosts/${hostId}/transition`))
    return transition?.blocking.map(({ comm }: { comm: string }) => comm) ?? []
  }
  await expect.poll(blocking, { timeout: TOLD_WITHIN_MS }).toEqual(['worker-3'])
}
