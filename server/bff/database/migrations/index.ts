import type { Migration } from '../migration.ts'
import { access } from './0001-access.ts'
import { hosts } from './0002-hosts.ts'
import { enrolment } from './0003-enrolment.ts'
import { events } from './0004-events.ts'
import { boots } from './0005-boots.ts'
import { originOfTokens } from './0006-origin-of-tokens.ts'
import { providers } from './0007-providers.ts'
import { audit } from './0008-audit.ts'
import { people } from './0009-people.ts'
import { hostsInAndOut } from './0010-enrolment.ts'
import { commands } from './0011-commands.ts'
import { auditChain } from './0012-audit-chain.ts'
import { serverKeys } from './0013-server-keys.ts'
import { eventsOfPeople } from './0014-events-of-people.ts'
import { patches } from './0015-patches.ts'
import { rollouts } from './0016-rollouts.ts'
import { rolloutTemplates } from './0017-rollout-templates.ts'
import { rolloutPolicies } from './0018-rollout-policies.ts'
import { channels } from './0019-channels.ts'
import { kernelReadings } from './0020-kernel-readings.ts'
import { rolloutHostChanges } from './0021-rollout-host-changes.ts'
import { rolloutOffers } from './0022-rollout-offers.ts'
import { eventsOfRollouts } from './0023-events-of-rollouts.ts'
import { rolloutHostsThatAreOurs } from './0024-rollout-hosts-that-are-ours.ts'
import { taskLooks } from './0025-task-looks.ts'
import { vulnerabilities } from './0026-vulnerabilities.ts'
import { compliance } from './0027-compliance.ts'
import { alerts } from './0029-alerts.ts'
import { channelKinds } from './0030-channel-kinds.ts'
import { traces } from './0031-traces.ts'
import { reports } from './0033-reports.ts'
import { rebootDebt } from './0034-reboot-debt.ts'
import { fleetShares } from './0035-fleet-shares.ts'
import { backends } from './0036-backends.ts'
import { eventSlots } from './0037-event-slots.ts'
import { causesPrint } from './0038-causes-print.ts'

/** Every step, oldest first. */
export const migrations: readonly Migration[] = [
  access,
  hosts,
  enrolment,
  events,
  boots,
  originOfTokens,
  providers,
  audit,
  people,
  hostsInAndOut,
  commands,
  auditChain,
  serverKeys,
  eventsOfPeople,
  patches,
  rollouts,
  rolloutTemplates,
  rolloutPolicies,
  channels,
  kernelReadings,
  rolloutHostChanges,
  rolloutOffers,
  eventsOfRollouts,
  rolloutHostsThatAreOurs,
  taskLooks,
  vulnerabilities,
  compliance,
  alerts,
  channelKinds,
  traces,
  reports,
  rebootDebt,
  fleetShares,
  backends,
  eventSlots,
  causesPrint,
]
