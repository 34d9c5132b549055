import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { UpdatableProvider } from '@rebootless/shared/domain/updatable-providers.ts'
import type { ColumnType } from 'kysely'

type Json<T> = ColumnType<T, string | undefined, string>

/** Notes and CVEs that people gave. */
interface Remarks {
  notes: string
  vendor_notes: string
  hand_cves: string[]
}
type GivenLater<T> = { [K in keyof T]: ColumnType<T[K], T[K] | undefined, T[K]> }

/** Modules that were uploaded; the bytes lie in files named by the hash. */
export interface ArtefactsTable extends GivenLater<Remarks> {
  sha256: string
  size: number
  name: string
  vermagic: string
  version: string | null
  srcversion: string | null
  depends: string[]
  release_counter: number
  uploaded_by: string
  uploaded_at: Date
  /** Null: kept before facts were read. */
  facts: Json<ModuleFacts | null>
}

interface PatchSetsTable extends Remarks {
  id: string
  name: string
  made_by: string
  made_at: Date
}

interface PatchSetModulesTable {
  set_id: string
  sha256: string
}

interface VendorUpdatesTable extends Remarks {
  id: string
  name: string
  provider: UpdatableProvider
  level: string | null
  made_by: string
  made_at: Date
}

interface PublisherKeysTable {
  id: string
  public_key: string
  name: string
  registered_by: string
  registered_at: Date
  /** A key that was taken back never comes back. */
  revoked_at: Date | null
}

interface PatchSignaturesTable {
  sha256: string
  key_id: string
  signature: string
  added_by: string
  added_at: Date
}

export interface PatchTables {
  artefacts: ArtefactsTable
  patch_sets: PatchSetsTable
  patch_set_modules: PatchSetModulesTable
  vendor_updates: VendorUpdatesTable
  publisher_keys: PublisherKeysTable
  patch_signatures: PatchSignaturesTable
}
