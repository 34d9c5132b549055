import { AUDIT_CHAIN_START, auditLinkText } from './audit-chain.ts'

/** Hex. Given from outside: the browser's is asynchronous, and no hash is computed here. */
export type HashText = (text: string) => string | Promise<string>

interface Link {
  readonly sequence: number
  readonly previousHash: string
  readonly hash: string
  readonly entry: string
}

/** What a signed head says, its signature verified already. */
interface Head {
  readonly sequence: number
  readonly hash: string
}

/**
 * `altered`: text, place or link are not those that were hashed. `moved`: an entry that was hashed at another place.
 * `missing`: places without an entry. `repeated`: a place that was there already. `unlinked`: sound in itself, but it does not
 * follow the entry before it. `rewritten`: sound as a chain, but not the one that was signed. `cut`: it ends before the place
 * that was signed.
 */
export type ChainFaultKind = 'altered' | 'moved' | 'missing' | 'repeated' | 'unlinked' | 'rewritten' | 'cut'

export interface ChainFault {
  readonly kind: ChainFaultKind
  /** Where it shows. */
  readonly sequence: number
  readonly detail: string
}

export interface ChainCheck {
  /** Takes the next links in the order in which they are kept. */
  take(links: readonly Link[]): Promise<void>
  /** After the last link: what heads say that lie beyond it. */
  end(): void
  /** The first of them are kept; an empty list: nothing wrong so far. */
  readonly faults: readonly ChainFault[]
  /** Links that were taken. */
  readonly count: number
  /** The last link that was taken; sequence 0 before the first. */
  readonly last: Head
}

const FAULTS_MAX = 20
/** How far an entry is looked for that was hashed elsewhere. */
const MOVED_MAX = 200

const entries = (from: number, to: number) => (from === to ? `entry ${from}` : `entries ${from} to ${to}`)

/**
 * Checks a chain from its first link on, in stretches of any length, and against heads that were signed when it was shorter
 * (threat-model T30). It goes on after a fault, so that one altered entry is told from a log that was written anew.
 */
export const createChainCheck = (
  hashText: HashText,
  heads: readonly Head[],
  /** After which link it begins, where all before is known to be good. */
  after: Head = { sequence: 0, hash: AUDIT_CHAIN_START },
): ChainCheck => {
  const faults: ChainFault[] = []
  const wanted = new Map(heads.map(({ sequence, hash }) => [sequence, hash]))
  let count = 0
  let last = after
  let lastIsSound = true
  const found = (kind: ChainFaultKind, sequence: number, detail: string) => {
    if (faults.length < FAULTS_MAX) faults.push({ kind, sequence, detail })
  }

  const placeOf = async ({ sequence, previousHash, hash, entry }: Link): Promise<number | undefined> => {
    for (let distance = 1; distance <= MOVED_MAX; distance += 1) {
      for (const place of [sequence + distance, sequence - distance]) {
        if (place > 0 && (await hashText(auditLinkText(place, previousHash, entry))) === hash) return place
      }
    }
    return undefined
  }

  const takeOne = async (link: Link): Promise<void> => {
    const { sequence, previousHash, hash, entry } = link
    const next = last.sequence + 1
    const sound = (await hashText(auditLinkText(sequence, previousHash, entry))) === hash
    if (sequence < next) {
      found('repeated', sequence, `Entry ${sequence} comes after entry ${last.sequence}: put in, or out of order.`)
    } else if (sequence > next) {
      found('missing', next, `${entries(next, sequence - 1).replace(/^e/, 'E')}: removed, or out of order.`)
    }
    if (!sound) {
      const place = faults.length < FAULTS_MAX ? await placeOf(link) : undefined
      if (place === undefined) {
        found(
          'altered',
          sequence,
          `Entry ${sequence} is not the one that was written: its text or its link was changed.`,
        )
      } else {
        found(
          'moved',
          sequence,
          `Entry ${sequence} was written as entry ${place}: reordered, or one before it removed.`,
        )
      }
    } else if (sequence === next && previousHash !== last.hash && lastIsSound) {
      found('unlinked', sequence, `Entry ${sequence} does not follow entry ${last.sequence}: one of them was put in.`)
    }
    const signed = wanted.get(sequence)
    if (signed !== undefined && signed !== hash) {
      found('rewritten', sequence, `Entry ${sequence} is not the one that was signed: the log was written anew.`)
    }
    count += 1
    last = { sequence, hash }
    lastIsSound = sound
  }

  return {
    async take(links) {
      for (const link of links) await takeOne(link)
    },
    end() {
      const beyond = Math.max(
        0,
        ...heads.map(({ sequence }) => sequence).filter((sequence) => sequence > last.sequence),
      )
      if (beyond === 0) return
      found(
        'cut',
        last.sequence + 1,
        `The log ends at ${last.sequence}, and was signed at ${beyond}: ${entries(last.sequence + 1, beyond)} removed.`,
      )
    },
    faults,
    get count() {
      return count
    },
    get last() {
      return last
    },
  }
}
