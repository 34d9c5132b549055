import { createHmac } from 'node:crypto'
import type { KernelFs } from '../kernel/kernel-fs.ts'

/** Of this program alone: others derive other ids from the same machine id. */
const APPLICATION = Buffer.from('c3a1f6d4e2b94c1e8f0d5a7b96e83d21', 'hex')

/**
 * Which machine this is, without giving its id away: keyed by /etc/machine-id, as machine-id(5) asks for and
 * sd_id128_get_machine_app_specific(3) does it. Undefined where there is none, or none yet.
 */
export const readMachineId = async (fs: Pick<KernelFs, 'read'>): Promise<string | undefined> => {
  const text = await fs.read('/etc/machine-id', 256)
  const id = text.ok ? /^([0-9a-f]{32})\s*$/.exec(text.value)?.[1] : undefined
  if (id === undefined || /^0+$/.test(id)) return undefined
  return createHmac('sha256', Buffer.from(id, 'hex')).update(APPLICATION).digest('hex')
}
