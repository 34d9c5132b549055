import { createHash, X509Certificate } from 'node:crypto'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { SelfUpdate } from '../acts/ports.ts'
import { keptArtefacts } from '../acts/private-files.ts'
import type { Clock } from '../clock.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { isStopped } from '../config/stop-file.ts'
import { journalFile } from '../journal/journal-file.ts'
import { readBootId } from '../kernel/boot.ts'
import { readBuildId } from '../kernel/build-id.ts'
import { readUname } from '../kernel/identity.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { startReading } from '../kernel/reading.ts'
import { fetchArtefact } from '../link/fetch-artefact.ts'
import type { AgentIdentity } from '../link/identity.ts'
import type { HostObserver } from '../observer.ts'
import type { HostPrograms, ModuleFiles } from '../programs/programs.ts'
import { type CommandDesk, type CommandDeskOptions, createCommandDesk, type KernelNow } from './command-desk.ts'

/** What commands act on. */
export interface ActingHost {
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly moduleFiles: ModuleFiles
  readonly selfUpdate?: SelfUpdate | undefined
}

export interface StartCommandsOptions extends Pick<CommandDeskOptions, 'recorded' | 'skewMs' | 'report' | 'warn'> {
  readonly host: ActingHost
  readonly observer: HostObserver
  readonly clock: Clock
  readonly dataDirectory: string
  readonly identity: () => Promise<AgentIdentity>
  readonly policy: () => Promise<HostPolicy>
  readonly sample: () => TransitionSample | null
  readonly signal: AbortSignal
}

/** The command desk of an agent, over its data directory, its kernel and its server. */
export const startCommands = (options: StartCommandsOptions): Promise<CommandDesk> => {
  const { host, observer, dataDirectory, clock, sample, identity, signal } = options
  return createCommandDesk({
    ...options,
    ports: {
      ...{ ...host, clock, sample, kept: keptArtefacts(dataDirectory) },
      fetchArtefact: (sha256, sizeBytes) => fetchArtefact({ identity, clock, signal }, sha256, sizeBytes),
      refresh: () => observer.refresh?.(),
    },
    journalFile: journalFile(dataDirectory),
    identity: async () => {
      const { hostId, commandKey, certificate } = await identity()
      return { hostId, commandKey, hostKey: keyOf(certificate) }
    },
    isStopped: () => isStopped(dataDirectory),
    kernel: () => readKernelNow(host.fs, observer),
  })
}

/** SHA-256 of the host's public key (SubjectPublicKeyInfo, DER), hex. */
export const keyOf = (certificate: string): string =>
  createHash('sha256')
    .update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

const readKernelNow = async (fs: KernelFs, observer: HostObserver): Promise<KernelNow> => {
  const reading = startReading(fs)
  const { release } = await readUname(reading)
  const { memory, kernelEvents } = await observer.current()
  return {
    release: release === 'unknown' ? null : release,
    buildId: await readBuildId(fs),
    bootId: await readBootId(reading),
    wasForced(patch) {
      const isForced = memory.some(({ name, forcedAt }) => forcedAt !== null && (patch ?? name) === name)
      return isForced || (kernelEvents === null ? null : false)
    },
  }
}
