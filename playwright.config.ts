import { defineConfig } from '@playwright/test'
import { browserLaunchOptions } from './e2e/browser.ts'

/** Stories run one after the other: each has a backend, a database and agents of its own, on two cores. */
export default defineConfig({
  testDir: 'e2e',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  outputDir: 'test-results',
  use: { launchOptions: await browserLaunchOptions(), locale: 'en-GB', trace: 'retain-on-failure' },
  projects: [
    { name: 'stories', testMatch: 'stories/**/*.spec.ts' },
    { name: 'screenshots', testMatch: 'screenshots/**/*.spec.ts' },
  ],
})
