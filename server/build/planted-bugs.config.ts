import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'
import { PLANTED_BUGS } from './planted-bugs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bug = PLANTED_BUGS.find(({ name }) => name === process.env.PLANTED_BUG)

/** Puts the bug into its file as it is read; nothing is written. */
const plant = (): Plugin => ({
  name: 'plant-bug',
  enforce: 'pre',
  transform(code, id) {
    if (bug === undefined || id.split('?')[0] !== `${root}${bug.file}`) return
    const pieces = code.split(bug.find)
    if (pieces.length !== 2) throw new Error(`${bug.file} holds what “${bug.name}” replaces ${pieces.length - 1} times`)
    return pieces.join(bug.instead)
  },
})

export default defineConfig({
  root,
  plugins: [plant()],
  test: { environment: 'node', include: [bug?.test ?? ''], testTimeout: 20_000, hookTimeout: 60_000, bail: 3 },
})
