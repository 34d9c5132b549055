import { routes } from '@rebootless/shared/contract/routes.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import compression from 'compression'
import express, { type Express } from 'express'
import type { Logger } from 'pino'
import type { Callers } from '../access/callers.ts'
import { sessionCookies } from '../access/session-cookie.ts'
import { sourceOf } from '../access/sign-in-brake.ts'
import type { Clock } from '../clock.ts'
import { mountDocumentation } from '../health/documentation.ts'
import { type HealthOptions, mountHealth } from '../health/routes.ts'
import type { BackendSettings } from '../settings.ts'
import type { Handlers } from './call.ts'
import { errorHandler, unknownApiPath } from './errors.ts'
import { isLocal, requireSafeHop } from './local-request.ts'
import { type MountOptions, mountRoutes } from './mount-routes.ts'
import { allowedHostNames, requireKnownHost } from './origin-guard.ts'
import { requestLog } from './request-log.ts'
import { RATES, RequestRate } from './request-rate.ts'
import type { HostInScope } from './require-scope.ts'
import { securityHeaders } from './security-headers.ts'
import { mountStaticPages } from './static-pages.ts'

const URL_CHARACTERS_MAX = 4096
/** They tell nothing, and whoever watches a server on a network asks by its address and without TLS. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

export interface AppOptions {
  readonly settings: BackendSettings
  readonly log: Logger
  readonly handlers: Handlers
  readonly callers: Callers
  readonly clock: Clock
  readonly hostInScope: HostInScope
  readonly refused: NonNullable<MountOptions['refused']>
  readonly health: HealthOptions
  readonly trace?: MountOptions['trace']
  readonly underWay?: MountOptions['underWay']
  readonly webFolder: string
}

/** Everything that browsers reach, in the order in which a request meets it. */
export const createApp = ({
  settings,
  log,
  clock,
  handlers,
  hostInScope,
  refused,
  callers,
  health,
  trace,
  underWay,
  webFolder,
}: AppOptions): Express => {
  const overTls = settings.tls !== undefined || settings.trustedProxies.length > 0
  const names = allowedHostNames(settings)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('strict routing')
  app.enable('case sensitive routing')
  app.set('query parser', false)
  app.set('trust proxy', settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies])

  app.use(requestLog(log))
  app.use(securityHeaders(overTls))
  const rates = new RequestRate(RATES.source)
  app.use((request, _response, next) => {
    // Programs of this machine have other ways to wear it out, and may stand for many people behind a tunnel.
    if (!isLocal(request)) rates.take(sourceOf(request.ip ?? 'unknown'), performance.now())
    if (request.url.length > URL_CHARACTERS_MAX) {
      throw new DomainError(
        'uri_too_long',
        `An address holds at most ${URL_CHARACTERS_MAX} characters: use a shorter filter.`,
      )
    }
    if (!overTls || !PROBES.has(request.path)) {
      requireKnownHost(request, names)
      if (overTls) requireSafeHop(request)
    }
    next()
  })
  app.use(
    compression({
      filter: (request, response) =>
        !String(response.getHeader('Content-Type')).startsWith('text/event-stream') &&
        compression.filter(request, response),
    }),
  )

  mountHealth(app, health, callers)
  mountDocumentation(app, overTls)
  mountRoutes(app, routes, handlers, {
    findSignedIn: callers.find,
    now: () => clock.now(),
    hostInScope,
    refused,
    trace,
    underWay,
    cookies: sessionCookies,
    observe: (route, status, seconds) => health.metrics.observeRequest(route, status, seconds),
  })
  app.use('/api', unknownApiPath)
  mountStaticPages(app, webFolder)
  app.use(errorHandler(log))
  return app
}
