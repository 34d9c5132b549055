import { defineConfig } from '@playwright/test'
import { browserLaunchOptions } from './e2e/browser.ts'

/** Two stories at a time, each with a backend, a database and agents of its own: they wait more than they work. */
export default defineConfig({
  testDir: 'e2e',
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  outputDir: 'test-results',
  use: {
    ...{ launchOptions: await browserLaunchOptions(), locale: 'en-GB' },
    // Without its film, which costs as much as all else that the browser does; a picture of the end is kept instead.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'stories', testMatch: 'stories/**/*.spec.ts' },
    { name: 'screenshots', testMatch: 'screenshots/**/*.spec.ts' },
  ],
})
