import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { createOnce, readPrivateFile } from '../link/private-file.ts'
import { type BackendSettings, SettingsError } from '../settings.ts'
import { SECRETS_KEY_BYTES } from './secret-box.ts'

const decode = (text: string, from: string): Buffer => {
  const trimmed = text.trim()
  const key = Buffer.from(trimmed, 'base64')
  if (key.length === SECRETS_KEY_BYTES && key.toString('base64') === trimmed) return key
  throw new SettingsError(
    `${from} is not a key: it holds 32 bytes in base64, as \`openssl rand -base64 32\` prints them.`,
  )
}

/**
 * The key of the stored secrets, never in the database that holds them (T31): REBOOTLESS_SECRETS_KEY, or `secrets.key` in
 * the data folder, made at the first start. Backends that share a database need the same one.
 * @throws SettingsError when it cannot be used
 */
export const loadSecretsKey = async ({
  secretsKey,
  dataFolder,
}: Pick<BackendSettings, 'secretsKey' | 'dataFolder'>): Promise<Uint8Array> => {
  if (secretsKey !== undefined) return decode(secretsKey, 'REBOOTLESS_SECRETS_KEY')
  const file = path.join(dataFolder, 'secrets.key')
  const text =
    (await readPrivateFile(file)) ?? (await createOnce(file, randomBytes(SECRETS_KEY_BYTES).toString('base64')))
  return decode(text, file)
}
