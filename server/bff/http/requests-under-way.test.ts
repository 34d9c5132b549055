// Goal: a thread can tell whether somebody waits for an answer. Method: answers that close when the test says so.
import { EventEmitter } from 'node:events'
import type { Response } from 'express'
import { expect, test } from 'vitest'
import { createRequestsUnderWay } from './requests-under-way.ts'

test('a request counts from when it came until its connection has no more to do with it, once', () => {
  const underWay = createRequestsUnderWay()
  const [first, second] = [new EventEmitter(), new EventEmitter()]
  underWay.add(first as Response)
  underWay.add(second as Response)
  expect(underWay.count[0]).toBe(2)
  first.emit('close')
  first.emit('close')
  expect(underWay.count[0]).toBe(1)
  second.emit('close')
  expect(underWay.count[0]).toBe(0)
})
