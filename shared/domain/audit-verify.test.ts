// Goal: every way to falsify a chained log is found and named. Method: a chain of real hashes, and one change of each kind.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AUDIT_CHAIN_START, auditLinkText } from './audit-chain.ts'
import { createChainCheck } from './audit-verify.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

interface Link {
  sequence: number
  previousHash: string
  hash: string
  entry: string
}

const chained = (texts: readonly string[]): Link[] => {
  let previousHash = AUDIT_CHAIN_START
  return texts.map((entry, index) => {
    const link = {
      sequence: index + 1,
      previousHash,
      entry,
      hash: sha256(auditLinkText(index + 1, previousHash, entry)),
    }
    previousHash = link.hash
    return link
  })
}
const texts = Array.from({ length: 12 }, (_, index) => `{"action":"user.create","n":${index}}`)
const at = (links: readonly Link[], sequence: number): Link => {
  const link = links.find((one) => one.sequence === sequence)
  if (link === undefined) throw new Error(`no link ${sequence}`)
  return link
}
const headOf = (links: readonly Link[], sequence: number) => ({ sequence, hash: at(links, sequence).hash })

const faultsOf = async (links: readonly Link[], heads: readonly { sequence: number; hash: string }[] = []) => {
  const check = createChainCheck(sha256, heads)
  // In stretches, as the page and the command read them.
  for (let start = 0; start < links.length; start += 5) await check.take(links.slice(start, start + 5))
  check.end()
  return check.faults.map(({ kind, sequence }) => `${kind} ${sequence}`)
}

test('T30 an untouched chain has no fault, with heads anywhere on it', async () => {
  const links = chained(texts)
  expect(
    await faultsOf(
      links,
      [1, 7, 12].map((sequence) => headOf(links, sequence)),
    ),
  ).toEqual([])
  expect(await faultsOf([], [])).toEqual([])
})

describe('T30 each change is found, where it was made', () => {
  const replaced = (links: readonly Link[], sequence: number, change: Partial<Link>) =>
    links.map((link) => (link.sequence === sequence ? { ...link, ...change } : link))
  const swapped = (links: readonly Link[], one: number, other: number) =>
    links
      .map((link) =>
        link.sequence === one
          ? { ...link, sequence: other }
          : link.sequence === other
            ? { ...link, sequence: one }
            : link,
      )
      .sort((left, right) => left.sequence - right.sequence)

  const CASES: Record<string, { change: (links: Link[]) => Link[]; faults: string[] }> = {
    'a text changed': { change: (links) => replaced(links, 5, { entry: '{"n":99}' }), faults: ['altered 5'] },
    'a text and its own hash changed': {
      change: (links) => {
        const entry = '{"n":99}'
        return replaced(links, 5, { entry, hash: sha256(auditLinkText(5, at(links, 5).previousHash, entry)) })
      },
      faults: ['unlinked 6'],
    },
    'the first one changed': { change: (links) => replaced(links, 1, { entry: '' }), faults: ['altered 1'] },
    'one removed': { change: (links) => links.filter(({ sequence }) => sequence !== 4), faults: ['missing 4'] },
    'several removed': {
      change: (links) => links.filter(({ sequence }) => sequence < 4 || sequence > 6),
      faults: ['missing 4'],
    },
    'the first removed': { change: (links) => links.slice(1), faults: ['missing 1'] },
    'one removed and the rest moved up': {
      change: (links) =>
        links
          .filter(({ sequence }) => sequence !== 11)
          .map((link) => (link.sequence > 11 ? { ...link, sequence: 11 } : link)),
      faults: ['moved 11'],
    },
    'two swapped': { change: (links) => swapped(links, 5, 6), faults: ['moved 5', 'moved 6'] },
    'two far apart swapped': { change: (links) => swapped(links, 2, 11), faults: ['moved 2', 'moved 11'] },
    'lines out of order': {
      change: (links) => [...links.slice(0, 10), at(links, 12), at(links, 11)],
      faults: ['missing 11', 'repeated 11'],
    },
    'one put in twice': {
      change: (links) => [...links.slice(0, 8), at(links, 8), ...links.slice(8)],
      faults: ['repeated 8'],
    },
    'one put in, linked to the one before it': {
      change: (links) => {
        const previousHash = at(links, 11).hash
        const hash = sha256(auditLinkText(12, previousHash, '{}'))
        return [
          ...links.slice(0, 11),
          { sequence: 12, previousHash, hash, entry: '{}' },
          { ...at(links, 12), sequence: 13 },
        ]
      },
      faults: ['moved 13'],
    },
  }
  test.each(Object.entries(CASES))('%s', async (_, { change, faults }) => {
    expect(await faultsOf(change(chained(texts)))).toEqual(faults)
  })

  test('the whole chain written anew is found by any older head, and only by one', async () => {
    const original = chained(texts)
    const forged = chained(texts.map((text, index) => (index === 2 ? '{"n":99}' : text)))
    expect(await faultsOf(forged)).toEqual([])
    expect(await faultsOf(forged, [headOf(original, 2)])).toEqual([])
    expect(await faultsOf(forged, [headOf(original, 3)])).toEqual(['rewritten 3'])
    expect(await faultsOf(forged, [headOf(original, 12)])).toEqual(['rewritten 12'])
  })

  test('a tail cut off is found by a head beyond it', async () => {
    const links = chained(texts)
    expect(await faultsOf(links.slice(0, 9))).toEqual([])
    expect(await faultsOf(links.slice(0, 9), [headOf(links, 6), headOf(links, 11)])).toEqual(['cut 10'])
    expect(await faultsOf([], [headOf(links, 1)])).toEqual(['cut 1'])
  })
})

test('a log that is wrong throughout does not fill the memory with faults', async () => {
  const links = chained(Array.from({ length: 300 }, (_, index) => `${index}`)).map((link) => ({
    ...link,
    hash: 'f'.repeat(64),
  }))
  expect((await faultsOf(links)).length).toBe(20)
})
