import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { SERVER } from '../bff/access/doer.ts'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { openArtefactFiles } from '../bff/patches/artefact-files.ts'
import { readUpload } from '../bff/patches/module/read-upload.ts'
import { uploadArtefact } from '../bff/patches/modules.ts'
import { FAULTY_PATCHES } from '../sim/fleet/faulty-patches.ts'
import { hostPlan } from '../sim/fleet/host-plan.ts'
import { simulatedModule } from '../sim/fleet/simulated-module.ts'

/** Looked at for which kernels there are; beyond so many, hosts bring none that is new. */
const HOSTS_MAX = 500
/** Who uploaded them, as pages show it. */
const UPLOADED_BY = 'simulated fleet'

/**
 * Modules that simulated hosts can be told to load: one file for each livepatch published for their kernels, uploaded once,
 * oldest first, so that its release counter rises; and last of each kernel those that do harm, which say so, since an older one
 * than a cumulative one that is in would be of no use.
 */
export const offerSimulatedModules = async (options: {
  readonly database: Kysely<DatabaseSchema>
  readonly dataFolder: string
  readonly hosts: number
  readonly seed: number
  readonly now: () => Date
}): Promise<void> => {
  const { database } = options
  // Ours, and a hundred and more: a thread for each would take longer than all else at a start.
  const files = await openArtefactFiles(options.dataFolder, ({ upload, folder }) => readUpload(upload, folder))
  const seen = new Set<string>()
  for (let index = 0; index < Math.min(options.hosts, HOSTS_MAX); index += 1) {
    const { release, architecture, patches } = hostPlan(options.seed, index)
    if (seen.has(`${release} ${architecture}`)) continue
    seen.add(`${release} ${architecture}`)
    const livepatches = patches.filter(({ image }) => image.livepatch !== undefined)
    for (const patch of livepatches.length === 0 ? [] : [...livepatches, ...FAULTY_PATCHES]) {
      const bytes = Buffer.from(simulatedModule(patch, { release, architecture }))
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const row = await database
        .selectFrom('artefacts')
        .select('sha256')
        .where('sha256', '=', sha256)
        .executeTakeFirst()
      if (row !== undefined) continue
      const who = { ...SERVER, now: options.now(), username: UPLOADED_BY }
      await uploadArtefact(database, files, once(bytes), undefined, who)
    }
  }
}

async function* once(bytes: Buffer) {
  yield bytes
}
