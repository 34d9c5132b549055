import type { ChannelMessage } from '../../contract/channel-messages.ts'
import { cut } from '../sentence.ts'
import { alertTitle } from './told.ts'

/** RFC 8291, 4, and RFC 8030, 7.2: a push service takes 4096 bytes, of which encryption needs 103. */
export const PUSH_BYTES_MAX = 4096 - 103

/** What the service worker is sent: text, and where a click leads on the worker's own origin. */
export interface PushNote {
  readonly title: string
  readonly body: string
  readonly path: string
  /** A later note of the same alert takes the place of the one before. */
  readonly tag: string
  /** It stays on the screen until somebody acts. */
  readonly stays: boolean
}

const TITLE_MAX = 120
const BODY_MAX = 300

/** @returns null: nobody's phone needs to know */
export const pushNote = (message: ChannelMessage): PushNote | null => {
  switch (message.type) {
    case 'alert.changed': {
      const { data } = message
      return {
        title: cut(alertTitle(data), TITLE_MAX),
        body: cut(data.sentence, BODY_MAX),
        path: data.path,
        tag: data.dedupKey,
        stays: data.severity === 'page' && data.status === 'firing',
      }
    }
    case 'channel.tested':
      return {
        title: 'Rebootless reaches this browser',
        body: `${message.data.by} sent a test.`,
        path: '/settings/account',
        tag: 'test',
        stays: false,
      }
    default:
      return null
  }
}
