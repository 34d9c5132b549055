import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Its own choice on two cores is one, while half of the tests wait for a database or a clock.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['shared/**/*.test.ts', 'server/**/*.test.ts', 'e2e/**/*.test.ts'],
          exclude: [
            ...['**/node_modules/**', '**/dist/**'],
            ...['e2e/kernel/**', 'e2e/monitoring/**', 'e2e/faults/**', 'e2e/stories/**'],
          ],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      'web/vitest.config.ts',
    ],
  },
})
