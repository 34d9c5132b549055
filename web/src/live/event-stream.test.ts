// Goal: a lost stream is noticed, mended and never mistaken for news. Method: an EventSource and a clock of our own.
import { expect, test, vi } from 'vitest'
import { followEvents } from './event-stream.ts'

class Source extends EventTarget {
  readyState = 0
  closed = false
  close() {
    this.closed = true
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  fail(readyState: 0 | 2) {
    this.readyState = readyState
    this.dispatchEvent(new Event('error'))
  }
  send(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: typeof data === 'string' ? data : JSON.stringify(data) }))
  }
}

const setUp = () => {
  const sources: Source[] = []
  const urls: string[] = []
  const waits: { run: () => void; milliseconds: number }[] = []
  const listener = { onEvent: vi.fn(), onOpen: vi.fn(), onLost: vi.fn() }
  const stream = followEvents(
    (first) => (first ? '/first' : '/again'),
    {
      open: (url) => {
        const source = new Source()
        urls.push(url)
        sources.push(source)
        return source as unknown as EventSource
      },
      later: (run, milliseconds) => {
        waits.push({ run, milliseconds })
        return () => {}
      },
      random: () => 1,
    },
    listener,
  )
  const last = () => sources.at(-1) ?? new Source()
  return { sources, urls, waits, listener, stream, last }
}

test('takes named and unnamed events, and drops what it does not know', () => {
  const { listener, last } = setUp()
  const reset = { type: 'reset', at: '2026-11-24T23:54:24.120Z' }
  last().send('reset', reset)
  last().send('message', reset)
  last().send('message', '{not json')
  last().send('message', { type: 'surprise' })
  last().send('message', 'null')
  expect(listener.onEvent.mock.calls).toEqual([[reset], [reset]])
})

test('a cut that the browser mends resumes; one that it gives up is opened anew, ever more slowly', () => {
  const { sources, urls, waits, listener, last } = setUp()
  last().open()
  last().fail(0)
  expect(listener.onLost).toHaveBeenLastCalledWith(null)
  last().open()
  expect(listener.onOpen.mock.calls).toEqual([[true], [true]])
  for (let failures = 0; failures < 7; failures++) {
    last().fail(2)
    waits.at(-1)?.run()
  }
  expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  last().open()
  expect(listener.onOpen).toHaveBeenLastCalledWith(false)
  expect([...new Set(urls.slice(1))]).toEqual(['/again'])
  expect(urls[0]).toBe('/first')
  expect(sources.slice(0, -1).every((source) => source.closed)).toBe(true)
})

test('after stop nothing is opened', () => {
  const { waits, listener, stream, last } = setUp()
  stream.stop()
  last().fail(2)
  expect(waits).toEqual([])
  expect(listener.onLost).not.toHaveBeenCalled()
})
