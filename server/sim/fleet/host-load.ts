import type { MachineLoad } from '../kernel/kernel-facts.ts'
import type { HostPlan } from './host-plan.ts'
import type { HostRole } from './loads.ts'

type Shares = Exclude<MachineLoad['pressure'], 'off' | null>

/** Per cent of the time in which some task waits, and the load for each CPU. */
const OF_ROLE: Readonly<Record<HostRole, Shares & { readonly each: number }>> = {
  web: { cpu: 2, memory: 0.1, io: 0.4, each: 0.25 },
  database: { cpu: 3, memory: 0.6, io: 6, each: 0.4 },
  batch: { cpu: 22, memory: 1.5, io: 2, each: 0.9 },
  proxy: { cpu: 1.5, memory: 0, io: 0.1, each: 0.2 },
  idle: { cpu: 0.05, memory: 0, io: 0.02, each: 0.02 },
}
/** Linux 4.20 brought it; Red Hat builds it in and leaves it off (CONFIG_PSI_DEFAULT_DISABLED). */

/** How much the tasks of a host wait, by what it is for. */
export const loadOfHost = ({
  role,
  kernel,
  cpus,
  seed,
}: Pick<HostPlan, 'role' | 'kernel' | 'cpus' | 'seed'>): MachineLoad => {
  const { each, ...shares } = OF_ROLE[role]
  const [major = 0, minor = 0] = kernel.release.split(/[.-]/).map(Number)
  const isOld = major < 4 || (major === 4 && minor < 20)
  const isOff = /^ID="?(?:rhel|centos)"?$/m.test(kernel.osRelease)
  return {
    pressure: isOld ? null : isOff ? 'off' : shares,
    average: each * cpus,
    phaseSeconds: seed % 600,
  }
}
