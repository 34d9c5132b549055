import { copyFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { browserLaunchOptions } from '../browser.ts'
import { cachedFolder, contentHash } from '../kernel/lab/cache.ts'
import { run } from '../kernel/lab/run.ts'

/** What Lighthouse says of one load of a page. */
export interface PageLoad {
  /** Of a hundred. */
  readonly performance: number
  readonly accessibility: number
  readonly bestPractices: number
  readonly largestPaintMs: number
  readonly blockingMs: number
  readonly layoutShift: number
  readonly kibibytes: number
  /** Of what is weighed in a category: audits that were not passed. */
  readonly lacks: readonly string[]
}

export interface Lighthouse {
  readonly version: string
  readonly browserVersion: string
  /** Loads a page with an empty cache, as its preset for desktops does: 40 ms to the server and 10 Mbit/s, reckoned from one load. */
  load(url: string, cookie?: string): Promise<PageLoad>
  stop(): Promise<void>
}

interface Category {
  readonly score: number | null
  readonly auditRefs: readonly { readonly id: string; readonly weight: number }[]
}
interface Audit {
  readonly score: number | null
  readonly numericValue?: number
}
interface Result {
  readonly categories: Readonly<Record<string, Category>>
  readonly audits: Readonly<Record<string, Audit>>
  readonly runtimeError?: { readonly message: string }
}
interface Package {
  default(url: string, flags: object, configuration: unknown): Promise<{ lhr: Result } | undefined>
  readonly desktopConfig: unknown
}

const MANIFESTS = ['package.json', 'package-lock.json']

/**
 * Lighthouse 12, the last for Node 20: 200 packages and 185 MB, so nobody but this part of the bench installs it, in the cache, as its own
 * lock file says (docs/adr/002-two-install-scopes.md).
 */
const installed = async (): Promise<string> => {
  const from = path.join(import.meta.dirname, 'lighthouse')
  const contents = await Promise.all(MANIFESTS.map((name) => readFile(path.join(from, name))))
  return cachedFolder(`lighthouse-${contentHash(contents)}`, async (draft) => {
    for (const name of MANIFESTS) await copyFile(path.join(from, name), path.join(draft, name))
    console.log('downloading Lighthouse')
    await run('npm', ['ci', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'], draft)
  })
}

export const startLighthouse = async (): Promise<Lighthouse> => {
  const folder = path.join(await installed(), 'node_modules/lighthouse')
  const lighthouse = (await import(path.join(folder, 'core/index.js'))) as Package
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string }
  const port = await freePort()
  const options = await browserLaunchOptions()
  const browser: Browser = await chromium.launch({
    ...options,
    args: [...(options.args ?? []), `--remote-debugging-port=${port}`],
  })
  return {
    version,
    browserVersion: browser.version(),
    stop: () => browser.close(),
    async load(url, cookie) {
      const flags = {
        ...{ port, output: 'json', logLevel: 'error' },
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
        ...(cookie !== undefined && { extraHeaders: { Cookie: cookie } }),
      }
      const result = (await lighthouse.default(url, flags, lighthouse.desktopConfig))?.lhr
      if (result === undefined || result.runtimeError !== undefined) {
        throw new Error(`Lighthouse could not load ${url}: ${result?.runtimeError?.message}`)
      }
      return pageLoadOf(result)
    },
  }
}

const pageLoadOf = ({ categories, audits }: Result): PageLoad => {
  const score = (name: string) => Math.round((categories[name]?.score ?? Number.NaN) * 100)
  const value = (name: string) => audits[name]?.numericValue ?? Number.NaN
  const weighed = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0))
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    bestPractices: score('best-practices'),
    largestPaintMs: value('largest-contentful-paint'),
    blockingMs: value('total-blocking-time'),
    layoutShift: value('cumulative-layout-shift'),
    kibibytes: value('total-byte-weight') / 1_024,
    lacks: weighed.map(({ id }) => id).filter((id) => (audits[id]?.score ?? 1) < 0.9),
  }
}
