import { statfs } from 'node:fs/promises'
import { DatabaseUnusableError } from '../database-error.ts'

/** A cluster is 40 MiB, its log of changes 256 MiB; below this much an hour of a busy fleet could fill the disk. */
const FREE_BYTES_MIN = 512 * 1024 * 1024

/** Bytes that an ordinary user may still write on the file system of `directory`, statfs(2). */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** @throws DatabaseUnusableError when too little is left to start a database on */
export function refuseFullDisk(directory: string, free: number): void {
  if (free >= FREE_BYTES_MIN) return
  throw new DatabaseUnusableError(
    `Only ${mebibytes(free)} MiB are free on the disk of ${directory}; the database needs ${mebibytes(FREE_BYTES_MIN)}. ` +
      'Free some space, or give REBOOTLESS_DATA a folder on another disk.',
  )
}

export const mebibytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024)

/**
 * A copy is at the most as large as what it is made of, which has room in its pages and a log of changes.
 * @throws DatabaseUnusableError when a cluster of these bytes cannot be copied beside itself
 */
export function refuseNoRoomForCopy(
  directory: string,
  bytes: number,
  free: number,
  { from, to }: { readonly from: string; readonly to: number },
): void {
  const needed = bytes + FREE_BYTES_MIN
  if (free >= needed) return
  throw new DatabaseUnusableError(
    `The database of PostgreSQL ${from} has to be copied into one of PostgreSQL ${to}, since this Rebootless brings that. ` +
      `On the disk of ${directory} ${mebibytes(free)} MiB are free, and ${mebibytes(needed)} are needed. The database was not touched: ` +
      `free some space and start again, or go on with the Rebootless that used it last.`,
  )
}

/** PostgreSQL's next segment of its log of changes takes 16 MiB (wal_segment_size), and tables grow beside it. */
const ROOM_BYTES_MIN = 32 * 1024 * 1024

/** Why nothing new can be kept on the disk of `directory`, in a sentence; undefined while there is room. */
export const diskFault = (directory: string, free: number): string | undefined =>
  free >= ROOM_BYTES_MIN
    ? undefined
    : `The disk of ${directory} is full: nothing new can be stored. Free some space; the database goes on by itself.`
