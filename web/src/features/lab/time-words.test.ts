// Goal: lengths from microseconds to minutes are short and never mistaken. Method: examples.
import { expect, test } from 'vitest'
import { tickWord, timeWord } from './time-words.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each([
  [0, '0 s'],
  [7, '7 µs'],
  [999, '999 µs'],
  [1_519, '1.52 ms'],
  [12_400, '12.4 ms'],
  [125_000, '125 ms'],
  [3_200_000, '3.20 s'],
  [22_400_000, '22.4 s'],
  [125_000_000, '2 min 5 s'],
])('%i µs is %s', (us, word) => expect(plain(timeWord(us))).toBe(word))

test.each([
  [0, '0'],
  [500, '500 µs'],
  [10_000, '10 ms'],
  [100_000, '0.1 s'],
  [60_000_000, '1 min'],
  [100_000_000, '100 s'],
])('the tick at %i µs says %s', (us, word) => expect(plain(tickWord(us))).toBe(word))
