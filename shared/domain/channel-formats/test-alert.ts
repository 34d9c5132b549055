import { AlertChanged } from '../../contract/channel-messages.ts'

export const ALERT_ID = '00000000-0000-4000-8000-00000000000a'
export const PAGES = 'https://reboot.example/'

export const hostId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** An alert of two hosts, of which tests change what they are about. */
export const alertChanged = (change: Partial<AlertChanged['data']> = {}, timestamp = '2026-11-26T12:30:00.000Z') =>
  AlertChanged.parse({
    type: 'alert.changed',
    timestamp,
    data: {
      ...{ id: ALERT_ID, number: 1, dedupKey: `alert:${ALERT_ID}`, rule: 'transition-stalled', severity: 'page' },
      ...{ status: 'firing', change: 'fired', title: 'Two hosts are stalled', cause: 'kworker in d_path' },
      ...{ sentence: 'kworker sleeps in d_path, which the patch replaces.', hostCount: 2 },
      hosts: [
        { id: hostId(1), name: 'web-1' },
        { id: hostId(2), name: 'web-2' },
      ],
      labels: { env: 'production', 'data.centre': 'eu-1' },
      ...{ since: '2026-11-26T12:20:00.000Z', firedAt: '2026-11-26T12:30:00.000Z', resolvedAt: null },
      ...{ acknowledged: null, silencedUntil: null, escalationLevel: 0 },
      ...{ path: `/alerts/${ALERT_ID}`, runbookPath: '/alerts/runbooks/transition-stalled' },
      ...change,
    },
  })

/** As large as the contract lets it be, in characters of four bytes. */
export const largestAlert = () => {
  const wide = (charactersMax: number) => '𝕏'.repeat(charactersMax / 2)
  return alertChanged({
    ...{ title: wide(300), sentence: wide(1500), cause: wide(600), hostCount: 5000 },
    hosts: Array.from({ length: 50 }, (_, at) => ({ id: hostId(at), name: wide(300) })),
    labels: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`label-${at}`, wide(300)])),
    acknowledged: { by: 'a'.repeat(64), at: '2026-11-26T12:31:00.000Z', note: wide(1500) },
  })
}

/** What a host may call itself. */
export const HOSTILE = '<!channel> [x](https://evil.example) <img src=x> *b* "\\\u0022'
