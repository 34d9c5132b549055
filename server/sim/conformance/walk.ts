import type { Lines, Part } from './view.ts'

/** Where a recording says something that the simulated kernel did not show. */
export interface Difference {
  /** Number of the step. */
  readonly step: number
  /** The part, and the line in it. */
  readonly what: string
  readonly recorded: string
  readonly simulated: string
}

/**
 * Holds what a recording saw against all moments of a simulated kernel, in order: the recording looks now and then and
 * at its own pace, so it may miss moments, but what it shows must have been, and not before what it showed earlier.
 */
export class Walk {
  readonly #moments: ReadonlyMap<string, Lines>[] = []
  #position = 0

  get length(): number {
    return this.#moments.length
  }

  /** The next moment; the same as the one before counts as none. */
  add(view: readonly Part[]): void {
    const moment = new Map(view.map(({ name, lines }) => [name, lines]))
    const last = this.#moments.at(-1)
    if (last === undefined || !isSame(moment, last)) this.#moments.push(moment)
  }

  /** What was looked at from now on came after this moment. */
  notBefore(index: number): void {
    this.#position = Math.max(this.#position, index)
  }

  /** Goes on to the first moments at which all of this was so. @returns false when there are none yet */
  meet(view: readonly Part[]): boolean {
    let position = this.#position
    for (const part of view) {
      while (position < this.#moments.length && !shows(this.#moments[position], part)) position += 1
      if (position === this.#moments.length) return false
    }
    this.#position = position
    return true
  }

  /** What keeps the latest moment from being what was seen. */
  difference(view: readonly Part[]): Omit<Difference, 'step'>[] {
    const moment = this.#moments.at(-1)
    return view.flatMap((part) => {
      const lines: Lines = moment?.get(part.name) ?? new Map()
      const names = part.partial ? [...part.lines.keys()] : [...new Set([...part.lines.keys(), ...lines.keys()])]
      return names
        .filter((name) => part.lines.get(name) !== lines.get(name))
        .map((name) => ({
          what: `${part.name}: ${name}`,
          recorded: part.lines.get(name) ?? '(absent)',
          simulated: lines.get(name) ?? '(absent)',
        }))
    })
  }
}

const shows = (moment: ReadonlyMap<string, Lines> | undefined, { name, lines, partial }: Part): boolean => {
  const there = moment?.get(name)
  if (there === undefined) return false
  return (partial || there.size === lines.size) && [...lines].every(([key, value]) => there.get(key) === value)
}

const isSame = (left: ReadonlyMap<string, Lines>, right: ReadonlyMap<string, Lines>): boolean =>
  left.size === right.size && [...left].every(([name, lines]) => shows(right, { name, lines }))
