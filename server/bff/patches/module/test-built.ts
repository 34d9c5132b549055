import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Where the modules are that were built to be read, with their sources: see its README. */
export const BUILT_FOLDER = path.join(import.meta.dirname, 'built')

/** @param name as `6.12/lpi_plain` */
export const builtModule = (name: string): Buffer => gunzipSync(readFileSync(path.join(BUILT_FOLDER, `${name}.ko.gz`)))
