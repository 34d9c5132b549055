import type { RawFile, Unreadable } from '@rebootless/shared/contract/kernel.ts'
import type { DistributionFacts, ProviderReport } from '@rebootless/shared/contract/provider.ts'

/** What a host's tools and its distribution say, as of their last readings. */
export interface ProviderAccount {
  /** Of the systems that are on the host, besides livepatch itself. */
  readonly reports: readonly ProviderReport[]
  readonly distribution: DistributionFacts | null
  readonly unreadable: readonly Unreadable[]
  readonly raw: readonly RawFile[]
}
