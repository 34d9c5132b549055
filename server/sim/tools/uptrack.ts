import type { FleetPatch } from '../fleet/patch-images.ts'
import type { ToolStep } from '../fleet/tool-state.ts'
import { stepsFor } from '../fleet/tool-work.ts'
import {
  type Answer,
  broken,
  draw,
  type HostFiles,
  hexadecimal,
  NOT_ANSWERED,
  patchesIn,
  type StandIn,
  type ToolHost,
} from './stand-in.ts'
import { type YamlNode, yamlDocument } from './yaml-text.ts'

/** Ksplice's client Uptrack: its files and texts as those of the GPL client of 2011, which Oracle's manual still shows. */
export const uptrack: StandIn = {
  files: (host) => ({
    '/usr/sbin/uptrack-show': '',
    '/usr/sbin/uptrack-upgrade': '',
    '/usr/bin/uptrack-uname': '',
    '/etc/uptrack/uptrack.conf': () =>
      `[Auth]\naccesskey = ${hexadecimal(host, 'key', 64)}\n\n[Settings]\nautoinstall = no\ninstall_on_reboot = yes\n`,
    '/var/lib/uptrack/uuid': () => `${hexadecimal(host, 'uuid', 32)}\n`,
    '/var/lib/uptrack/effective_kernel': () => yamlDocument(effectiveKernel(host)),
    ...cache(host),
  }),
  programs: {
    '/usr/sbin/uptrack-show': (args, host) => broken(host, 'uptrack-show') ?? show(args, host),
    '/usr/bin/uptrack-uname': (args, host) => broken(host, 'uptrack-uname') ?? uname(args, host),
  },
}

/** The client on a host that another system patches: switched on, with no update that is for it. */
export const idleUptrack: StandIn = {
  files: (host) => uptrack.files(withoutUpdates(host)),
  programs: Object.fromEntries(
    Object.entries(uptrack.programs).map(([program, answer]) => [
      program,
      (args: readonly string[], host: ToolHost) => answer(args, withoutUpdates(host)),
    ]),
  ),
}

const withoutUpdates = (host: ToolHost): ToolHost => ({
  plan: { ...host.plan, patches: [] },
  tool: { trouble: null, upgrade: null, failure: null, believed: null },
  patch: null,
  get kernel() {
    return host.kernel
  },
  get nowMs() {
    return host.nowMs
  },
  get startedAtMs() {
    return host.startedAtMs
  },
  get monotonicUs() {
    return host.monotonicUs
  },
})

/** What goes in is over when the kernel says so; the client's own books may be older, when somebody went behind its back. */
const installed = (host: ToolHost): readonly FleetPatch[] => {
  const { believed } = host.tool
  if (believed !== null) return host.plan.patches.slice(0, believed + 1)
  const applied = new Set(host.kernel?.state.system?.applied.map(({ name }) => name))
  return patchesIn(host).filter(({ image }) => applied.has(image.name))
}

export const updateIdOf = ({ image }: FleetPatch): string => image.name.slice('ksplice_'.length)

/** Of the newest update in an unbroken row; what was taken out for a moment counts as missing. */
const effective = (host: ToolHost): string => {
  const { plan } = host
  const names = new Set(installed(host).map(({ image }) => image.name))
  const firstMissing = plan.patches.findIndex(({ image }, index) => !names.has(image.name) && index !== plan.withdrawn)
  const row = firstMissing === -1 ? plan.patches : plan.patches.slice(0, firstMissing)
  const last = row.findLast(({ image }) => names.has(image.name))
  return last?.effective ?? plan.kernel.release
}

const effectiveKernel = (host: ToolHost): YamlNode => {
  const { release, architecture, kernel } = host.plan
  const version = kernel.version ?? ''
  return {
    EffectiveKernel: {
      Architecture: architecture,
      PackageVersion: effective(host),
      Release: `${effective(host)}.${architecture}`,
      Sysname: 'Linux',
      Version: version,
    },
    Installed: installed(host).map(updateIdOf),
    OriginalKernel: { Release: release, Sysname: 'Linux', UserArchitecture: architecture, Version: version },
  }
}

const cache = (host: ToolHost): HostFiles => {
  const { architecture, release, kernel } = host.plan
  const directory = `/var/cache/uptrack/Linux/${architecture}/${release}/${kernel.version ?? ''}`
  return {
    [`${directory}/status`]: () => yamlDocument(status(host)),
    [`${directory}/upgrade_plan`]: () => {
      const steps = host.tool.upgrade ?? stepsFor(host, host.plan.patches.length - 1)
      return yamlDocument({ Plan: steps.map((step) => planned(host, step)), Time: checkedAt(host) })
    },
    [`${directory}/init_plan`]: () => {
      const plan = installed(host).map((patch) => ({ Command: 'Install', ...named(patch) }))
      return yamlDocument({ Plan: plan, Time: checkedAt(host) })
    },
    [`${directory}/results`]: () => yamlDocument({ Result: result(host), Time: checkedAt(host) }),
  }
}

const status = (host: ToolHost): YamlNode => ({
  Client: {
    Hostname: host.plan.name,
    Key: hexadecimal(host, 'key', 64),
    RebootsSaved: installed(host).length,
    UUID: hexadecimal(host, 'uuid', 32),
    UptrackVersion: '1.2.84',
  },
  Kernel: { Release: host.plan.release, Sysname: 'Linux', Version: host.plan.kernel.version ?? '' },
  Time: checkedAt(host),
  Updates: { Installed: installed(host).map(named) },
})

const checkedAt = (host: ToolHost): string =>
  stamp(host.nowMs - (host.nowMs % CHECK_MS) + draw(host, 'check', 600_000) - CHECK_MS)

/** The client asks its server every few hours. */
const CHECK_MS = 4 * 3_600_000

const named = (patch: FleetPatch) => ({ ID: updateIdOf(patch), Name: patch.title })

const planned = ({ plan }: ToolHost, { action, patch }: ToolStep) => ({
  Command: action === 'install' ? 'Install' : 'Remove',
  ...plan.patches.slice(patch, patch + 1).map(named)[0],
})

const result = (host: ToolHost): YamlNode => {
  const { trouble, failure } = host.tool
  if (trouble === 'expired') return { Code: 17, Message: EXPIRED, Succeeded: [], Failed: [] }
  if (trouble === 'unreachable') return { Code: 10, Message: NO_NETWORK, Succeeded: [], Failed: [] }
  if (failure === null) return { Code: 0, Message: '', Succeeded: [], Failed: [] }
  const failed = {
    ...planned(host, failure.step),
    Abort: 'code_busy',
    Message: 'Ksplice was unable to install the update.',
    'Stack Check': failure.blocked.map(({ comm, pid, function: held }) => [comm, String(pid), held ?? '']),
  }
  return { Code: 1, Message: 'Some actions failed.', Succeeded: [], Failed: [failed] }
}

const EXPIRED = 'Your Ksplice Uptrack subscription has expired.'
const NO_NETWORK = 'Could not connect to the Ksplice Uptrack server.'

/** PyYAML's form of a UTC time. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)}000`

const line = (patch: FleetPatch): string => `[${updateIdOf(patch)}] ${patch.title}\n`

const show = (args: readonly string[], host: ToolHost): Answer => {
  const lines = (patches: readonly FleetPatch[]) => (patches.length === 0 ? 'None\n' : patches.map(line).join(''))
  const is = installed(host)
  if (args.includes('--count')) return { stdout: `${is.length}\n` }
  const available = host.plan.patches.filter((patch, index) => !is.includes(patch) && index !== host.plan.withdrawn)
  const parts = [
    ...(args.includes('--available') || args.includes('--all') ? [`Available updates:\n${lines(available)}`] : []),
    ...(args.includes('--available') ? [] : [`Installed updates:\n${lines(is)}`]),
  ]
  return { stdout: `${parts.join('\n')}\nEffective kernel version is ${effective(host)}\n` }
}

const uname = ([option]: readonly string[], host: ToolHost): Answer => {
  const { architecture, name, kernel } = host.plan
  const release = `${effective(host)}.${architecture}`
  if (option === '-r') return { stdout: `${release}\n` }
  return option === '-a'
    ? { stdout: `Linux ${name} ${release} ${kernel.version ?? ''} ${architecture} GNU/Linux\n` }
    : NOT_ANSWERED
}
