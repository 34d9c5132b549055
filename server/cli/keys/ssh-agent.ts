import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { isSignedBytes } from '../../signing/ed25519.ts'
import { KeyError } from '../../signing/key-error.ts'
import { publicKeyOfBlob, readBytes, sshString } from '../../signing/ssh-wire.ts'
import type { SigningKey } from './signing-key.ts'

/** draft-miller-ssh-agent, §5.1, "Message numbers". */
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
/** OpenSSH's own limit: ssh-agent.c, AGENT_MAX_LEN. */
const MESSAGE_BYTES_MAX = 256 * 1024
/** An agent may ask a person, or wait for a touch of a token. */
const PATIENCE_MS = 120_000

interface Identity {
  readonly blob: Buffer
  readonly publicKey: string
  readonly comment: string
}

/**
 * A key that ssh-agent holds. It signs the bytes as they are, so the signature is one of plain Ed25519.
 * @param publicKeyFile `id_ed25519.pub`; undefined: the agent's only Ed25519 key
 * @throws KeyError
 */
export const findAgentKey = async (
  socketPath: string | undefined,
  publicKeyFile: string | undefined,
): Promise<SigningKey> => {
  if (socketPath === undefined || socketPath === '') {
    throw new KeyError('SSH_AUTH_SOCK is not set: start ssh-agent, and add the key by ssh-add.')
  }
  const identities = await listIdentities(socketPath)
  const { blob, publicKey, comment } = await choose(identities, publicKeyFile)
  const signBytes = async (bytes: Uint8Array): Promise<Buffer> => {
    const request = [sshString(blob), sshString(bytes), Buffer.alloc(4)]
    const answer = readBytes(await ask(socketPath, SIGN_REQUEST, SIGN_RESPONSE, Buffer.concat(request)), 'Its answer')
    const inner = readBytes(answer.string(), 'The signature')
    const [kind, signature] = [inner.string().toString(), inner.string()]
    if (kind !== 'ssh-ed25519' || !isSignedBytes({ publicKey, signature: signature.toString('base64') }, bytes)) {
      throw new KeyError('ssh-agent gave a signature that does not fit: nothing was signed.')
    }
    return signature
  }
  return {
    publicKey,
    where: `ssh-agent, as “${comment}”`,
    signBytes,
    sign: async (type, payload) => ({
      publicKey,
      signature: (await signBytes(signingBytes(type, payload))).toString('base64'),
    }),
  }
}

const listIdentities = async (socketPath: string): Promise<Identity[]> => {
  const answer = readBytes(await ask(socketPath, REQUEST_IDENTITIES, IDENTITIES_ANSWER, Buffer.alloc(0)), 'Its answer')
  const found: Identity[] = []
  for (let left = answer.number(); left > 0; left -= 1) {
    const [blob, comment] = [answer.string(), answer.string().toString()]
    const publicKey = publicKeyOfBlob(blob)
    if (publicKey !== undefined) found.push({ blob, publicKey, comment })
  }
  return found
}

const choose = async (identities: readonly Identity[], publicKeyFile: string | undefined): Promise<Identity> => {
  const [only, ...others] = identities
  if (publicKeyFile === undefined) {
    if (only === undefined) throw new KeyError('ssh-agent holds no Ed25519 key: add one by ssh-add.')
    if (others.length === 0) return only
    throw new KeyError(`ssh-agent holds ${identities.length} Ed25519 keys: say which by --key-file id_ed25519.pub.`)
  }
  const [kind, base64 = ''] = (await readFile(publicKeyFile, 'utf8').catch(() => '')).trim().split(/\s+/)
  const wanted = kind === 'ssh-ed25519' ? publicKeyOfBlob(Buffer.from(base64, 'base64')) : undefined
  if (wanted === undefined) throw new KeyError(`${publicKeyFile} is no public Ed25519 key of OpenSSH.`)
  const found = identities.find(({ publicKey }) => publicKey === wanted)
  if (found === undefined) throw new KeyError(`ssh-agent does not hold the key of ${publicKeyFile}: add it by ssh-add.`)
  return found
}

/** One question and its answer, without the length before and the number of the message. */
const ask = (socketPath: string, question: number, expected: number, content: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy()
      reject(new KeyError(why))
    }
    if (content.length + 1 > MESSAGE_BYTES_MAX) {
      return reject(new KeyError('The text is larger than ssh-agent signs: use a key in a file.'))
    }
    const socket = connect(socketPath)
    socket.setTimeout(PATIENCE_MS, () => fail('ssh-agent does not answer.'))
    socket.on('error', (error) => fail(`ssh-agent cannot be reached: ${error.message}.`))
    socket.on('close', () => fail('ssh-agent ended the connection.'))
    let heard = Buffer.alloc(0)
    socket.on('data', (piece) => {
      heard = Buffer.concat([heard, piece])
      if (heard.length < 4) return
      const length = heard.readUInt32BE()
      if (length < 1 || length > MESSAGE_BYTES_MAX) return fail('ssh-agent answered with something else.')
      if (heard.length < length + 4) return
      if (heard[4] !== expected) return fail('ssh-agent refused.')
      resolve(heard.subarray(5, length + 4))
      socket.destroy()
    })
    socket.write(sshString(Buffer.concat([Buffer.from([question]), content])))
  })
