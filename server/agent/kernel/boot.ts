import { cut, type KernelReading, readFile } from './reading.ts'

/** /proc/sys/kernel/random/boot_id: random(4). Another value is another boot. */
export const readBootId = async (reading: KernelReading): Promise<string | null> => {
  const text = await readFile(reading, '/proc/sys/kernel/random/boot_id', {
    consequence: 'a reboot cannot be told from a long silence',
  })
  return text?.trim() ? cut(text.trim(), 64) : null
}

/** /proc/uptime, seconds since the boot first: proc(5). Answered in milliseconds. */
export const readUptimeMs = async (reading: KernelReading): Promise<number | null> => {
  const text = await readFile(reading, '/proc/uptime', {
    consequence: 'when the kernel booted is not known',
    unlisted: true,
  })
  return text === null ? null : parseUptime(text)
}

export const parseUptime = (text: string): number | null => {
  const seconds = /^(\d{1,12}\.\d+)\s/.exec(text)?.[1]
  return seconds === undefined ? null : Math.round(Number(seconds) * 1_000)
}
