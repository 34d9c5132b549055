import { counted } from '../sentence.ts'
import { type RebootWindow, windowWord } from './reboot-window.ts'
import type { RebootsAvoided } from './reboots-avoided.ts'
import type { TimesToPatch } from './time-to-patch.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const rounded = (value: number): number => (value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value))
const grouped = (value: number): string => value.toLocaleString('en-US')

/** `40 minutes`, `7.5 hours`, `19 days`. */
export const lengthWord = (milliseconds: number): string => {
  const [value, noun] =
    milliseconds < HOUR_MS
      ? [Math.round(milliseconds / MINUTE_MS), 'minute']
      : milliseconds < 2 * DAY_MS
        ? [rounded(milliseconds / HOUR_MS), 'hour']
        : [rounded(milliseconds / DAY_MS), 'day']
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`
}

const many = (value: number, noun: string): string => (value === 1 ? `1 ${noun}` : `${grouped(value)} ${noun}s`)

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

export interface GainsTold {
  readonly days: number
  readonly window: RebootWindow
  /** Windows that came while hosts were read. */
  readonly windowsPassed: number
  /** Day of the next one, 2026-12-08. */
  readonly nextWindow: string
  readonly reboots: RebootsAvoided
  readonly uptimeKeptMs: number
  readonly times: Pick<TimesToPatch, 'all'>
}

export const gainsSentence = (told: GainsTold): string => {
  const { days, window, windowsPassed, reboots, uptimeKeptMs, times } = told
  const { avoided, hosts, pending } = reboots
  const nextWindow = dayFormat.format(Date.parse(told.nextWindow))
  const none = pending === 0 && avoided === 0 && times.all === null
  if (none) return `No livepatch fixed anything that was open in the last ${counted(days, 'day')}.`
  const waiting = `${grouped(pending)} more if ${pending === 1 ? 'that host does' : 'those hosts do'} not boot by ${nextWindow}`
  const boots =
    windowsPassed === 0
      ? `No ${windowWord(window)} has come since these hosts were first read, so no reboot counts as avoided yet` +
        (pending === 0 ? '' : `: without livepatches ${many(pending, 'host')} would need one by ${nextWindow}`)
      : `${many(avoided, 'reboot')} avoided` +
        (avoided === 0 ? '' : ` on ${many(hosts, 'host')}, ${lengthWord(uptimeKeptMs)} of uptime kept`) +
        (pending === 0 ? '' : `; ${waiting}`)
  if (times.all === null) return `${boots}.`
  const { live, window: monthly } = times.all.fromFix
  return `${boots}. What livepatches fixed was open for ${lengthWord(live.mean)} with a fix at hand; with a monthly reboot it would have been ${lengthWord(monthly.mean)}.`
}

/** How it is counted, a sentence each. */
export const gainsMethod = (window: RebootWindow, bootMinutes: number): string[] => [
  `The monthly window is the ${windowWord(window)} until its end (UTC). A fix that is there by then would have been booted on that day.`,
  'A reboot counts as avoided when a livepatch fixed something that was open on a host, for the first time, and the host did not boot until the end of the next window: at most one for each host and window, and one for each host and livepatch. A window that has not come yet avoids nothing yet.',
  'A boot is seen by its boot id, the time at which the kernel says that it started, or another kernel release.',
  `Uptime kept is ${counted(bootMinutes, 'minute')} for each reboot that was avoided. How long a boot takes is not measured: it is what you set.`,
  'Time to patch is that of each CVE on each host that was open and then fixed by a livepatch in effect. It starts with the publication, yet not before the host was first read, nor before it was open again after it had been safe. With a fix at hand starts when a fix was there too; one without a date counts as there from the beginning.',
  'The monthly time is that of the very same CVEs and hosts until the first window after a fix was there, whether or not that day has come. It may be the shorter one.',
  'What a livepatch had fixed, and lost in an upgrade, by a boot or by hand, is not counted again. What a boot fixed, and hosts that are removed, are not counted. That a boot was not needed for anything else is not claimed: see reboot debt.',
]
