import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { pinoHttp } from 'pino-http'
import { traceWords } from '../tracing/trace-context.ts'

/**
 * One line a request, with its id, and its trace where it has one. Neither headers nor queries are logged: cookies are secrets, and filters name hosts
 * (T31). Reads that went well are debug, so that live pages do not fill the log.
 */
export const requestLog = (log: Logger) =>
  pinoHttp<IncomingMessage, ServerResponse>({
    logger: log,
    genReqId: (_request, response) => {
      const id = randomUUID()
      response.setHeader('X-Request-Id', id)
      return id
    },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return 'error'
      return request.method === 'GET' || request.method === 'HEAD' ? 'debug' : 'info'
    },
    customSuccessObject: (_request, response, line: object) => ({ ...line, ...traceWords(response) }),
    customErrorObject: (_request, response, _error, line: object) => ({ ...line, ...traceWords(response) }),
    serializers: {
      req: (request: { id: unknown; method: string; url: string }) => ({
        id: request.id,
        method: request.method,
        path: request.url.split('?')[0]?.slice(0, 200),
      }),
      res: (response: { statusCode: number }) => ({ statusCode: response.statusCode }),
    },
  })
