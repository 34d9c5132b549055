import { existsSync } from 'node:fs'
import path from 'node:path'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import express, { type Express } from 'express'

const MISSING_BUILD = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Rebootless</title>
<h1>The pages are not built</h1><p>Run <code>npm run build</code> (or <code>npm start</code>, which does it) and load this page again.</p></html>`

/** Vite names what it builds after its content: /assets/index-Ba1cD3.js never changes. */
const isHashed = (file: string, folder: string) => path.relative(folder, file).startsWith(`assets${path.sep}`)

/**
 * The built pages. A path of the single-page application gets index.html, which is always asked for anew; a file that
 * is not there is 404, never a page.
 */
export const mountStaticPages = (app: Express, folder: string): void => {
  app.use(
    express.static(folder, {
      index: false,
      redirect: false,
      dotfiles: 'deny',
      setHeaders: (response, file) => {
        const forever = isHashed(file, folder)
        response.setHeader('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    }),
  )
  app.use((request, response) => {
    const pathName = decodeURIComponent(request.path)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      throw new DomainError('method_not_allowed', 'This address takes GET, HEAD.')
    }
    const isPage = path.posix.extname(pathName) === '' && !/[\\\0]|\/\/|\/\./.test(pathName)
    if (!isPage) throw new DomainError('route_not_found', 'There is no such file here: go to / instead.')
    response.setHeader('Cache-Control', 'no-cache')
    const index = path.join(folder, 'index.html')
    if (existsSync(index)) response.sendFile(index)
    else response.status(503).type('html').send(MISSING_BUILD)
  })
}
