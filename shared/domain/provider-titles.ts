import type { ProviderName } from './words.ts'

/** As its maker writes it. Apart from the rest of what is declared, of which agents need nothing else. */
export const PROVIDER_TITLES: Readonly<Record<ProviderName, string>> = {
  livepatch: 'Linux livepatch',
  kpatch: 'kpatch',
  klp: 'SUSE live patching (klp)',
  kgraft: 'kGraft (kgr)',
  ksplice: 'Ksplice (Uptrack)',
  kernelcare: 'KernelCare',
  canonical: 'Canonical Livepatch',
}
