import type { TestBackend } from '../test-backend.ts'
import type { Canary } from './test-canary.ts'

/** Channels with secrets of each kind; one is tested, and one gets another secret. */
export const runChannels = async ({ keep }: Canary, backend: TestBackend, cookie: string): Promise<void> => {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await backend.call(method, `/api/v1/channels${path}`, {
      cookie,
      ...(body === undefined ? {} : { body }),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.json<T>()
  }
  interface Made {
    channel: { id: string }
    secret: string
  }
  const events = { decisions: 'all', auditHeads: null }
  const place = { name: 'channel', address: 'http://127.0.0.1:1/', events }
  const { channel, secret } = await call<Made>('POST', '', { kind: 'webhook', ...place })
  keep('the secret of a webhook', secret.replace('whsec_', ''))
  await call('POST', `/${channel.id}/test`)
  const changed = await call<{ secret: string }>('POST', `/${channel.id}/secret`, { reason: 'yearly' })
  keep('another secret of a webhook', changed.secret.replace('whsec_', ''))
  const token = keep('the token of a Grafana', 'glsa_canary-of-a-channel')
  const graphs = await call<Made>('POST', '', { kind: 'grafana', ...place, token })
  await call('POST', `/${graphs.channel.id}/test`)
}
