// Goal: the disk of each folder that this server writes to is looked at, and one that holds all of them once. Method: real folders, one of
// them on another file system (tmpfs(5): /dev/shm is one of its own).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openCertificateAuthorities } from '../link/certificate-authorities.ts'
import { createOwnFacts } from './own-facts.ts'

const folderIn = async (parent: string): Promise<string> => {
  const folder = await mkdtemp(path.join(parent, 'rebootless-own-facts-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const namesOf = async (dataFolder: string, databaseFolder: string | undefined) => {
  const authorities = await openCertificateAuthorities(dataFolder, new Date())
  const facts = createOwnFacts({ dataFolder, databaseFolder, databaseFault: async () => undefined, authorities })
  onTestFinished(() => void facts.close())
  const { disks } = await facts.read(new Date())
  for (const { freeBytes, sizeBytes } of disks) expect(freeBytes).toBeLessThanOrEqual(sizeBytes)
  return disks.map(({ name }) => name)
}

test('a database on another disk is looked at beside the data folder, one on the same is not', async () => {
  const data = await folderIn(tmpdir())
  expect(await namesOf(data, undefined)).toEqual(['the data folder'])
  expect(await namesOf(data, await folderIn(data))).toEqual(['the data folder'])
  expect(await namesOf(data, await folderIn('/dev/shm'))).toEqual(['the data folder', 'the database'])
})
