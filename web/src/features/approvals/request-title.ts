import type { AuthorisationSummary } from '@rebootless/shared/contract/commands-api.ts'
import { plural } from '../../ui/duration.ts'

/** `force lp_fix on 1 host`. The livepatch's name is a host's word. */
export const requestTitle = ({ action, patch, hostCount }: AuthorisationSummary): string =>
  `${action}${patch === null ? '' : ` ${patch}`} on ${plural(hostCount, 'host')}`
