import { readFile } from 'node:fs/promises'
import { RolloutFile } from '@rebootless/shared/contract/rollout-file.ts'
import { planFromYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { CommandFailure, UsageError } from '../run-command.ts'

export interface NamedDocument {
  /** `plans.yaml`, of several documents `plans.yaml:12`, by the line where it begins. */
  readonly where: string
  readonly document: RolloutFile
}

/**
 * All documents of all files, `-` for standard input; YAML, of which JSON is a part. Nothing is taken of files of which one
 * has a mistake.
 * @throws CommandFailure with every mistake, each with file and line; UsageError
 */
export const readDocuments = async (files: readonly string[]): Promise<NamedDocument[]> => {
  if (files.length === 0) throw new UsageError('a FILE is needed, or - for standard input')
  const documents: NamedDocument[] = []
  const mistakes: string[] = []
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file
    const pieces = split(await readText(file))
    for (const { text, line } of pieces) {
      const read = planFromYaml(text, RolloutFile)
      const where = pieces.length === 1 ? name : `${name}:${line}`
      if (read.ok) documents.push({ where, document: read.file })
      else for (const error of read.errors) mistakes.push(`${name}:${error.line + line - 1}: ${error.text}`)
    }
    if (pieces.length === 0) mistakes.push(`${name}: there is nothing in it.`)
  }
  if (mistakes.length > 0) throw new CommandFailure(mistakes.join('\n'))
  return documents
}

/** A line that begins with `---` parts documents wherever it stands (YAML 1.2.2, 9.1.4). */
const split = (text: string): { text: string; line: number }[] => {
  let line = 1
  const pieces: { text: string; line: number }[] = []
  for (const piece of text.split(/^(?=---(?:\s|$))/m)) {
    if (/^(?!---)(?!\s*(#|$))/m.test(piece)) pieces.push({ text: piece, line })
    line += piece.split('\n').length - 1
  }
  return pieces
}

const readText = async (file: string): Promise<string> => {
  if (file === '-') {
    const pieces: Buffer[] = []
    for await (const piece of process.stdin) pieces.push(Buffer.from(piece))
    return Buffer.concat(pieces).toString('utf8')
  }
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${file} cannot be read: ${error.code ?? error.message}.`)
  })
}
