// Goal: whatever a push brings, something is shown, as text, and a click leads to this origin alone. Method: a table.
import { pushNote } from '@rebootless/shared/domain/channel-formats/push.ts'
import { alertChanged, HOSTILE } from '@rebootless/shared/domain/channel-formats/test-alert.ts'
import { expect, test } from 'vitest'
import { noteOf, pathOf } from './received-note.ts'

test('an alert is shown by its title and sentence, and leads to its page', () => {
  const { data } = alertChanged()
  expect(noteOf(JSON.stringify(pushNote(alertChanged())))).toEqual({
    ...{ title: data.title, body: data.sentence, tag: data.dedupKey, requireInteraction: true, renotify: true },
    data: { path: data.path },
  })
})

test.each(['', 'garbage', '[]', 'null', '"text"', '{"title":7}'])('%s is shown as news', (received) => {
  expect(noteOf(received)).toMatchObject({ title: 'Rebootless', data: { path: '/' } })
})

test.each(['https://evil.example/', '//evil.example/', '/\\evil.example/', 'javascript:alert(1)', '', 7])(
  'T04 a click on what says %s leads to the first page of this origin',
  (path) => {
    expect(pathOf({ path })).toBe('/')
  },
)

test('T04 what a host calls itself is shown as it is', () => {
  expect(noteOf(JSON.stringify({ title: HOSTILE, body: HOSTILE }))).toMatchObject({ title: HOSTILE, body: HOSTILE })
})
