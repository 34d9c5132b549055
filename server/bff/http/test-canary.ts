/** Secrets that went through a server, by what each is, and the search for them. */
export const createCanary = () => {
  const secrets = new Map<string, string>()
  return {
    secrets,
    keep(what: string, secret: string | undefined): string {
      if (secret === undefined || secret.length < 6) throw new Error(`${what} is no secret that could be found`)
      secrets.set(what, secret)
      return secret
    },
    /** What each is that stands in a text. */
    found: (text: string): string[] => [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what),
  }
}
export type Canary = ReturnType<typeof createCanary>

/** The value of a cookie as it is sent. */
export const tokenIn = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1)

/** A line of a private key in PEM (PKCS #8) that no public half has. */
export const lineOf = (privateKeyPem: string): string => {
  const body = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(privateKeyPem)?.[1]?.trim() ?? ''
  // Of Ed25519 one line, of P-256 three; what they begin with says only which kind it is (RFC 8410, §7; RFC 5915).
  return (body.split('\n')[0] ?? '').slice(-24)
}
