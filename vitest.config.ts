import { defineConfig } from 'vitest/config'

/** Functions without clock and I/O, and the simulated kernel. */
const PURE = ['shared/**/*.test.ts', 'server/sim/**/*.test.ts']
const BUILT = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    // Its own choice on two cores is one, while half of the tests wait for a database or a clock.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...{ name: 'node', environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 },
          include: ['server/**/*.test.ts', 'e2e/**/*.test.ts'],
          exclude: [...BUILT, 'server/sim/**', 'e2e/kernel/**', 'e2e/monitoring/**', 'e2e/faults/**', 'e2e/stories/**'],
        },
      },
      {
        test: {
          ...{ name: 'pure', environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 },
          ...{ include: PURE, exclude: BUILT },
          // No state stands between their files, and reading the modules anew for each was half of what they cost.
          isolate: false,
        },
      },
      'web/vitest.config.ts',
    ],
  },
})
