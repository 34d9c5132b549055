import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, replaceFile, type Sync, toDisk } from '../link/durable-file.ts'
import type { JournalFile } from './journal.ts'

/** `commands.journal` in the agent's data directory, mode 0600. */
export const journalFile = (dataDirectory: string, sync: Sync = toDisk): JournalFile => {
  const path = join(dataDirectory, 'commands.journal')
  return {
    read: () => readIfThere(path),
    async append(text) {
      // Not created here: its name would not be on the disk.
      const file = await open(path, 'r+')
      try {
        const { size } = await file.stat()
        const bytes = Buffer.from(text)
        const { bytesWritten } = await file.write(bytes, 0, bytes.length, size)
        // write(2) of a disk that runs full takes a part, and calls that no error.
        if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`)
        await sync(file)
      } finally {
        await file.close()
      }
    },
    replace: (text) => replaceFile(path, text, { durable: true, sync }),
  }
}
