import { UsageError } from '../run-command.ts'
import { readFileKey } from './file-key.ts'
import type { SigningKey } from './signing-key.ts'
import { findAgentKey } from './ssh-agent.ts'

/** Options of every command that uses a key, for parseArgs. */
export const KEY_OPTIONS = {
  key: { type: 'string' },
  'ssh-agent': { type: 'boolean' },
  'key-file': { type: 'string' },
} as const

/**
 * The key that the options name.
 * @throws UsageError when they name none, or two; KeyError
 */
export const chooseKey = async (
  values: { key?: string | undefined; 'ssh-agent'?: boolean | undefined; 'key-file'?: string | undefined },
  environment: NodeJS.ProcessEnv,
): Promise<SigningKey> => {
  const byAgent = values['ssh-agent'] === true
  if (byAgent === (values.key !== undefined)) throw new UsageError('one of --key FILE and --ssh-agent is needed')
  if (values.key !== undefined) {
    if (values['key-file'] !== undefined) throw new UsageError('--key-file goes with --ssh-agent')
    return readFileKey(values.key)
  }
  return findAgentKey(environment.SSH_AUTH_SOCK, values['key-file'])
}
