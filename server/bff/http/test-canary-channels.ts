import { newBrowserKeys } from '../channels/test-push.ts'
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
  const alerts = { severityAtLeast: 'info', rules: 'all' }
  const others = { ...place, events: { decisions: [], auditHeads: null, alerts } }
  const mail = { from: 'reboot@example.org', to: ['ann@example.org'] }
  const secretPath = (what: string) => `http://127.0.0.1:1/${keep(what, `canary-${what.replaceAll(' ', '-')}`)}`
  const made = [
    { ...others, kind: 'slack', address: secretPath('the address of a Slack webhook') },
    { ...others, kind: 'teams', address: secretPath('the address of a Teams workflow') },
    { ...others, kind: 'pagerduty', token: keep('a routing key', 'canary00routing00key00of00events') },
    { ...others, kind: 'alertmanager', user: 'u', token: keep('the password of an Alertmanager', 'canary-of-alerts') },
    {
      ...{ ...others, kind: 'smtp', address: 'smtp://127.0.0.1:1', mail, user: 'reboot' },
      token: keep('the password of a mail server', 'canary password of mail'),
    },
  ]
  for (const one of made) {
    const { channel: other } = await call<Made>('POST', '', one)
    await call('POST', `/${other.id}/test`)
    await call('PATCH', `/${other.id}`, { name: 'changed' })
  }
  const { keys } = newBrowserKeys()
  const body = {
    endpoint: secretPath('the endpoint of a browser'),
    keys: { ...keys, auth: keep('what a browser is written to by', keys.auth) },
    ...{ name: 'phone', severityAtLeast: 'page' },
  }
  const browser = await backend.call('POST', '/api/v1/push-subscriptions', { cookie, body })
  if (browser.status !== 201) throw new Error(browser.text)
  const { id } = browser.json<{ id: string }>()
  await backend.call('POST', `/api/v1/push-subscriptions/${id}/test`, { cookie })
}
