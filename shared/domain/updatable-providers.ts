import type { ProviderName } from './words.ts'

/**
 * Live patching systems whose tool has a documented command that applies all patches without a question: uptrack-upgrade(8),
 * kcarectl of KernelCare's handbook, canonical-livepatch of the snap's help, kpatch(1). SUSE's and Amazon's patches come by
 * the package manager, which changes more than the kernel: that is not for an agent.
 */
export const UPDATABLE_PROVIDERS = ['ksplice', 'kernelcare', 'canonical', 'kpatch'] as const satisfies ProviderName[]
export type UpdatableProvider = (typeof UPDATABLE_PROVIDERS)[number]

export const isUpdatable = (name: string): name is UpdatableProvider =>
  (UPDATABLE_PROVIDERS as readonly string[]).includes(name)
