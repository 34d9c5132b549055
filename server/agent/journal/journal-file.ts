import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, replaceFile } from '../link/durable-file.ts'
import type { JournalFile } from './journal.ts'

/** `commands.journal` in the agent's data directory, mode 0600. */
export const journalFile = (dataDirectory: string): JournalFile => {
  const path = join(dataDirectory, 'commands.journal')
  return {
    read: () => readIfThere(path),
    async append(text) {
      // Not created here: its name would not be on the disk.
      const file = await open(path, 'r+')
      try {
        const { size } = await file.stat()
        await file.write(text, size)
        await file.sync()
      } finally {
        await file.close()
      }
    },
    replace: (text) => replaceFile(path, text, { durable: true }),
  }
}
