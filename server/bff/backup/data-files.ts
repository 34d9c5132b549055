import { open, readdir } from 'node:fs/promises'
import path from 'node:path'

/** Of the data folder, what no database holds and nobody can make again: keys, and the authorities that hosts know. */
const KEY_FILE = /^(certificate-authority(-\d{1,6})?\.pem|command-key\.pem|secrets\.key)$/

/** Of the modules in the catalogue, as bff/patches/artefact-files.ts names them. */
export const moduleFile = (sha256: string): string => `artefacts/${sha256}.ko`

/** Names below the data folder; none when there is no folder. */
export const keyFiles = async (dataFolder: string): Promise<readonly string[]> => {
  const names = await readdir(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => KEY_FILE.test(name)).sort()
}

/** What a server that is made from these files would lack, in sentences. */
export const missingKeys = (names: readonly string[], secretsKeyGiven: boolean): string[] => {
  const without = (what: string) => !names.includes(what)
  return [
    ...(names.some((name) => name.startsWith('certificate-authority'))
      ? []
      : ['certificate-authority.pem: there is none in the data folder; without it every host has to enrol anew.']),
    ...(without('command-key.pem')
      ? ['command-key.pem: there is none in the data folder; without it every host has to enrol anew.']
      : []),
    ...(without('secrets.key')
      ? [
          secretsKeyGiven
            ? 'secrets.key: it is given by REBOOTLESS_SECRETS_KEY and no file; keep it where the backup is not.'
            : 'secrets.key: there is none in the data folder; without it second factors and secrets of channels are lost.',
        ]
      : []),
  ]
}

/** Undefined: there is no such file, or no more. */
export const openDataFile = async (dataFolder: string, name: string) => {
  const handle = await open(path.join(dataFolder, name), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return undefined
  return { handle, size: (await handle.stat()).size }
}
