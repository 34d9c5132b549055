import type { PushNote } from '@rebootless/shared/domain/channel-formats/push.ts'

/** As `showNotification` takes it; all of it is text. */
export interface ShownNote {
  readonly title: string
  readonly body: string
  readonly tag: string
  readonly requireInteraction: boolean
  /** A later note of the same alert is heard too, though it takes the place of the one before. */
  readonly renotify: true
  readonly data: { readonly path: string }
}

const text = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise

/** A path of this origin; whatever else it says leads to the first page. */
export const pathOf = (data: unknown): string => {
  const path = typeof data === 'object' && data !== null && 'path' in data ? data.path : undefined
  return typeof path === 'string' && /^\/(?![/\\])/.test(path) ? path : '/'
}

/** A browser wants something shown for each push, so what cannot be read is shown as news too. */
export const noteOf = (received: string): ShownNote => {
  const note = parsed(received)
  return {
    title: text(note.title, 'Rebootless'),
    body: text(note.body, 'There is news: open Rebootless.'),
    tag: text(note.tag, 'rebootless'),
    requireInteraction: note.stays === true,
    renotify: true,
    data: { path: pathOf(note) },
  }
}

const parsed = (received: string): Partial<Record<keyof PushNote, unknown>> => {
  try {
    const value: unknown = JSON.parse(received)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
