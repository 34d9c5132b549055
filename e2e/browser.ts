import { existsSync } from 'node:fs'
import type { LaunchOptions } from '@playwright/test'
import packaged from '@sparticuz/chromium'

/** Where distributions put Chromium; an installed one is nearer to what people use than the packaged one. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium without any download of its own: an installed one, else the one inside an npm package. */
export async function browserLaunchOptions(): Promise<LaunchOptions> {
  const quiet = [
    '--no-sandbox', // Chromium refuses its sandbox to root, and these tests may run as root
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  const installed = process.env.REBOOTLESS_PACKAGED_BROWSER ? undefined : INSTALLED.find((file) => existsSync(file))
  if (installed !== undefined) return { executablePath: installed, args: quiet }
  // The package's own flags are for a cloud function: one process for all would make a crashed page look like a hang.
  return { executablePath: await packaged.executablePath(), args: quiet }
}
