import { request as httpRequest } from 'node:http'

interface Page {
  readonly status: number
  readonly url: URL
  readonly location: URL | undefined
  readonly text: string
}

/** As much of a browser as single sign-on needs: cookies by origin, and redirects one by one. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>()

  cookies(origin: string): ReadonlyMap<string, string> {
    return this.#cookies.get(origin) ?? new Map()
  }

  header(origin: string): string {
    return [...this.cookies(origin)].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  forget(origin: string): void {
    this.#cookies.delete(origin)
  }

  get(target: string | URL, headers: Record<string, string> = {}): Promise<Page> {
    const url = new URL(target)
    return new Promise((resolve, reject) => {
      const cookie = this.header(url.origin)
      const outgoing = httpRequest(url, { agent: false, headers: { ...(cookie === '' ? {} : { cookie }), ...headers } })
      outgoing.on('error', reject)
      outgoing.on('response', (answer) => {
        this.#keep(url.origin, answer.headers['set-cookie'] ?? [])
        const { location } = answer.headers
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            url,
            location: location === undefined ? undefined : new URL(location, url),
            text,
          }),
        )
      })
      outgoing.end()
    })
  }

  /** Follows redirects until there is none, or until `stop` says so of where the next one leads. */
  async follow(target: string | URL, stop: (next: URL) => boolean = () => false): Promise<Page> {
    let page = await this.get(target)
    for (let hops = 0; page.location !== undefined && !stop(page.location); hops += 1) {
      if (hops > 20) throw new Error(`redirected without end, last to ${page.location.href}`)
      page = await this.get(page.location)
    }
    return page
  }

  #keep(origin: string, headers: readonly string[]): void {
    const kept = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, kept)
    for (const header of headers) {
      const [pair = ''] = header.split(';')
      const [name = '', ...rest] = pair.split('=')
      const gone = /;\s*expires=Thu, 01 Jan 1970/i.test(header)
      if (gone) kept.delete(name)
      else kept.set(name, rest.join('='))
    }
  }
}
