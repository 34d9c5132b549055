import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { SettingsError } from '../settings.ts'
import { BackupError } from './backup-error.ts'

/** In a data folder while a restore into it is not over; no server starts on it. */
const MARKER = 'restoring.json'
const Marker = z.strictObject({ restore: z.uuid(), archive: z.uuid() })
export type RestoreMarker = z.infer<typeof Marker>

/** Undefined: none is under way, or was broken off. */
export const readMarker = async (dataFolder: string): Promise<RestoreMarker | undefined> => {
  const text = await readFile(path.join(dataFolder, MARKER), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  return text === undefined ? undefined : Marker.parse(JSON.parse(text))
}

/**
 * Takes a folder for a restore: an empty one, one that is not there yet, or one in which the restore of the same archive was
 * broken off.
 * @throws BackupError: something is in it
 */
export const claimFolder = async (dataFolder: string, wanted: RestoreMarker): Promise<RestoreMarker> => {
  const known = await readMarker(dataFolder)
  if (known !== undefined) {
    if (known.archive === wanted.archive) return known
    throw new BackupError(
      `A restore of another archive into ${dataFolder} was broken off. Finish that, or remove the folder and begin anew.`,
    )
  }
  const names = await readdir(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length > 0) {
    throw new BackupError(
      `The data directory ${dataFolder} is not empty. A restore writes over nothing: stop the server and move the folder ` +
        'away, or give REBOOTLESS_DATA another one.',
    )
  }
  // The embedded database may run as another user, who has to pass through.
  await mkdir(dataFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  await writeDurably(dataFolder, MARKER, Buffer.from(`${JSON.stringify(wanted)}\n`))
  return wanted
}

/** @throws SettingsError: a restore into this folder is not over */
export const refuseHalfRestored = async (dataFolder: string): Promise<void> => {
  if ((await readMarker(dataFolder)) === undefined) return
  throw new SettingsError(
    `A restore into ${dataFolder} was broken off: run the same \`rebootless restore\` again, which finishes it, or remove ` +
      'the folder and begin anew.',
  )
}

export const endRestore = async (dataFolder: string): Promise<void> => {
  await rm(path.join(dataFolder, MARKER), { force: true })
  await syncFolder(dataFolder)
}

/** Of mode 0600, whole or not at all, and on the disk when this resolves. */
export const writeDurably = async (dataFolder: string, name: string, content: Buffer): Promise<void> => {
  const file = path.join(dataFolder, name)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = await open(`${file}.new`, 'w', 0o600)
  try {
    await draft.writeFile(content)
    await draft.sync()
  } finally {
    await draft.close()
  }
  await rename(`${file}.new`, file)
  await syncFolder(path.dirname(file))
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
