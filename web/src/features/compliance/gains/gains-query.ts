import type { ComplianceGains, ComplianceGainsQuery } from '@rebootless/shared/contract/compliance-gains.ts'
import { DEFAULT_WINDOW, isRebootWindow, type RebootWindow } from '@rebootless/shared/domain/gains/reboot-window.ts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { askedOf, type Scope } from '../scope.ts'

/** What the gains are held against: assumptions that whoever looks may change. */
export interface GainsAsked {
  readonly window: RebootWindow
  readonly bootMinutes: number
}
export const DEFAULT_BOOT_MINUTES = 10
export const BOOT_MINUTES_MAX = 600

/** From an address that anybody may have written. */
export const gainsAsked = (window: string | undefined, boot: string | undefined): GainsAsked => {
  const minutes = /^\d{1,3}$/.test(boot ?? '') ? Number(boot) : DEFAULT_BOOT_MINUTES
  return {
    window: isRebootWindow(window) ? window : DEFAULT_WINDOW,
    bootMinutes: minutes >= 1 && minutes <= BOOT_MINUTES_MAX ? minutes : DEFAULT_BOOT_MINUTES,
  }
}

/** It is of days and months, and the server reads it anew no sooner. */
const EVERY_MS = 60_000

export const gainsQuery = (scope: Scope, days: number, asked: GainsAsked) => {
  const query: Partial<ComplianceGainsQuery> = { ...askedOf(scope), ...asked, days }
  return queryOptions({
    queryKey: queryKeys.complianceGains(query),
    queryFn: ({ signal }): Promise<ComplianceGains> => api.get('/api/v1/compliance/gains', { query, signal }),
    staleTime: scope.at === undefined ? EVERY_MS : Number.POSITIVE_INFINITY,
    refetchInterval: scope.at === undefined ? EVERY_MS : false,
    // With another window the numbers stay until the next ones are there.
    placeholderData: keepPreviousData,
  })
}
