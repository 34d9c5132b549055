import helmet from 'helmet'

/**
 * T03. Styles may stand inline: React and Radix set them, and they run nothing. One Trusted Types policy is allowed: it
 * makes the URLs of our own workers.
 */
const pageDirectives = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  objectSrc: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

const shared = (overTls: boolean) =>
  ({
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: overTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  }) as const

/** Headers of every answer, errors too. `overTls`: browsers reach us by TLS, our own or a declared proxy's. */
export const securityHeaders = (overTls: boolean) =>
  helmet({
    ...shared(overTls),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...pageDirectives, requireTrustedTypesFor: ["'script'"], trustedTypes: ['rebootless'] },
    },
  })

/** For /docs alone: Swagger UI writes HTML by itself, so Trusted Types cannot hold there; scripts stay ours. */
export const documentationHeaders = (overTls: boolean) =>
  helmet({ ...shared(overTls), contentSecurityPolicy: { useDefaults: false, directives: pageDirectives } })
