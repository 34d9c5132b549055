import type { KernelReadings, Pressure } from '@rebootless/shared/contract/kernel-readings.ts'
import type { KernelFs } from './kernel-fs.ts'

const RESOURCES = ['cpu', 'memory', 'io'] as const
const LINE_BYTES_MAX = 4096

/** The line `some`, which all three files have: Documentation/accounting/psi.rst. Null: the text is another. */
export const parsePressure = (text: string): Pressure | null => {
  const match = /^some avg10=(\d{1,3}\.\d\d) avg60=(\d{1,3}\.\d\d) avg300=(\d{1,3}\.\d\d) total=(\d{1,15})$/m.exec(text)
  if (match === null) return null
  const [avg10 = 0, avg60 = 0, avg300 = 0, total = 0] = match.slice(1).map(Number)
  return [avg10, avg60, avg300].every((share) => share <= 100) ? { avg10, avg60, avg300, total } : null
}

/** proc_loadavg(5): the averages, then running tasks and the last process id. */
export const parseLoad = (text: string): [number, number, number] | null => {
  const match = /^(\d{1,7}\.\d\d) (\d{1,7}\.\d\d) (\d{1,7}\.\d\d) /.exec(text)
  if (match === null) return null
  const [one = 0, five = 0, fifteen = 0] = match.slice(1).map(Number)
  return [one, five, fifteen]
}

/** How much tasks wait for CPUs, memory and disks. What cannot be read is null, with the errno of the first file that refused. */
export const readPressure = async (fs: KernelFs): Promise<Pick<KernelReadings, 'pressure' | 'load'>> => {
  const pressure: KernelReadings['pressure'] = { errno: null, cpu: null, memory: null, io: null }
  for (const resource of RESOURCES) {
    const read = await fs.read(`/proc/pressure/${resource}`, LINE_BYTES_MAX)
    if (read.ok) pressure[resource] = parsePressure(read.value)
    else pressure.errno ??= read.errno
  }
  const load = await fs.read('/proc/loadavg', LINE_BYTES_MAX)
  return { pressure, load: load.ok ? parseLoad(load.value) : null }
}
