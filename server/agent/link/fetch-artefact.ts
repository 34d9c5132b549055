import { once } from 'node:events'
import { request } from 'node:https'
import { ARTEFACTS_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import type { Clock } from '../clock.ts'
import { type AgentIdentity, authoritiesOf } from './identity.ts'
import { addressOf } from './server-address.ts'

const SILENCE_MS_MAX = 30_000
/** When a server ends, the link goes to another within seconds; one that is alone is started again. */
const AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 16_000]

/** What the server has answered it would answer again. */
class Answered extends Error {}

/**
 * A module from the server, by its SHA-256, over mutual TLS. What comes is bounded by the size that was approved, and is
 * still to be hashed. A way that breaks is no reason to do nothing: it is asked for again, where the link goes by then.
 * Rejects with a sentence.
 * @param by `identity` is asked anew for each try, and names the present server
 */
export const fetchArtefact = async (
  by: { readonly identity: () => Promise<AgentIdentity>; readonly clock: Clock; readonly signal: AbortSignal },
  sha256: string,
  sizeBytes: number,
): Promise<Uint8Array> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetchOnce(await by.identity(), sha256, sizeBytes, by.signal)
    } catch (error) {
      const waitMs = AGAIN_AFTER_MS[tries]
      if (error instanceof Answered || waitMs === undefined || by.signal.aborted) {
        throw new Error(`The server did not give the module: ${error instanceof Error ? error.message : error}.`)
      }
      await by.clock.sleep(waitMs, by.signal)
    }
  }
}

const fetchOnce = async (
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
      const says = `it answered ${response.statusCode}`
      throw response.statusCode < 500 ? new Answered(says) : new Error(says)
    }
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response) {
      chunks.push(chunk)
      length += chunk.length
      if (length > sizeBytes) throw new Answered(`it sent more than the ${sizeBytes} bytes that were approved`)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    call.destroy()
    throw failure ?? error
  }
}
