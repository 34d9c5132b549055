import { open, rename } from 'node:fs/promises'
import path from 'node:path'
import { exists } from './abandoned-home.ts'

/** A cluster that was filled anew and found to hold the same rows. Without `cluster` beside it, it is on its way to that name. */
const PROVED = 'cluster.proved'

export const provedCluster = (home: string): string => path.join(home, PROVED)

/**
 * Puts the proved cluster in the place of the one that there is, which is kept under a name of its own.
 * @returns where it is kept
 */
export const switchCluster = async (home: string, draft: string, major: string): Promise<string> => {
  const kept = await freeName(path.join(home, `cluster-${major}`))
  await rename(draft, provedCluster(home))
  await syncFolder(home)
  await rename(path.join(home, 'cluster'), kept)
  await syncFolder(home)
  await finishSwitch(home)
  return kept
}

/**
 * Two renames cannot be one, and a crash may come between them. Called before anybody asks whether there is a cluster, since one
 * that is missing would be made anew, empty.
 */
export const finishSwitch = async (home: string): Promise<void> => {
  const cluster = path.join(home, 'cluster')
  if ((await exists(cluster)) || !(await exists(provedCluster(home)))) return
  await rename(provedCluster(home), cluster).catch(async (error: unknown) => {
    // Another that starts at the same time has done it.
    if (!(await exists(cluster))) throw error
  })
  await syncFolder(home)
}

const freeName = async (wanted: string): Promise<string> => {
  let name = wanted
  for (let copy = 2; await exists(name); copy += 1) name = `${wanted}.${copy}`
  return name
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
