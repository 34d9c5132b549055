import { EMPTY_JOURNAL, JournalRecord, JournalState, withRecord } from './journal-state.ts'

/** The file under a journal. Each verb resolves when the text is on the disk: fsync(2). */
export interface JournalFile {
  /** Undefined: there is none yet. */
  read(): Promise<string | undefined>
  append(text: string): Promise<void>
  /** A crash leaves the old text or the new one. */
  replace(text: string): Promise<void>
}

/** Appended since the last compaction. */
const RECORDS_MAX = 200
const CHARACTERS_MAX = 256 * 1024

export interface Journal {
  readonly state: JournalState
  /** Why nothing may be done; null: it is sound. */
  readonly damage: string | null
  /** On the disk when it resolves. Rejects when it could not be written; then the state is as before. */
  write(record: JournalRecord): Promise<void>
}

/**
 * What was taken, begun and done, over restarts of the agent (threat-model T19, T38): JSON, one record a line, behind the
 * state as of the last compaction. A last line without its end was being written when the machine died; whatever else does
 * not parse makes the whole doubtful.
 */
export const openJournal = async (file: JournalFile): Promise<Journal> => {
  const read = await readJournal(file)
  let { state } = read
  /** The file does not end in a whole line, or is not there: the next record goes into a new one. */
  let renew = read.renew
  let records = read.records
  let characters = read.characters
  let turn: Promise<unknown> = Promise.resolve()

  const put = async (record: JournalRecord): Promise<void> => {
    if (read.damage !== null) throw new Error(read.damage)
    const next = withRecord(state, record)
    const line = `${JSON.stringify(JournalRecord.parse(record))}\n`
    if (renew || records >= RECORDS_MAX || characters + line.length > CHARACTERS_MAX) {
      renew = true
      const whole = `${JSON.stringify(next)}\n`
      await file.replace(whole)
      records = 0
      characters = 0
      renew = false
    } else {
      renew = true
      await file.append(line)
      records += 1
      characters += line.length
      renew = false
    }
    state = next
  }

  return {
    get state() {
      return state
    },
    damage: read.damage,
    write(record) {
      const written = turn.then(() => put(record))
      turn = written.catch(() => undefined)
      return written
    },
  }
}

/** Under a new identity no command of before is good, so none that the lost journal held can be done twice. */
const REMEDY = 'move commands.journal aside and enrol this host again with --force'

const readJournal = async (file: JournalFile) => {
  const nothing = { state: EMPTY_JOURNAL, records: 0, characters: 0, renew: true }
  let text: string | undefined
  try {
    text = await file.read()
  } catch (error) {
    return { ...nothing, damage: `the journal cannot be read: ${error instanceof Error ? error.message : error}` }
  }
  if (text === undefined) return { ...nothing, damage: null }
  const lines = text.split('\n')
  const torn = lines.pop() !== ''
  let state: JournalState | null = null
  for (const [index, line] of lines.entries()) {
    try {
      const json: unknown = JSON.parse(line)
      if (index === 0) state = JournalState.parse(json)
      else if (state !== null) state = withRecord(state, JournalRecord.parse(json))
    } catch {
      return { ...nothing, damage: `line ${index + 1} of the journal is damaged: ${REMEDY}` }
    }
  }
  // The first line is written whole or not at all.
  if (state === null) return { ...nothing, damage: `the journal is empty: ${REMEDY}` }
  return { state, records: lines.length - 1, characters: text.length, renew: torn, damage: null }
}
