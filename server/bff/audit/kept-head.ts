import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'

const Place = z.strictObject({ sequence: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) })
type Place = z.infer<typeof Place>

/** The newest head that this backend signed, in its data folder. */
export interface KeptHead {
  readonly path: string
  /** Undefined: there is none. @throws when the file is damaged */
  read(): Promise<Place | undefined>
  write(place: Place): Promise<void>
}

export const keptHead = (dataFolder: string): KeptHead => {
  const file = path.join(dataFolder, 'audit-head.json')
  return {
    path: file,
    async read() {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if ((error as { code?: unknown }).code === 'ENOENT') return undefined
        throw error
      })
      return text === undefined ? undefined : Place.parse(JSON.parse(text))
    },
    /** Whole or not at all; an older one after a power cut is still true. */
    async write(place) {
      const draft = await open(`${file}.new`, 'w', 0o600)
      try {
        await draft.writeFile(`${JSON.stringify(place)}\n`)
        await draft.sync()
      } finally {
        await draft.close()
      }
      await rename(`${file}.new`, file)
    },
  }
}
