/** `npm run release -- --key FILE`: the files of a release, built twice, with the makers' signatures. */
import { ensureInstalled, run } from './install.mjs'

ensureInstalled('application')
run(process.execPath, ['--import', 'tsx', 'server/build/write-release.ts', ...process.argv.slice(2)])
