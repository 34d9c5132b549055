import * as z from 'zod'

/** RFC 3339, UTC, milliseconds: `2026-11-24T23:54:24.120Z`. */
export const Instant = z.iso.datetime({ precision: 3 })
export type Instant = z.infer<typeof Instant>

/** Given by the server at enrolment and never used again. */
export const HostId = z.uuid()
export type HostId = z.infer<typeof HostId>

/**
 * Text that comes from a host: process names, stacks, kernel messages. Hostile until shown, so it is kept as it
 * came, and only its length is bounded here.
 */
export const hostText = (charactersMax: number) => z.string().max(charactersMax)

/** A module's or livepatch's name as the kernel spells it (`_`, never `-`): include/linux/module.h, MODULE_NAME_LEN. */
export const KernelName = hostText(64)

/** The name of an errno as in errno(3): `EACCES`. */
export const ErrnoName = z.string().regex(/^E[A-Z0-9]{1,15}$/)

/** Counts messages of one agent run; with `epoch`, which rises with each run, it orders everything a host says. */
export const Sequence = z.int().min(0)
export const Epoch = z.int().min(0)

/** Of an event of the stream, in digits: HTML standard, 9.2, "last event ID". */
export const EventId = z.string().regex(/^\d{1,18}$/)

/** Why somebody does something, in his own words; the audit log keeps it. */
export const ReasonText = z.string().trim().min(1).max(1000)
/** Of an act that takes something away. */
export const ReasonGiven = z.strictObject({ reason: ReasonText })
