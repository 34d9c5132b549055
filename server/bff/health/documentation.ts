import { createRequire } from 'node:module'
import path from 'node:path'
import { openApiDocument } from '@rebootless/shared/contract/openapi.ts'
import { routes } from '@rebootless/shared/contract/routes.ts'
import express, { type Express } from 'express'
import { documentationHeaders } from '../http/security-headers.ts'

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Rebootless: the contract</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="contract"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/begin.js"></script></body></html>
`
const BEGIN = `window.SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#contract', deepLinking: true })\n`
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js']

/** swagger-ui-dist is found where this program's packages are; a bundle without them has no page, but the document. */
const swaggerFolder = (): string | undefined => {
  try {
    return path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  } catch {
    return undefined
  }
}

/** The contract as a document, and a page to try it, served by us alone. */
export const mountDocumentation = (app: Express, overTls: boolean): void => {
  const document = JSON.stringify(openApiDocument(routes))
  app.get('/api/v1/openapi.json', (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache')
    response.type('json').send(document)
  })
  const folder = swaggerFolder()
  if (folder === undefined) return
  const headers = documentationHeaders(overTls)
  app.get('/docs', headers, (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache')
    response.type('html').send(PAGE)
  })
  app.get('/docs/begin.js', headers, (_request, response) => {
    response.type('js').send(BEGIN)
  })
  const files = express.static(folder, { index: false, redirect: false, maxAge: '1d' })
  app.get(
    FILES.map((file) => `/docs/${file}`),
    headers,
    (request, response, next) => {
      request.url = request.url.slice('/docs'.length)
      return files(request, response, next)
    },
  )
}
