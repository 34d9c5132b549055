import { canonicalProvider } from './canonical/provider.ts'
import { kernelcareProvider } from './kernelcare/provider.ts'
import { kgraftProvider } from './kgraft/provider.ts'
import { klpProvider } from './klp/provider.ts'
import { kpatchProvider } from './kpatch/provider.ts'
import { kspliceProvider } from './ksplice/provider.ts'
import type { Provider } from './provider.ts'

/** Every live patching system that is looked for, besides livepatch itself, which each kernel is read for. */
export const PROVIDERS: readonly Provider[] = [
  kpatchProvider,
  klpProvider,
  kgraftProvider,
  kspliceProvider,
  kernelcareProvider,
  canonicalProvider,
]
