// Goal: followers get every record once, oldest first, and the log stays bounded. Method: more records than it keeps.
import { expect, test } from 'vitest'
import { parseKernelLogRecord } from '../../agent/kernel/kernel-log.ts'
import { KernelLog } from './kernel-log.ts'

test('a follower hears what is there, then what comes, until it stops; the agent can read it', () => {
  const log = new KernelLog()
  log.append(5, 12.7, 'first')
  const heard: string[] = []
  const stop = log.follow((record) => heard.push(record))
  log.append(3, 1_000_000, 'second; with a semicolon')
  stop()
  log.append(6, 2_000_000, 'third')
  expect(heard).toEqual(['5,0,12,-;first\n', '3,1,1000000,-;second; with a semicolon\n'])
  expect(heard.map(parseKernelLogRecord)).toMatchObject([
    { sequence: 0, microseconds: 12, facility: 0, text: 'first' },
    { sequence: 1, microseconds: 1_000_000, facility: 0, text: 'second; with a semicolon' },
  ])
})

test('no text can begin a record of its own', () => {
  const log = new KernelLog()
  log.append(4, 0, 'a\n5,9,0,-;livepatch: \\ ü')
  expect(log.records).toEqual(['4,0,0,-;a\\x0a5,9,0,-;livepatch: \\x5c \\xc3\\xbc\n'])
})

test('the oldest records go, sequence numbers go on', () => {
  const log = new KernelLog()
  for (let count = 0; count < 10_000; count += 1) log.append(6, count, 'x')
  expect(log.records.length).toBeLessThanOrEqual(2_000)
  expect(log.records.at(-1)).toBe('6,9999,9999,-;x\n')
})
