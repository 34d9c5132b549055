import { once } from 'node:events'
import { request } from 'node:https'
import { ARTEFACTS_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { type AgentIdentity, authoritiesOf } from './identity.ts'
import { addressOf } from './server-address.ts'

const SILENCE_MS_MAX = 30_000

/**
 * A module from the server, by its SHA-256, over mutual TLS. What comes is bounded by the size that was approved, and is
 * still to be hashed. Rejects with a sentence.
 */
export const fetchArtefact = async (
  identity: AgentIdentity,
  sha256: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const call = request({
    ...addressOf(identity.server),
    path: `${ARTEFACTS_PATH}${sha256}`,
    ca: authoritiesOf(identity),
    ...{ key: identity.privateKey, cert: identity.certificate },
    ...{ servername: SERVER_NAME, minVersion: 'TLSv1.3', agent: false, timeout: SILENCE_MS_MAX, signal },
  })
  // Listened to until the end: an error while the answer is read comes after `once` has let go.
  let failure: Error | undefined
  call.on('error', (error) => {
    failure ??= error
  })
  call.on('timeout', () => call.destroy(new Error('it did not answer in time')))
  call.end()
  try {
    const [response] = await once(call, 'response')
    if (response.statusCode !== 200) {
      response.destroy()
      throw new Error(`it answered ${response.statusCode}`)
    }
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response) {
      chunks.push(chunk)
      length += chunk.length
      if (length > sizeBytes) throw new Error(`it sent more than the ${sizeBytes} bytes that were approved`)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    call.destroy()
    const cause = failure ?? error
    throw new Error(`The server did not give the module: ${cause instanceof Error ? cause.message : cause}.`)
  }
}
