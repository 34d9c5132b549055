// Goal: a replica answers only for a history that is the primary's, and only what it has replayed. Method: a table of both servers'
// positions; positions in PostgreSQL's own form.
import { describe, expect, test } from 'vitest'
import { type PrimaryPosition, parseLsn, type StandbyPosition, whyNotByReplica } from './may-answer.ts'

const needed: PrimaryPosition = { cluster: '7', database: '16384', timeline: 2, lsn: 100n }
const found: StandbyPosition = { cluster: '7', database: '16384', timeline: 2, inRecovery: true, replayed: 100n }

describe('whyNotByReplica', () => {
  test.each<[string | null, string, Partial<StandbyPosition>]>([
    [null, 'is exactly as far', {}],
    [null, 'is further, since others write meanwhile', { replayed: 101n }],
    ['behind', 'lacks the last byte', { replayed: 99n }],
    ['no_standby', 'was promoted, however far it is', { inRecovery: false, replayed: 200n }],
    ['no_standby', 'replays no log', { replayed: null }],
    ['another_database', 'is of another cluster', { cluster: '8', replayed: 200n }],
    ['another_database', 'is another database of the cluster', { database: '5', replayed: 200n }],
    [
      'another_timeline',
      'did not follow a failover, and is further in a history that never was',
      { timeline: 1, replayed: 200n },
    ],
    ['another_timeline', 'followed one that this primary did not', { timeline: 3, replayed: 200n }],
  ])('%s: it %s', (why, _, change) => {
    expect(whyNotByReplica(needed, { ...found, ...change })).toBe(why)
  })
})

describe('parseLsn', () => {
  test.each([
    ['0/0', 0n],
    ['16/B374D848', 0x16_b374d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffffffff_ffffffffn],
    // Its second half is written without leading zeros.
    ['1/2', 0x1_00000002n],
  ])('%s', (text, lsn) => expect(parseLsn(text)).toBe(lsn))

  test.each(['', '1', '1/', '/1', '1/2/3', '1/123456789', 'x/1'])('%o is none', (text) => {
    expect(() => parseLsn(text)).toThrow(/no position/)
  })
})
