import type { KernelIncident } from '@rebootless/shared/contract/kernel-readings.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import type { Selectable } from 'kysely'
import type { Int64, Json } from './column-types.ts'

/** Times in the host's own clock; readers set them right by the measured skew. */
interface KernelIncidentsTable {
  host_id: string
  /** '' where the host could not read it. */
  boot_id: string
  kmsg_sequence: Int64
  at: Date
  kind: KernelIncidentKind
  body: Json<KernelIncident>
  /** Of the message that said so last. */
  epoch: Int64
  sequence: Int64
}

/** A ring for each host: of each five minutes the first reading, which the same minutes two hours later take the place of. */
export interface KernelPressureTable {
  host_id: string
  slot: number
  /** Counts the rounds of the ring since 1970. */
  turn: Int64
  boot_id: string
  at: Date
  /** Microseconds since the boot in which some task waited; null: not known. */
  cpu_us: Int64 | null
  memory_us: Int64 | null
  io_us: Int64 | null
  /** Over one minute. */
  load: number | null
  epoch: Int64
  sequence: Int64
}

/** Shares of the time in per cent, and a load; null: not known. */
export type PressureMeans = Readonly<Record<'cpu' | 'memory' | 'io' | 'load', number | null>>

/** How a host fared before it was told. `newest`: the last reading, with which the time after it begins; `at` as text. */
export interface PressureBefore {
  readonly means: PressureMeans
  readonly newest:
    | (Pick<Selectable<KernelPressureTable>, 'boot_id' | 'cpu_us' | 'memory_us' | 'io_us'> & { readonly at: string })
    | null
}

export interface KernelTables {
  kernel_incidents: KernelIncidentsTable
  kernel_pressure: KernelPressureTable
}
