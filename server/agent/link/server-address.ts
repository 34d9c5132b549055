export interface ServerAddress {
  readonly host: string
  readonly port: number
}

const DEFAULT_AGENT_PORT = 8443

/** `https://host:port`, `host:port` or `host` as an https URL; undefined when it is none of these. */
export const parseServerUrl = (text: string): string | undefined => {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  const bare =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (url.protocol !== 'https:' || url.hostname === '' || !bare) return undefined
  return `https://${url.hostname}:${portOf(url, withScheme)}`
}

/** An https URL drops `:443`, which somebody may have meant; without any port it is the agents' own. */
const portOf = (url: URL, text: string): number =>
  url.port !== '' ? Number(url.port) : /:443\/?$/.test(text) ? 443 : DEFAULT_AGENT_PORT

export const addressOf = (server: string): ServerAddress => {
  const url = new URL(server)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 443 : Number(url.port) }
}
