import type { ProviderName } from './words.ts'

/**
 * Live patching systems with a documented command that applies all patches without a question: uptrack-upgrade(8), kcarectl
 * of KernelCare's handbook, canonical-livepatch of the snap's help, kpatch(1). SUSE's patches come as packages alone, by
 * zypper(8), and those of Red Hat and Amazon by dnf(8), before kpatch loads them.
 */
export const UPDATABLE_PROVIDERS = [
  'ksplice',
  'kernelcare',
  'canonical',
  'kpatch',
  'klp',
] as const satisfies ProviderName[]
export type UpdatableProvider = (typeof UPDATABLE_PROVIDERS)[number]

export const isUpdatable = (name: string): name is UpdatableProvider =>
  (UPDATABLE_PROVIDERS as readonly string[]).includes(name)

/** Whose patches are packages of the distribution. The host's agent.json has to allow that one is installed. */
export const comesAsPackage = (name: string): boolean => name === 'kpatch' || name === 'klp'

/** The name under which an authorisation to `update` means the agent itself, in the place of a system. */
export const AGENT_ITSELF = 'agent'
